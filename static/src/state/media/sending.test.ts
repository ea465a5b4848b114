import { describe, expect, it, vi } from "vitest";
import { ScriptedTransceiver } from "./scripted-peer";
import { firstEncodings, Sending } from "./sending";

function setUp(source: "camera" | "screen", width = 1280, height = 720) {
  const track = { getSettings: () => ({ width, height }) } as MediaStreamTrack;
  const transceiver = new ScriptedTransceiver(track, "sendonly", firstEncodings(source, false));
  const log = vi.fn();
  const sending = new Sending(source, transceiver.sender as unknown as RTCRtpSender, false, log);
  const negotiate = (mimeType: string): void => {
    transceiver.parameters.codecs = [{ mimeType, clockRate: 90_000, payloadType: 96 }];
  };
  return { transceiver, sending, log, negotiate, encodings: () => transceiver.parameters.encodings };
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

  it("is one encoding without a name where a frame must be the same for everybody", () => {
    expect(firstEncodings("camera", false, false)).toEqual([{}]);
    expect(firstEncodings("camera", false)).toHaveLength(3);
  });
});
