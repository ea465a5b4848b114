/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { StoredKeyframe, StoredView } from "../../ar";
import { type Homography, invert, multiply } from "../../ar/homography";

/** Bytes that one keyframe may take where machines' marks are kept. */
export const KEYFRAME_MAX_BYTES = 256_000;
const HEAD_BYTES = 20;
const VIEW_HEAD_BYTES = 76;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixel centres of one picture to those of another: x -> scale x + dx, y -> scale y + dy. */
interface Placement {
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * A keyframe in pictures of another size, for another camera or one that was turned: the longer sides are made equal, as a
 * turned camera keeps its scale, and what does not fit is cut off; the rest is filled with the mean.
 */
export function fitKeyframe(keyframe: StoredKeyframe, to: Size): StoredKeyframe {
  if (keyframe.width === to.width && keyframe.height === to.height) return keyframe;
  const scale = Math.max(to.width, to.height) / Math.max(keyframe.width, keyframe.height);
  return place(keyframe, to, scale);
}

/** Half as large each way, and so many views as may be kept: features are looked for at that size anyway. */
export function packKeyframe(keyframe: StoredKeyframe): StoredKeyframe {
  const to = { width: Math.floor(keyframe.width / 2), height: Math.floor(keyframe.height / 2) };
  let size = HEAD_BYTES;
  const views: StoredView[] = [];
  for (const view of keyframe.views) {
    size += VIEW_HEAD_BYTES + 4 * view.points.length + to.width * to.height;
    if (size > KEYFRAME_MAX_BYTES) break;
    views.push(view);
  }
  return place({ ...keyframe, views }, to, 0.5);
}

function place(keyframe: StoredKeyframe, to: Size, scale: number): StoredKeyframe {
  const at = placement(keyframe, to, scale);
  return {
    ...to,
    views: keyframe.views.map((view) => ({
      gray: redraw(view.gray, keyframe, to, at),
      points: view.points.map((value, k) => scale * value + (k % 2 === 0 ? at.dx : at.dy)),
      fromKey: conjugate(view.fromKey, at),
    })),
  };
}

/** Where `fitKeyframe` puts a point of the former picture. */
export function placement(from: Size, to: Size, scale: number): Placement {
  return {
    scale,
    dx: (to.width - scale * from.width) / 2 + (scale - 1) / 2,
    dy: (to.height - scale * from.height) / 2 + (scale - 1) / 2,
  };
}

function conjugate(h: Homography, { scale, dx, dy }: Placement): Homography {
  const there = Float64Array.of(scale, 0, dx, 0, scale, dy, 0, 0, 1);
  const back = new Float64Array(9);
  invert(there, back);
  const out = new Float64Array(9);
  multiply(h, back, out);
  multiply(there, out, out);
  return out;
}

function redraw(gray: Uint8Array, from: Size, to: Size, { scale, dx, dy }: Placement): Uint8Array {
  const out = new Uint8Array(to.width * to.height);
  const fill = Math.round(gray.reduce((sum, value) => sum + value, 0) / gray.length);
  const blocks = Math.max(1, Math.round(1 / scale));
  for (let y = 0; y < to.height; y++) {
    const v = (y - dy) / scale;
    for (let x = 0; x < to.width; x++) {
      const u = (x - dx) / scale;
      out[y * to.width + x] =
        u < -0.5 || v < -0.5 || u > from.width - 0.5 || v > from.height - 0.5
          ? fill
          : blocks > 1
            ? mean(gray, from, u, v, blocks)
            : between(gray, from, u, v);
    }
  }
  return out;
}

function mean(gray: Uint8Array, from: Size, u: number, v: number, blocks: number): number {
  const x0 = Math.max(0, Math.round(u - (blocks - 1) / 2));
  const y0 = Math.max(0, Math.round(v - (blocks - 1) / 2));
  let [sum, count] = [0, 0];
  for (let y = y0; y < y0 + blocks && y < from.height; y++)
    for (let x = x0; x < x0 + blocks && x < from.width; x++) {
      sum += gray[y * from.width + x]!;
      count += 1;
    }
  return sum / count + 0.5;
}

function between(gray: Uint8Array, from: Size, u: number, v: number): number {
  const x = Math.max(0, Math.min(from.width - 1, u));
  const y = Math.max(0, Math.min(from.height - 1, v));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(from.width - 1, x0 + 1), Math.min(from.height - 1, y0 + 1)];
  const [fx, fy] = [x - x0, y - y0];
  const top = gray[y0 * from.width + x0]! * (1 - fx) + gray[y0 * from.width + x1]! * fx;
  const low = gray[y1 * from.width + x0]! * (1 - fx) + gray[y1 * from.width + x1]! * fx;
  return top * (1 - fy) + low * fy + 0.5;
}
