import { expect, it } from "vitest";
import { sendingMids } from "./sdp";

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
