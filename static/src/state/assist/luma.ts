/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */

/** The tracker works on at most so many pixels: 640 x 480. */
const PIXELS_MAX = 307_200;
const SIDE_LEAST = 96;

/** How a camera's frame becomes what is tracked: every `step` x `step` pixels are averaged, then the picture is turned. */
export interface WorkingSize {
  readonly width: number;
  readonly height: number;
  readonly step: number;
  /** Clockwise quarter turns that the camera's pixels need to stand upright. */
  readonly turns: 0 | 1 | 2 | 3;
}

/** Of a frame with these pixels as they lie in memory; `rotation` is the frame's, degrees clockwise. Null: too small. */
export function workingSize(width: number, height: number, rotation = 0): WorkingSize | null {
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / PIXELS_MAX)));
  const turns = (((Math.round(rotation / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  if (Math.min(w, h) < SIDE_LEAST) return null;
  return turns % 2 === 0 ? { width: w, height: h, step, turns } : { width: h, height: w, step, turns };
}

/** Averages and turns a luma plane of `stride` bytes a row into `out` (width x height bytes of `size`). */
export function takeLuma(plane: Uint8Array, stride: number, size: WorkingSize, out: Uint8Array): void {
  const { step, turns } = size;
  const [columns, rows] = turns % 2 === 0 ? [size.width, size.height] : [size.height, size.width];
  const area = step * step;
  for (let y = 0; y < rows; y++) {
    // Where the row's first pixel goes, and how far from one to the next.
    const [start, stepOut] =
      turns === 0
        ? [y * columns, 1]
        : turns === 1
          ? [rows - 1 - y, rows]
          : turns === 2
            ? [(rows - y) * columns - 1, -1]
            : [(columns - 1) * rows + y, -rows];
    const row = y * step * stride;
    if (step === 1 && turns === 0) {
      out.set(plane.subarray(row, row + columns), start);
      continue;
    }
    for (let x = 0, at = start; x < columns; x++, at += stepOut) {
      let sum = 0;
      for (let v = 0, from = row + x * step; v < step; v++, from += stride)
        for (let u = 0; u < step; u++) sum += plane[from + u]!;
      out[at] = (sum + (area >> 1)) / area;
    }
  }
}

/** Luma of RGBA pixels (ITU-R BT.601), for browsers that give a canvas only. */
export function lumaOfRgba(rgba: Uint8ClampedArray, out: Uint8Array): void {
  for (let k = 0, at = 0; k < out.length; k++, at += 4)
    out[k] = (77 * rgba[at]! + 150 * rgba[at + 1]! + 29 * rgba[at + 2]! + 128) >> 8;
}
