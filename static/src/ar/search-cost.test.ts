import { expect, test, vi } from "vitest";
import { PatchAligner } from "./align";
import { type Homography, projectX, projectY } from "./homography";
import { Scene, shifted } from "./synthetic";
import { createTracker } from "./tracker";

const W = 320;
const H = 240;

/** Equal keys in rows on a plain face, with nothing that tells one from the others. */
function keys(h: Homography): Uint8Array {
  const gray = new Scene(41, 0).render(W, H, h);
  for (let row = -1; row < 7; row++) {
    for (let column = -2; column < 10; column++) {
      const [x, y] = [
        projectX(h, 20 + 38 * column, 20 + 38 * row),
        projectY(h, 20 + 38 * column, 20 + 38 * row),
      ];
      for (let v = -13; v <= 13; v++) {
        for (let u = -13; u <= 13; u++) {
          const [px, py] = [Math.round(x) + u, Math.round(y) + v];
          if (px < 0 || py < 0 || px >= W || py >= H) continue;
          gray[py * W + px] = Math.max(Math.abs(u), Math.abs(v)) > 10 ? 60 : 195;
        }
      }
    }
  }
  return gray;
}

test(
  "where all places are alike the search is spread over frames, and rests while nothing changes",
  { timeout: 60_000 },
  () => {
    const tracker = createTracker(W, H);
    const blank = new Uint8Array(W * H).fill(128);
    tracker.setKeyframe(keys(shifted(0, 0)), Float32Array.of(172, 134));
    for (let k = 0; k < 12; k++) tracker.track(blank);
    const align = vi.spyOn(PatchAligner.prototype, "align");
    const aside = keys(shifted(60, 24));
    const costs = Array.from({ length: 45 }, () => {
      align.mockClear();
      expect(tracker.track(aside).state).toBe("lost");
      return align.mock.calls.length;
    });
    align.mockRestore();
    // A patch takes some ten microseconds. All that may be compared in one frame would be several thousand.
    expect(Math.max(...costs)).toBeGreaterThan(500);
    expect(Math.max(...costs)).toBeLessThan(1_600);
    expect(costs.slice(-10)).toEqual(Array<number>(10).fill(0));
  },
);
