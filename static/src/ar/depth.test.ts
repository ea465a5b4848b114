import { describe, expect, it } from "vitest";
import { Scene, shifted } from "./synthetic";
import { createTracker } from "./tracker";

const WIDTH = 320;
const HEIGHT = 240;
const MARK_X = 150;
const MARK_Y = 118;
/** The bar before the wall is so wide to both sides of the mark. */
const HALF_BAR = 13;

/** A wall, and a bar before it that wanders by `x` in the picture while the wall stands. */
function frame(wall: Uint8Array, bar: Scene, x: number): Uint8Array {
  const out = wall.slice();
  const near = bar.render(WIDTH, HEIGHT, shifted(x, 0), 0);
  const from = (MARK_Y - HALF_BAR) * WIDTH;
  const to = (MARK_Y + HALF_BAR) * WIDTH;
  out.set(near.subarray(from, to), from);
  return out;
}

describe("a mark on a narrow part before a far wall", { timeout: 60_000 }, () => {
  const wall = new Scene(41).render(WIDTH, HEIGHT, shifted(0, 0), 0);
  const bar = new Scene(42);
  const at = (k: number): number => 14 * (1 - Math.cos(k / 9));

  it("stays on the part, not with what is behind it", () => {
    const tracker = createTracker(WIDTH, HEIGHT);
    expect(tracker.setKeyframe(frame(wall, bar, 0), Float32Array.of(MARK_X, MARK_Y))).toBe(true);
    let shown = 0;
    for (let k = 0; k < 30; k++) {
      const { state, points } = tracker.track(frame(wall, bar, at(k)));
      if (state === "lost") continue;
      expect(Math.hypot((points[0] ?? NaN) - MARK_X - at(k), (points[1] ?? NaN) - MARK_Y)).toBeLessThan(3);
      shown++;
    }
    expect(shown).toBeGreaterThan(25);
  });

  it("is not said to be sure while the part itself does not show", () => {
    const tracker = createTracker(WIDTH, HEIGHT);
    tracker.setKeyframe(frame(wall, bar, 0), Float32Array.of(MARK_X, MARK_Y));
    for (let k = 0; k < 12; k++) tracker.track(frame(wall, bar, at(k)));
    // The part's surface is another one now: wiped over, or turned away.
    const other = new Scene(43);
    for (let k = 12; k < 30; k++)
      expect(tracker.track(frame(wall, other, at(k))).state, `frame ${k}`).not.toBe("ok");
  });
});
