import { describe, expect, it } from "vitest";
import { broken, isDrawn } from "./overlay";
import { distanceTo, fitInside, heart, onScreen, outline, project, toPicture } from "./overlay-geometry";

const FRAME = { width: 640, height: 480 };
const SHIFTED = [1, 0, 20, 0, 1, -10, 0, 0, 1];

describe("the place of a picture", () => {
  it("is as large as fits, in the middle, and points find their way back", () => {
    const place = fitInside({ width: 1000, height: 480 }, FRAME);
    expect(place).toEqual({ x: 180, y: 0, width: 640, height: 480 });
    expect(toPicture(fitInside({ width: 320, height: 300 }, FRAME), FRAME, 160, 150)).toEqual([320, 240]);
    expect(fitInside({ width: 0, height: 10 }, FRAME).width).toBe(0);
    expect(toPicture({ x: 0, y: 0, width: 0, height: 0 }, FRAME, 5, 5)).toEqual([0, 0]);
  });
});

describe("a mark on the screen", () => {
  it("follows the homography, in proportion to the place", () => {
    const place = { x: 100, y: 50, width: 320, height: 240 };
    const path = outline({ kind: "arrow", points: [0, 0, 100, 200] });
    expect(onScreen(path, FRAME, null, place)).toEqual([100, 50, 150, 150]);
    expect(onScreen(path, FRAME, SHIFTED, place)).toEqual([110, 45, 160, 145]);
    expect(project([1, 0, 0, 0, 1, 0, 0.001, 0, 1], 100, 0)?.[0]).toBeCloseTo(90.9, 1);
  });

  it("is not drawn where it would lie behind the camera", () => {
    const tilted = [1, 0, 0, 0, 1, 0, -0.01, 0, 1];
    expect(project(tilted, 200, 0)).toBeNull();
    expect(onScreen([10, 10, 200, 10], FRAME, tilted, { x: 0, y: 0, ...FRAME })).toBeNull();
  });

  it("has the outline of its kind and a heart", () => {
    const circle = outline({ kind: "circle", points: [0, 0, 100, 50] });
    expect(circle.slice(0, 2)).toEqual([100, 25]);
    expect(Math.max(...circle)).toBeCloseTo(100);
    expect(outline({ kind: "rectangle", points: [1, 2, 3, 4] })).toEqual([1, 2, 3, 2, 3, 4, 1, 4, 1, 2]);
    expect(heart({ kind: "arrow", points: [1, 2, 3, 4] })).toEqual([3, 4]);
    expect(heart({ kind: "freehand", points: [0, 0, 10, 4, 4, 20] })).toEqual([5, 10]);
    expect(distanceTo([0, 0, 10, 0], 5, 3)).toBe(3);
    expect(distanceTo([7, 7], 7, 11)).toBe(4);
  });

  it("is only drawn where somebody knows that it is", () => {
    expect((["placing", "ok", "weak", "lost", "unplaced"] as const).map(isDrawn)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("words on a plate", () => {
  it("break at spaces where there are any", () => {
    expect(broken("tighten the left valve to 40 Nm", 16)).toEqual(["tighten the left", "valve to 40 Nm"]);
    expect(broken("请先关闭左侧进气阀门再拧紧螺栓", 8)).toEqual(["请先关闭左侧进气", "阀门再拧紧螺栓"]);
    expect(broken("", 8)).toEqual([]);
  });
});
