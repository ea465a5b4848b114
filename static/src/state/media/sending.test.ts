import { describe, expect, it, vi } from "vitest";
import { ScriptedTransceiver } from "./scripted-peer";
import { firstEncodings, Sending } from "./sending";

function setUp(source: "camera" | "screen" | "microphone", width = 1280, height = 720) {
  const track = { getSettings: () => ({ width, height }) } as MediaStreamTrack;
  const transceiver = new ScriptedTransceiver(track, "sendonly", firstEncodings(source, false));
  const log = vi.fn();
  const renegotiate = vi.fn();
  const sender = transceiver.sender as unknown as RTCRtpSender;
  const sending = new Sending(source, sender, false, log, renegotiate);
  const negotiate = (mimeType: string): void => {
    transceiver.parameters.codecs = [{ mimeType, clockRate: 90_000, payloadType: 96 }];
  };
  return {
    transceiver,
    sending,
    log,
    renegotiate,
    negotiate,
    encodings: () => transceiver.parameters.encodings,
  };
}

describe("how a source is sent", () => {
  it("is full size when only one encoding was negotiated", async () => {
    const { transceiver, sending, encodings } = setUp("camera");
    transceiver.parameters.encodings.splice(1);
    expect(encodings()).toMatchObject([{ scaleResolutionDownBy: 4 }]);
    sending.refresh();
    await vi.waitFor(() =>
      expect(encodings()).toMatchObject([{ scaleResolutionDownBy: 1, maxBitrate: 1_700_000 }]),
    );
  });

  it("has layers in one stream with a codec that can, and none after it", async () => {
    const { negotiate, sending, encodings } = setUp("camera");
    negotiate("video/AV1");
    sending.refresh();
    await vi.waitFor(() =>
      expect(encodings()).toMatchObject([
        { active: true, scaleResolutionDownBy: 1, scalabilityMode: "L3T3_KEY" },
        { active: false },
        { active: false },
      ]),
    );
    negotiate("video/H264");
    sending.refresh();
    await vi.waitFor(() => expect(encodings()[0]).not.toHaveProperty("scalabilityMode"));
    expect(encodings().map(({ active }) => active)).toEqual([true, true, true]);
  });

  it("goes over to the codec that is wanted, in all sizes, and is asked for nothing it has", async () => {
    const { transceiver, sending, renegotiate, encodings } = setUp("camera");
    const agreed = (mimeType: string, payloadType: number) => ({ mimeType, clockRate: 90_000, payloadType });
    transceiver.parameters.codecs = [agreed("video/VP8", 96), agreed("video/H264", 108)];
    sending.prefer("VP8");
    sending.prefer("H264");
    const codecs = () => encodings().map((each) => (each as { codec?: RTCRtpCodec }).codec?.mimeType);
    await vi.waitFor(() => expect(codecs()).toEqual(["video/H264", "video/H264", "video/H264"]));
    sending.prefer("VP8");
    await vi.waitFor(() => expect(codecs()).toEqual(["video/VP8", "video/VP8", "video/VP8"]));
    expect(renegotiate).not.toHaveBeenCalled();
  });

  it("asks once for a new negotiation where the browser cannot change the codec by itself", async () => {
    const { transceiver, sending, renegotiate, negotiate } = setUp("camera");
    transceiver.parameters.codecs.push({ mimeType: "video/H264", clockRate: 90_000, payloadType: 108 });
    const { setParameters: set } = { ...transceiver.sender };
    transceiver.sender.setParameters = (parameters) => {
      for (const encoding of parameters.encodings) delete (encoding as { codec?: RTCRtpCodec }).codec;
      return set(parameters);
    };
    sending.prefer("H264");
    await vi.waitFor(() => expect(renegotiate).toHaveBeenCalledOnce());
    sending.refresh();
    negotiate("video/H264"); // it has come
    sending.refresh();
    sending.prefer("VP8"); // and cannot be had at all
    await vi.waitFor(() => expect(renegotiate).toHaveBeenCalledTimes(2));
    sending.ask([]);
    await vi.waitFor(() => expect(transceiver.parameters.encodings[0]?.active).toBe(false));
    expect(renegotiate).toHaveBeenCalledTimes(2);
  });

  it("sets one thing after the other, and the last wish holds", async () => {
    const { transceiver, sending, encodings } = setUp("camera");
    const releases: (() => void)[] = [];
    const { setParameters: set } = { ...transceiver.sender };
    const spy = vi.fn(async (parameters: RTCRtpSendParameters) => {
      await new Promise<void>((resolve) => releases.push(resolve));
      await set(parameters);
    });
    transceiver.sender.setParameters = spy;
    sending.ask(["q"]);
    sending.ask(["h"]);
    sending.ask(["f"]);
    await vi.waitFor(() => expect(releases).toHaveLength(1));
    expect(spy).toHaveBeenCalledTimes(1);
    releases[0]?.();
    await vi.waitFor(() => expect(releases).toHaveLength(2));
    releases[1]?.();
    await vi.waitFor(() => expect(encodings().map(({ active }) => active)).toEqual([false, false, true]));
    expect(spy).toHaveBeenCalledTimes(2);
  });

  it("sends a screen without layers when the encoder has none, and complains of what stays refused", async () => {
    const { transceiver, sending, log, encodings } = setUp("screen");
    const { setParameters: set } = { ...transceiver.sender };
    transceiver.sender.setParameters = (parameters) =>
      "scalabilityMode" in (parameters.encodings[0] ?? {})
        ? Promise.reject(new DOMException("no such mode", "OperationError"))
        : set(parameters);
    sending.ask([]);
    await vi.waitFor(() => expect(encodings()[0]).toMatchObject({ active: false }));
    expect(log).not.toHaveBeenCalled();
    transceiver.sender.setParameters = () => Promise.reject(new DOMException("no", "OperationError"));
    sending.ask(["f"]);
    await vi.waitFor(() => expect(log).toHaveBeenCalledOnce());
  });

  it("is held: nothing is sent until it goes on, whatever the server asks for meanwhile", async () => {
    const { sending, encodings } = setUp("camera");
    sending.hold(true);
    sending.ask(["f"]);
    await vi.waitFor(() => expect(encodings().map(({ active }) => active)).toEqual([false, false, false]));
    sending.hold(false);
    await vi.waitFor(() => expect(encodings().map(({ active }) => active)).toEqual([false, false, true]));
  });

  it("leaves room for other things on a narrow line, if it is speech", async () => {
    const { sending, encodings } = setUp("microphone");
    sending.narrow(true);
    await vi.waitFor(() => expect(encodings()).toMatchObject([{ maxBitrate: 16_000 }]));
    sending.narrow(false);
    await vi.waitFor(() => expect(encodings()[0]).not.toHaveProperty("maxBitrate"));
  });

  it("is one encoding without a name where a frame must be the same for everybody", () => {
    expect(firstEncodings("camera", false, false)).toEqual([{}]);
    expect(firstEncodings("camera", false)).toHaveLength(3);
  });
});
