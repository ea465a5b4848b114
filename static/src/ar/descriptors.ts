/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { Corners } from "./corners";
import { Random } from "./random";

export const WORDS = 8;
export const TURNS = 32;
const REACH = 15;
const MOMENT_RADIUS = 9;
/** Bits of 256 that may differ between two sights of one point. */
const MOST_BITS = 72;
/** A second place nearly as good makes a match worthless. */
const CLEARLY = 0.9;

/** 256 point pairs around a corner, drawn once, turned to 32 orientations: x0, y0, x1, y1 of each. */
function makePattern(): Int8Array {
  const random = new Random(0x51ed270b);
  const spread = (): number => {
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += random.next() / 4294967296 - 0.5;
    return sum * 9;
  };
  const base = new Float64Array(4 * 256);
  for (let k = 0; k < base.length; k += 2) {
    let x = spread();
    let y = spread();
    while (x * x + y * y > 13.5 * 13.5) {
      x = spread();
      y = spread();
    }
    base[k] = x;
    base[k + 1] = y;
  }
  const pattern = new Int8Array(TURNS * base.length);
  for (let t = 0; t < TURNS; t++) {
    const c = Math.cos((t * 2 * Math.PI) / TURNS);
    const s = Math.sin((t * 2 * Math.PI) / TURNS);
    for (let k = 0; k < base.length; k += 2) {
      pattern[t * base.length + k] = Math.round(c * base[k]! - s * base[k + 1]!);
      pattern[t * base.length + k + 1] = Math.round(s * base[k]! + c * base[k + 1]!);
    }
  }
  return pattern;
}

const pattern = makePattern();

/** Corners of one picture with their 256-bit descriptors; positions are pixels of the full frame. */
export class FeatureSet {
  n = 0;
  readonly at: Float32Array;
  readonly bits: Int32Array;
  /** Which way each looks, in parts of TURNS. */
  readonly turns: Uint8Array;

  constructor(readonly capacity: number) {
    this.turns = new Uint8Array(capacity);
    this.at = new Float32Array(2 * capacity);
    this.bits = new Int32Array(WORDS * capacity);
  }

  clear(): void {
    this.n = 0;
  }
}

/** Finds corners and writes their oriented binary descriptors (Rublee et al. 2011 describe the idea). */
export class Describer {
  private readonly smooth: Uint8Array;
  private readonly row: Uint16Array;
  private readonly box = new Int32Array(4);
  private readonly found: Float32Array;

  constructor(
    private readonly corners: Corners,
    pixels: number,
    side: number,
    mostFound: number,
  ) {
    this.smooth = new Uint8Array(pixels);
    this.row = new Uint16Array(side);
    this.found = new Float32Array(2 * mostFound);
  }

  /** Adds up to `most` features of a picture whose pixels are 1 / `scale` of the frame's to `set`. */
  add(gray: Uint8Array, width: number, height: number, scale: number, most: number, set: FeatureSet): void {
    this.corners.measure(gray, width, height, 2);
    this.box[0] = REACH + 1;
    this.box[1] = REACH + 1;
    this.box[2] = width - REACH - 1;
    this.box[3] = height - REACH - 1;
    const bound = Math.min(most, this.found.length / 2, set.capacity - set.n);
    const n = this.corners.pick(8, 6, this.box, bound, this.found);
    this.blur(gray, width, height);
    for (let k = 0; k < n; k++) {
      const x = this.found[2 * k]!;
      const y = this.found[2 * k + 1]!;
      set.turns[set.n] = this.describe(width, x, y, set.bits, WORDS * set.n);
      set.at[2 * set.n] = x / scale;
      set.at[2 * set.n + 1] = y / scale;
      set.n++;
    }
  }

