import { describe, expect, it } from "vitest";
import { edgeArrow, fill } from "./edge";

const MARK = {
  id: "mark-0001",
  kind: "circle",
  color: "red",
  width: 4,
  points: [90, 90, 110, 110],
  text: "",
  number: 0,
  frame: { rtp_timestamp: 1, width: 200, height: 200 },
} as const;
const PLACE = { x: 0, y: 0, width: 200, height: 200 };

describe("the way to a mark", () => {
  const moved = (x: number, y: number): number[] => [1, 0, x, 0, 1, y, 0, 0, 1];

  it("is shown at the edge when the mark lies outside only", () => {
    expect(edgeArrow(MARK, moved(0, 0), PLACE, PLACE, 20)).toBeNull();
    expect(edgeArrow(MARK, moved(95, 0), PLACE, PLACE, 20)).toBeNull();
    const right = edgeArrow(MARK, moved(300, 0), PLACE, PLACE, 20);
    expect(right?.x).toBeCloseTo(180);
    expect(right?.y).toBeCloseTo(100);
    expect(right?.angle).toBeCloseTo(0);
    const corner = edgeArrow(MARK, moved(-300, -300), PLACE, PLACE, 20);
    expect([corner?.x, corner?.y]).toEqual([expect.closeTo(20, 0), expect.closeTo(20, 0)]);
  });

  it("a picture that fills a view is cut off evenly", () => {
    expect(fill(640, 360, 390, 844)).toEqual({
      x: expect.closeTo((390 - (844 * 640) / 360) / 2) as number,
      y: 0,
      width: expect.closeTo((844 * 640) / 360) as number,
      height: 844,
    });
  });
});
