import { expect, it } from "vitest";
import { askForDtx, sendingMids } from "./sdp";

const OFFER = [
  "v=0",
  "a=group:BUNDLE 0 1 2 d",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:0",
  "a=sendonly",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=mid:1",
  "a=inactive",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=mid:2",
  "a=sendrecv",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=mid:d",
  "",
].join("\r\n");

it("names the sections that carry media out, and no others", () => {
  expect([...sendingMids(OFFER)]).toEqual(["0", "2"]);
  expect(sendingMids("").size).toBe(0);
});

it("asks for discontinuous transmission of the microphone, and of nothing else", () => {
  const sound = (mid: string): string[] => [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
    `a=mid:${mid}`,
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:63 red/48000/2",
    "a=fmtp:63 111/111",
  ];
  const offer = ["v=0", ...sound("0"), ...sound("3"), ""].join("\r\n");
  const asked = askForDtx(offer, "0").split("\r\n");
  expect(asked.filter((line) => line.includes("usedtx"))).toEqual([
    "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1",
  ]);
  expect(asked.indexOf("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1")).toBeLessThan(
    asked.indexOf("a=mid:3"),
  );
  expect(askForDtx(asked.join("\r\n"), "0")).toBe(asked.join("\r\n"));
});
