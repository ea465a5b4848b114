import { describe, expect, it, vi } from "vitest";
import { DataChannels, frame } from "./data";

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

describe("data messages", () => {
  it("carry their topic in front", () => {
    expect(new TextDecoder().decode(frame("cursor", new Uint8Array([65])))).toBe("cursor\0A");
  });

  it("reach those who listen to their topic, with the sender", () => {
    const channels = new DataChannels();
    const heard = vi.fn<(text: string, sender: string) => void>();
    const stop = channels.listen("cursor", (payload, sender) =>
      heard(new TextDecoder().decode(payload), sender),
    );
    channels.receive(bytes("cursor\0p1\0x=1\0y=2"));
    channels.receive("cursor\0p2\0text");
    channels.receive(bytes("other\0p1\0x"));
    stop();
    channels.receive(bytes("cursor\0p1\0late"));
    expect(heard.mock.calls).toEqual([
      ["x=1\0y=2", "p1"],
      ["text", "p2"],
    ]);
  });

  it("that have no form are dropped", () => {
    const channels = new DataChannels();
    const heard = vi.fn();
    channels.listen("", heard);
    for (const data of [bytes(""), bytes("no end"), bytes("one\0end"), null, 7]) channels.receive(data);
    expect(heard).not.toHaveBeenCalled();
  });

  it("are not sent on channels that are not open", () => {
    expect(new DataChannels().send("cursor", new Uint8Array(), "reliable")).toBe(false);
  });
});
