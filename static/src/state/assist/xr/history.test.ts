import { describe, expect, it } from "vitest";
import { surfaceAt } from "./depth";
import { add, dot } from "./geometry";
import { CameraHistory, kept } from "./history";
import type { XrView } from "./webxr";

function view(x: number): XrView {
  const matrix = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, x, 0, 0, 1);
  const projectionMatrix = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, -0.1, 0);
  return { projectionMatrix, transform: { matrix } };
}

describe("how the last frames were taken", () => {
  it("is known for at least three seconds at sixty frames, by each frame's own time", () => {
    const history = new CameraHistory();
    for (let k = 0; k < 1_000; k++) history.push(16.7 * k, view(k), null);
    for (let k = 820; k < 1_000; k++) expect(history.find(16.7 * k)?.transform[12]).toBe(k);
    expect(history.find(16.7 * 999 + 8)).toBeNull();
    expect(history.find(0)).toBeNull();
  });

  it("stays as it was where it is kept, though the history goes on", () => {
    const history = new CameraHistory(4);
    history.push(1, view(1), null);
    const found = history.find(1);
    const copy = found ? kept(found) : null;
    for (let k = 2; k < 9; k++) history.push(k, view(k), null);
    expect(copy?.transform[12]).toBe(1);
  });

  it("tells the surface at a place, its slope with it, from depth along the axis", () => {
    const history = new CameraHistory();
    // A wall that goes away to the right: z = -2 - x, and depth is -z. Seen at x = (2 u - 1) * depth.
    const depth = {
      width: 160,
      height: 120,
      getDepthInMeters: (u: number) => 2 / (1 - (2 * u - 1)),
    };
    history.push(5, view(0), depth);
    const frame = history.find(5);
    const plane = frame ? surfaceAt(frame, 0.39, 0.52) : null;
    expect(plane?.point[2]).toBeCloseTo(-2 / (1 - (2 * 0.39 - 1)), 1);
    const normal = plane?.normal ?? [0, 0, 0];
    expect(Math.abs(dot(normal, [Math.SQRT1_2, 0, Math.SQRT1_2]))).toBeGreaterThan(0.99);
    expect(Math.hypot(...add(normal, [0, 0, 0]))).toBeCloseTo(1, 6);
  });

  it("knows nothing where nothing was measured", () => {
    const history = new CameraHistory();
    history.push(5, view(0), { width: 1, height: 1, getDepthInMeters: () => NaN });
    history.push(6, view(0), null);
    for (const at of [5, 6]) {
      const frame = history.find(at);
      expect(frame ? surfaceAt(frame, 0.5, 0.5) : "none").toBeNull();
    }
  });
});
