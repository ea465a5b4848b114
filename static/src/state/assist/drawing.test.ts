import { describe, expect, it } from "vitest";
import { MARK_POINTS_MAX } from "../../protocol.gen";
import { Stroke, thinned, type PenSample } from "./drawing";

const FRAME = { width: 640, height: 480 };
const at = (x: number, y: number, pressure = 0.5): PenSample => ({ x, y, pressure });

describe("a stroke", () => {
  it("spans from where the pen came down to where it is, inside of the frame", () => {
    const stroke = new Stroke("circle", FRAME, 5, at(100, 90));
    stroke.move([at(120, 95), at(300.26, 200)]);
    stroke.move([at(900, -20)]);
    expect(stroke.shape()).toEqual({ kind: "circle", points: [100, 90, 640, 0], width: 5 });
  });

  it("is nothing while it is a slip, and one point for words and numbers", () => {
    const slip = new Stroke("arrow", FRAME, 5, at(10, 10));
    slip.move([at(13, 12)]);
    expect(slip.shape()).toBeNull();
    const number = new Stroke("number", FRAME, 5, at(10, 10));
    number.move([at(40, 30)]);
    expect(number.shape()?.points).toEqual([40, 30]);
  });

  it("goes along the hand, thinned out to what a mark may have", () => {
    const line = new Stroke("freehand", FRAME, 5, at(0, 0));
    line.move(Array.from({ length: 200 }, (_, k) => at(k, k)));
    expect(line.shape()?.points).toEqual([0, 0, 199, 199]);
    const wild = new Stroke("freehand", FRAME, 5, at(0, 0));
    wild.move(Array.from({ length: 4_000 }, (_, k) => at((k * 97) % 640, (k * 61) % 480)));
    const points = wild.shape()?.points ?? [];
    expect(points.length / 2).toBeLessThanOrEqual(MARK_POINTS_MAX);
    expect(points.length / 2).toBeGreaterThan(20);
  });

  it("is wider where the pen was pressed harder", () => {
    const width = (pressure: number): number | undefined => {
      const stroke = new Stroke("freehand", FRAME, 6, at(0, 0, pressure));
      stroke.move([at(50, 50, pressure)]);
      return stroke.shape()?.width;
    };
    expect([width(0), width(0.5), width(1)]).toEqual([3, 6, 9]);
    expect(new Stroke("number", FRAME, 200, at(0, 0, 1)).shape()?.width).toBe(24);
  });
});

describe("thinning", () => {
  it("stays close to the path that it came from", () => {
    const path = Array.from({ length: 300 }, (_, k) => [k, 40 * Math.sin(k / 30)]).flat();
    const kept = thinned(path, 64);
    expect(kept.length / 2).toBeLessThanOrEqual(64);
    expect(kept.slice(0, 2)).toEqual([0, 0]);
    for (let k = 0; k + 3 < kept.length; k += 2) {
      const middle = ((kept[k] ?? 0) + (kept[k + 2] ?? 0)) / 2;
      const y = ((kept[k + 1] ?? 0) + (kept[k + 3] ?? 0)) / 2;
      expect(Math.abs(y - 40 * Math.sin(middle / 30))).toBeLessThan(2.5);
    }
  });
});
