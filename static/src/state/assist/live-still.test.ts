import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock";
import { LiveStills, type Encodable } from "./live-still";
import type { TrackedFrame } from "./tracking-protocol";

const POSE = { id: "mark-0001", state: "ok", h: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) } as const;

function frame(rtpTimestamp: number | null, capturedMs: number, hasPicture = true): TrackedFrame {
  return {
    kind: "frame",
    picture: hasPicture ? ({} as VideoFrame) : null,
    poses: [POSE],
    rtpTimestamp,
    capturedMs,
    size: { width: 640, height: 480 },
    costMs: 1,
  };
}

function setUp() {
  const clock = new ManualClock();
  const made = (words: string): Encodable => ({ encode: async () => Promise.resolve(new Blob([words])) });
  const tracking = { keep: vi.fn(), wantPicture: vi.fn() };
  const copy = vi.fn((taken: TrackedFrame) => made(`frame ${taken.capturedMs}`));
  const grab = vi.fn((): Encodable | null => made("grabbed"));
  return { clock, tracking, copy, grab, stills: new LiveStills({ clock, tracking, copy, grab }) };
}

describe("a still of a narrow line", () => {
  it("is one frame, with its own name and the marks in it, and stays known under that name", async () => {
    const { stills, tracking } = setUp();
    stills.offer(frame(100, 10));
    const taking = stills.take(640);
    expect(tracking.wantPicture).toHaveBeenCalledOnce();
    stills.offer(frame(190, 11, false)); // its picture was not passed on
    stills.offer(frame(280, 12));
    stills.offer(frame(370, 13));
    const still = await taking;
    expect(still).toMatchObject({ rtpTimestamp: 280, poses: [POSE] });
    expect(await (await still?.encode(0.5))?.text()).toBe("frame 12");
    expect(tracking.keep.mock.calls).toEqual([[280, 12]]);
  });

  it("gets a name of its own where frames have none", async () => {
    const { stills, tracking, clock } = setUp();
    const taking = stills.take(640);
    stills.offer(frame(null, 12));
    expect((await taking)?.rtpTimestamp).toBe((clock.now() * 90) % 2 ** 32);
    expect(tracking.keep).toHaveBeenCalledWith((clock.now() * 90) % 2 ** 32, 12);
  });

  it("is the running picture where a browser gives no frames, and nothing without a camera", async () => {
    const { stills, tracking, clock, grab } = setUp();
    stills.offer(frame(100, 10, false));
    const taking = stills.take(640);
    clock.advance(1_000);
    expect(await taking).toMatchObject({ rtpTimestamp: 100, poses: [] });
    expect(tracking.keep).toHaveBeenCalledWith(100, null);
    grab.mockReturnValue(null);
    const none = stills.take(640);
    clock.advance(1_000);
    expect(await none).toBeNull();
  });
});
