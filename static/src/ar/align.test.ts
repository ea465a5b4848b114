import { describe, expect, test } from "vitest";
import { PatchAligner } from "./align";
import { Corners } from "./corners";
import { identity } from "./homography";
import { Pyramid } from "./pyramid";
import { Scene, shifted } from "./synthetic";

const [W, H] = [160, 120];

function pyramid(gray: Uint8Array): Pyramid {
  const built = new Pyramid(W, H);
  built.build(gray);
  return built;
}

function strongest(gray: Uint8Array): [number, number] {
  const corners = new Corners(W * H, W);
  corners.measure(gray, W, H, 3);
  const out = new Float32Array(20);
  expect(corners.pick(10, 3, Int32Array.of(40, 30, 120, 90), 10, out)).toBeGreaterThan(3);
  return [out[0] ?? 0, out[1] ?? 0];
}

describe("patch alignment", () => {
  const scene = new Scene(3);
  const first = scene.render(W, H, identity());
  const [x, y] = strongest(first);
  const still = Float64Array.of(1, 0, 0, 1);

  test("finds a shift to a tenth of a pixel, coarse to fine, in other light", () => {
    const second = scene.render(W, H, shifted(7.3, -5.6), 1, 0.6, 30);
    const a = new PatchAligner();
    expect(a.align(pyramid(first), x, y, still, pyramid(second), x, y, 2, 0, 6)).toBe(true);
    expect(Math.abs(a.x - x - 7.3)).toBeLessThan(0.1);
    expect(Math.abs(a.y - y + 5.6)).toBeLessThan(0.1);
    expect(a.ncc).toBeGreaterThan(0.95);
  });

  test("warps the patch by the map it is given", () => {
    const map = Float64Array.of(1.3, 0.2, 3 - 0.3 * x - 0.2 * y, -0.2, 1.3, 0.2 * x - 0.3 * y, 0, 0, 1);
    const second = scene.render(W, H, map);
    const a = new PatchAligner();
    const j = Float64Array.of(1.3, 0.2, -0.2, 1.3);
    expect(a.align(pyramid(first), x, y, j, pyramid(second), x + 1.5, y + 1, 1, 0, 6)).toBe(true);
    expect(Math.hypot(a.x - x - 3, a.y - y)).toBeLessThan(0.15);
  });

  test("says no without texture and over the border", () => {
    const a = new PatchAligner();
    const flat = pyramid(new Uint8Array(W * H).fill(90));
    expect(a.align(flat, 80, 60, still, flat, 80, 60, 1, 0, 6)).toBe(false);
    expect(a.align(pyramid(first), 2, 2, still, pyramid(first), 2, 2, 0, 0, 6)).toBe(false);
  });
});
