import { expect, it } from "vitest";
import { plainHooks } from "./hooks";

const codec = (mimeType: string): RTCRtpCodec => ({ mimeType, clockRate: 48_000 });

it("sends speech with redundancy where the browser can, and other sound without", () => {
  const hooks = plainHooks(() => ["audio/opus", "audio/red", "audio/PCMU"].map(codec));
  expect(hooks.codecs("microphone")?.map(({ mimeType }) => mimeType)).toEqual([
    "audio/red",
    "audio/opus",
    "audio/PCMU",
  ]);
  expect(hooks.codecs("screen_audio")).toBeNull();
  expect(hooks.codecs("camera")).toBeNull();
});

it("leaves the order to a browser that does not know redundancy", () => {
  expect(plainHooks(() => [codec("audio/opus")]).codecs("microphone")).toBeNull();
});

it("leaves out of the offer what a small computer cannot bear to encode", () => {
  const known = ["video/VP8", "video/rtx", "video/VP9", "video/H264", "video/AV1"].map(codec);
  const names = (cores: number) =>
    plainHooks(() => known, cores)
      .codecs("camera")
      ?.map(({ mimeType }) => mimeType);
  expect(names(8)).toBeUndefined();
  expect(names(2)).toEqual(["video/VP8", "video/rtx", "video/H264"]);
  expect(plainHooks(() => [codec("video/VP9")], 2).codecs("screen")).toBeNull();
});
