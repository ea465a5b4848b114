import { describe, expect, test } from "vitest";
import { catchUp } from "./catch-up";
import { FrameRing, shrink, THUMB_HEIGHT, THUMB_WIDTH } from "./ring";
import { Scene, shifted } from "./synthetic";
import { createTracker } from "./tracker";

const [W, H] = [240, 180];
const scene = new Scene(21);
const frameAt = (k: number): Uint8Array => scene.render(W, H, shifted(1.6 * k, -0.8 * k));
const frames = Array.from({ length: 24 }, (_, k) => frameAt(k));

function filled(capacity: number): FrameRing {
  const ring = new FrameRing(W, H, capacity);
  frames.forEach((gray, k) => ring.push(gray, (4294966000 + 3000 * k) >>> 0, 33 * k));
  return ring;
}

function thumbnail(gray: Uint8Array): Uint8Array {
  const out = new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT);
  shrink(gray, W, H, out);
  return out;
}

describe("ring", () => {
  test("keeps the newest frames within its bounds", () => {
    expect(new FrameRing(640, 480).capacity).toBeGreaterThanOrEqual(90);
    expect(new FrameRing(640, 480, 96, 1_000_000).capacity).toBe(3);
    const ring = filled(10);
    expect(ring.length).toBe(10);
    expect(ring.at(9)?.capturedAtMs).toBe(33 * 14);
    expect(ring.at(10)).toBeNull();
  });

  test("finds a frame by its RTP timestamp, over the 32-bit wrap", () => {
    const ring = filled(24);
    expect(ring.find((4294966000 + 3000 * 20) >>> 0, null)).toBe(3);
    expect(ring.find(12345, null)).toBe(-1);
  });

  test("finds a frame by its thumbnail, as it looks after a codec", () => {
    const ring = filled(24);
    const seen = thumbnail(scene.render(W, H, shifted(1.6 * 15, -0.8 * 15), 6, 0.9, 8));
    expect(ring.find(-1, seen)).toBe(8);
  });

  test("a timestamp that was worked out may be a little off; the thumbnail says which frame beside it was meant", () => {
    const ring = filled(24);
    const stamp = (k: number): number => (4294966000 + 3000 * k) >>> 0;
    expect(ring.find(stamp(20) + 80, null)).toBe(3);
    expect(ring.find(stamp(20) + 700, null)).toBe(-1);
    expect(ring.find(stamp(20), thumbnail(frameAt(19)))).toBe(4);
    expect(ring.find(stamp(20), thumbnail(frameAt(20)))).toBe(3);
  });

  test("a timestamp whose picture is another one is not believed", () => {
    const ring = filled(24);
    expect(ring.find((4294966000 + 3000 * 20) >>> 0, thumbnail(frameAt(5)))).toBe(18);
    expect(ring.find(-1, thumbnail(new Scene(4).render(W, H, shifted(0, 0))))).toBe(-1);
    expect(ring.find(-1, new Uint8Array(7))).toBe(-1);
  });
});

describe("catching up", () => {
  test("a stroke on a frame 0.5 s ago lands on the present one", () => {
    const tracker = createTracker(W, H);
    const seen = catchUp(tracker, filled(24), 15, Float32Array.of(120, 90));
    expect(seen?.state).toBe("ok");
    expect(Math.abs((seen?.points[0] ?? 0) - 120 - 1.6 * 15)).toBeLessThan(0.5);
    expect(Math.abs((seen?.points[1] ?? 0) - 90 + 0.8 * 15)).toBeLessThan(0.5);
  });

  test("a stroke on a frame that fell out is refused", () => {
    expect(catchUp(createTracker(W, H), filled(10), 15, Float32Array.of(120, 90))).toBeNull();
  });
});