  private describe(width: number, x: number, y: number, bits: Int32Array, at: number): number {
    const gray = this.smooth;
    const centre = y * width + x;
    let mx = 0;
    let my = 0;
    for (let v = -MOMENT_RADIUS; v <= MOMENT_RADIUS; v++) {
      const half = Math.floor(Math.sqrt(MOMENT_RADIUS * MOMENT_RADIUS - v * v));
      let line = 0;
      for (let u = -half; u <= half; u++) {
        const value = gray[centre + v * width + u]!;
        line += value;
        mx += u * value;
      }
      my += v * line;
    }
    const turn = Math.round((Math.atan2(my, mx) * TURNS) / (2 * Math.PI)) & (TURNS - 1);
    let p = turn * 1024;
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      for (let bit = 0; bit < 32; bit++, p += 4) {
        const a = gray[centre + pattern[p + 1]! * width + pattern[p]!]!;
        const b = gray[centre + pattern[p + 3]! * width + pattern[p + 2]!]!;
        value = (value << 1) | (a < b ? 1 : 0);
      }
      bits[at + word] = value;
    }
    return turn;
  }

  /** 5 x 5 binomial smoothing: single pixels are too noisy to compare. */
  private blur(gray: Uint8Array, width: number, height: number): void {
    const { smooth, row } = this;
    for (let y = 2; y < height - 2; y++) {
      const i = y * width;
      for (let x = 0; x < width; x++) {
        const k = i + x;
        row[x] =
          gray[k - 2 * width]! +
          4 * (gray[k - width]! + gray[k + width]!) +
          6 * gray[k]! +
          gray[k + 2 * width]!;
      }
      for (let x = 2; x < width - 2; x++) {
        smooth[i + x] =
          (row[x - 2]! + 4 * (row[x - 1]! + row[x + 1]!) + 6 * row[x]! + row[x + 2]! + 128) >> 8;
      }
    }
  }
}

function ones(v: number): number {
  v -= (v >>> 1) & 0x55555555;
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Bits that differ between descriptor i of a and k of b, or any number over `limit` once that is passed. */
export function distance(a: Int32Array, i: number, b: Int32Array, k: number, limit: number): number {
  const p = i * WORDS;
  const q = k * WORDS;
  let d =
    ones(a[p]! ^ b[q]!) +
    ones(a[p + 1]! ^ b[q + 1]!) +
    ones(a[p + 2]! ^ b[q + 2]!) +
    ones(a[p + 3]! ^ b[q + 3]!);
  if (d > limit) return d;
  d += ones(a[p + 4]! ^ b[q + 4]!) + ones(a[p + 5]! ^ b[q + 5]!) + ones(a[p + 6]! ^ b[q + 6]!);
  return d + ones(a[p + 7]! ^ b[q + 7]!);
}

/**
 * For each feature of `seen` its best in `known`, kept when no other place in `known` is nearly as good (the same corner
 * at another scale is the same place). Positions go to `from` (known) and `to` (seen); returns the number of pairs. `votes`
 * counts by how much each feature is turned against its best, whether that is the right one or only looks like it.
 */
export function match(
  known: FeatureSet,
  seen: FeatureSet,
  near: number,
  from: Float32Array,
  to: Float32Array,
  votes: Uint16Array,
): number {
  let n = 0;
  votes.fill(0);
  const near2 = near * near;
  for (let i = 0; i < seen.n; i++) {
    let best = MOST_BITS + 1;
    let second = MOST_BITS + 14;
    let at = -1;
    for (let k = 0; k < known.n; k++) {
      const d = distance(seen.bits, i, known.bits, k, second);
      if (d >= second) continue;
      const same =
        at >= 0 &&
        (known.at[2 * k]! - known.at[2 * at]!) ** 2 + (known.at[2 * k + 1]! - known.at[2 * at + 1]!) ** 2 <
          near2;
      if (d < best) {
        if (!same) second = at >= 0 ? best : second;
        best = d;
        at = k;
      } else if (!same) {
        second = d;
      }
    }
    if (at < 0) continue;
    const turn = (seen.turns[i]! - known.turns[at]!) & (TURNS - 1);
    votes[turn] = votes[turn]! + 1;
    if (best >= CLEARLY * second) continue;
    from[2 * n] = known.at[2 * at]!;
    from[2 * n + 1] = known.at[2 * at + 1]!;
    to[2 * n] = seen.at[2 * i]!;
    to[2 * n + 1] = seen.at[2 * i + 1]!;
    n++;
  }
  return n;
}
