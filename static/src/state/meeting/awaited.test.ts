import { describe, expect, it } from "vitest";
import type { Source, Want } from "../../protocol.gen";
import { participant, roomView } from "../scripted-server";
import { isMediaAwaited } from "./awaited";

const track = (
  id: string,
  source: Source,
  muted = false,
): { id: string; source: Source; codec: string; muted: boolean } => ({
  id,
  source,
  codec: "",
  muted,
});
const want = (track_id: string, visible = true): Want => ({ track_id, visible });

describe("what should be arriving", () => {
  const view = roomView([
    participant("me", { tracks: [track("own", "microphone")] }),
    participant("quiet", { tracks: [track("quiet-mic", "microphone", true)] }),
    participant("seen", { tracks: [track("seen-camera", "camera")] }),
  ]);

  it("is what others send and this page asked for", () => {
    expect(isMediaAwaited(view, "me", [want("seen-camera")], false)).toBe(true);
    expect(isMediaAwaited(view, "me", [want("seen-camera", false), want("own")], false)).toBe(false);
    expect(isMediaAwaited(view, "me", [], false)).toBe(false);
  });

  it("is nothing from whoever is muted", () => {
    expect(isMediaAwaited(view, "me", [want("quiet-mic")], false)).toBe(false);
  });

  it("is no picture where the line carries sound only", () => {
    expect(isMediaAwaited(view, "me", [want("seen-camera")], true)).toBe(false);
  });
});
