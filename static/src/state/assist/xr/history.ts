import type { Camera } from "./geometry";
import type { XrDepth, XrView } from "./webxr";

/** Frames that are remembered: four seconds at 60 a second, as long as the frames of the tracker at least. */
const CAPACITY = 240;
/** Depth is kept as a small grid: what is asked for is one place and the slope there. */
export const DEPTH_COLUMNS = 32;
export const DEPTH_ROWS = 24;
/** Clocks that went through a worker and back are equal up to rounding. */
const SAME_MS = 0.5;

interface Slot {
  atMs: number;
  readonly projection: Float64Array;
  readonly transform: Float64Array;
  readonly depth: Float32Array;
  hasDepth: boolean;
}

/** How a frame was taken. The arrays are the history's own and are overwritten when the frame falls out. */
export interface Remembered extends Camera {
  readonly atMs: number;
  /** Metres by place, row by row from the top left; 0 where nothing is known. Null: not measured. */
  readonly depth: Float32Array | null;
}

/** Pose and projection of the last frames, by the time under which a frame went to the tracker and into the video. */
export class CameraHistory {
  readonly #slots: Slot[] = [];
  #next = 0;

  constructor(private readonly capacity = CAPACITY) {}

  push(atMs: number, view: XrView, depth: XrDepth | null): void {
    const slot = (this.#slots[this.#next] ??= {
      atMs: 0,
      projection: new Float64Array(16),
      transform: new Float64Array(16),
      depth: new Float32Array(DEPTH_COLUMNS * DEPTH_ROWS),
      hasDepth: false,
    });
    this.#next = (this.#next + 1) % this.capacity;
    slot.atMs = atMs;
    slot.projection.set(view.projectionMatrix);
    slot.transform.set(view.transform.matrix);
    slot.hasDepth = depth !== null;
    if (depth) sample(depth, slot.depth);
  }

  find(atMs: number): Remembered | null {
    const slot = this.#slots.find((other) => Math.abs(other.atMs - atMs) <= SAME_MS);
    if (!slot) return null;
    const { projection, transform } = slot;
    return { atMs: slot.atMs, projection, transform, depth: slot.hasDepth ? slot.depth : null };
  }
}

function sample(depth: XrDepth, out: Float32Array): void {
  for (let row = 0, k = 0; row < DEPTH_ROWS; row++)
    for (let column = 0; column < DEPTH_COLUMNS; column++, k++) {
      const metres = depth.getDepthInMeters((column + 0.5) / DEPTH_COLUMNS, (row + 0.5) / DEPTH_ROWS);
      out[k] = Number.isFinite(metres) && metres > 0 ? metres : 0;
    }
}

/** Copies that stay: for what is kept longer than the history goes back. */
export function kept({ projection, transform }: Camera): Camera {
  return { projection: Float64Array.from(projection), transform: Float64Array.from(transform) };
}
