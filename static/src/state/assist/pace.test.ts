import { describe, expect, it } from "vitest";
import { PaceMaker } from "./pace";

function play(pace: PaceMaker, frames: number, costMs: number, fromMs = 0): number {
  let at = fromMs;
  for (let k = 0; k < frames; k++) pace.frame(costMs, (at += 33 * pace.now.stride));
  return at;
}

describe("the pace", () => {
  it("is full on a phone that has power and time", () => {
    const pace = new PaceMaker();
    play(pace, 200, 9);
    expect(pace.now).toEqual({ budgetMs: 24, stride: 1, framesPerS: 30, spares: false });
  });

  it("leaves frames out when following takes longer than they do, and takes them again", () => {
    const pace = new PaceMaker();
    const at = play(pace, 200, 55);
    expect(pace.now.stride).toBe(2);
    play(pace, 400, 8, at);
    expect(pace.now.stride).toBe(1);
  });

  it("is spared by what heat and the battery say, not while it is charged", () => {
    const pace = new PaceMaker();
    pace.know({ battery: 0.15, charging: false, warm: false });
    expect(pace.now).toMatchObject({ framesPerS: 20, spares: true });
    pace.know({ battery: 0.15, charging: true, warm: false });
    expect(pace.now.spares).toBe(false);
    pace.know({ battery: 0.9, charging: true, warm: true });
    expect(pace.now.spares).toBe(true);
    pace.know({ battery: 0.05, charging: false, warm: false });
    expect(pace.now.framesPerS).toBe(12);
  });
});
