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
