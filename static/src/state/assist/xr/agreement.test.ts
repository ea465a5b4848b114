import { describe, expect, it } from "vitest";
import { type Homography, identity, projectX } from "../../../ar/homography";
import { Agreement } from "./agreement";

/** A step to the right by so many pixels of a picture 640 wide. */
function right(pixels: number): Homography {
  const h = identity();
  h[2] = pixels / 640;
  return h;
}

function open(): Agreement {
  return new Agreement([0.5, 0.5], 4 / 3);
}

const at = (map: Homography | null): number => (map ? 640 * projectX(map, 0.5, 0.5) - 320 : NaN);

describe("who is believed of anchor and picture", () => {
  it("the tracker alone without an anchor", () => {
    const tracked = { state: "ok", map: right(9) } as const;
    expect(open().decide(null, tracked)).toEqual({ ...tracked, wish: "none" });
  });

  it("both, while they agree, and the anchor is led to where the picture shows the mark", () => {
    const agreement = open();
    const [first] = Array.from({ length: 20 }, () =>
      agreement.decide(right(0), { state: "ok", map: right(4) }),
    );
    expect(first?.state).toBe("ok");
    expect(at(first?.map ?? null)).toBeGreaterThan(0);
    expect(at(first?.map ?? null)).toBeLessThan(2);
    expect(at(agreement.decide(right(0), { state: "ok", map: right(4) }).map)).toBeCloseTo(4, 1);
    // What was learnt holds for frames that the tracker has not looked at.
    expect(at(agreement.corrected(right(50)))).toBeCloseTo(54, 1);
  });

  it("the anchor, as weak, where the picture does not show the mark", () => {
    for (const state of ["weak", "lost"] as const) {
      const agreed = open().decide(right(2), { state, map: state === "weak" ? right(40) : null });
      expect(agreed.state).toBe("weak");
      expect(at(agreed.map)).toBeCloseTo(2, 6);
    }
  });

  it("the picture, as weak, where they differ; then the anchor is laid anew, and in the end given up", () => {
    const agreement = open();
    const wishes = Array.from({ length: 45 }, () => {
      const agreed = agreement.decide(right(0), { state: "ok", map: right(30) });
      expect(agreed.state).toBe("weak");
      expect(at(agreed.map)).toBeCloseTo(30, 6);
      return agreed.wish;
    });
    expect(wishes.slice(0, 5)).toEqual(Array(5).fill("none"));
    expect(wishes.slice(5, 44)).toEqual(Array(39).fill("relay"));
    expect(wishes[44]).toBe("drop");
  });

  it("nobody who creeps away: what is learnt is bounded", () => {
    const agreement = open();
    let last: string = "ok";
    for (let k = 0; k < 200 && last === "ok"; k++)
      last = agreement.decide(right(0), { state: "ok", map: right(0.5 * k) }).state;
    expect(last).toBe("weak");
    expect(at(agreement.corrected(right(0)))).toBeLessThanOrEqual(6.01);
  });
});
