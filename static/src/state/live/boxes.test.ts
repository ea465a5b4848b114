import { describe, expect, it } from "vitest";
import { boxesOf, type StageLayout } from "./boxes";

describe("where pictures are", () => {
  it.each<[StageLayout, number, number]>([
    ["solo", 3, 1],
    ["side_by_side", 0, 0],
    ["side_by_side", 5, 5],
    ["picture_in_picture", 2, 2],
    ["slides", 1, 1],
    ["slides", 2, 2],
  ])("of %s with %d are %d, inside the whole", (layout, count, boxes) => {
    const found = boxesOf(layout, count);
    expect(found).toHaveLength(boxes);
    for (const box of found) {
      expect(box.left).toBeGreaterThanOrEqual(-1e-9);
      expect(box.top).toBeGreaterThanOrEqual(-1e-9);
      expect(box.left + box.width).toBeLessThanOrEqual(1 + 1e-9);
      expect(box.top + box.height).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it("side by side do not overlap", () => {
    for (let count = 2; count <= 9; count++) {
      const boxes = boxesOf("side_by_side", count);
      for (const [index, one] of boxes.entries())
        for (const other of boxes.slice(index + 1)) {
          const apart =
            one.left + one.width <= other.left + 1e-9 ||
            other.left + other.width <= one.left + 1e-9 ||
            one.top + one.height <= other.top + 1e-9 ||
            other.top + other.height <= one.top + 1e-9;
          expect(apart).toBe(true);
        }
    }
  });
});
