/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are clamped to the grid. */
import { add, cross, dot, faced, type Plane, rayThrough, turn, type Vector } from "./geometry";
import { DEPTH_COLUMNS, DEPTH_ROWS, type Remembered } from "./history";

/** Depths beside a place that differ by more of it than this belong to something else. */
const STEP = 0.15;

/** The surface at a place of a remembered frame (0..1 from its top left) by its depth; null where that was not measured. */
export function surfaceAt(frame: Remembered, u: number, v: number): Plane | null {
  const { depth } = frame;
  if (!depth) return null;
  const column = clamp(Math.floor(u * DEPTH_COLUMNS), DEPTH_COLUMNS);
  const row = clamp(Math.floor(v * DEPTH_ROWS), DEPTH_ROWS);
  const here = depth[row * DEPTH_COLUMNS + column]!;
  if (here <= 0) return null;
  const ray = rayThrough(frame, u, v);
  // Depth is along the camera's axis, not along the ray (W3C WebXR Depth Sensing 5).
  const axis = turn(frame.transform, [0, 0, -1]);
  const point = along(here, ray.direction, ray.origin, axis);
  const beside = (dx: number, dy: number): Vector | null => {
    const metres = depth[clamp(row + dy, DEPTH_ROWS) * DEPTH_COLUMNS + clamp(column + dx, DEPTH_COLUMNS)]!;
    if (Math.abs(metres - here) > STEP * here) return null;
    const other = rayThrough(
      frame,
      (clamp(column + dx, DEPTH_COLUMNS) + 0.5) / DEPTH_COLUMNS,
      (clamp(row + dy, DEPTH_ROWS) + 0.5) / DEPTH_ROWS,
    );
    return along(metres, other.direction, other.origin, axis);
  };
  const [left, right, up, down] = [beside(-1, 0), beside(1, 0), beside(0, -1), beside(0, 1)];
  const normal = left && right && up && down ? cross(add(right, left, -1), add(down, up, -1)) : null;
  return faced(ray, point, normal && Math.hypot(...normal) > 1e-9 ? normal : null);
}

function along(metres: number, direction: Vector, origin: Vector, axis: Vector): Vector {
  return add(origin, direction, metres / Math.max(0.2, dot(direction, axis)));
}

function clamp(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}
