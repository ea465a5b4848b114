import { describe, expect, it } from "vitest";
import { Motion } from "./motion";

const LOOK_MS = 150;

/** How many seconds it takes until the encoder is said to fall behind, of ten; 0: never. */
function felt(capturedPerS: number, madePerS: number, isActive = true, bps = 900_000): number {
  const motion = new Motion();
  for (let nowMs = 0; nowMs < 10_000; nowMs += LOOK_MS) {
    const seconds = nowMs / 1_000;
    const pictures = {
      captured: Math.floor(100 + seconds * capturedPerS),
      made: Math.floor(seconds * madePerS),
      bytes: (seconds * bps) / 8,
      isActive,
    };
    if (motion.fallsBehind(nowMs, "f", pictures, 1e6)) return seconds;
  }
  return 0;
}

describe("an encoder", () => {
  it("keeps up, or is slow with a slow camera", () => {
    expect([felt(25, 25), felt(25, 18), felt(15, 10), felt(6, 1)]).toEqual([0, 0, 0, 0]);
  });

  it("falls behind when it makes few of the pictures for two seconds", () => {
    expect(felt(25, 9)).toBeGreaterThanOrEqual(2);
    expect(felt(25, 9)).toBeLessThan(3);
    expect(felt(30, 0)).toBeGreaterThan(0);
  });

  it("is not kept behind by a line that it does not fill", () => {
    expect(felt(25, 5, true, 400_000)).toBe(0);
  });

  it("tells nothing while it rests, and begins anew with another", () => {
    expect(felt(25, 0, false)).toBe(0);
    const motion = new Motion();
    let captured = 0;
    for (let second = 0; second < 10; second++) {
      const rid = second % 2 ? "h" : "f";
      expect(
        motion.fallsBehind(second * 1_000, rid, { captured, made: 0, bytes: 0, isActive: true }, 0),
      ).toBe(false);
      captured += 25;
    }
    expect(motion.fallsBehind(20_000, "f", undefined, 0)).toBe(false);
  });
});
