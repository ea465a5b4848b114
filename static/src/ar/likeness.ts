/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, invert, jacobian, projectX, projectY } from "./homography";
import type { Pyramid } from "./pyramid";

const SIDE = 8;
/** Cells of less contrast (gray levels, one standard deviation) say nothing. */
const LEAST_CONTRAST = 7;
const NOTHING = 2;
/** Correlations that differ by less do not tell two places apart. */
const CLEARLY = 0.1;
/** A cell that looks less like what the view shows there contradicts it. */
const UNLIKE = 0.85;
/** Much less, and something stands before it. */
const COVERED = 0.25;

/** Correlation by cell of 8 x 8 pixels, NOTHING where the view says nothing. */
export type Cells = Float32Array;

/**
 * Compares a view with the frame cell by cell, fine enough to read what is printed small. Where a panel repeats itself most
 * cells fit everywhere; those that differ between two places decide, and there must be many of them.
 */
export class Likeness {
  /** Of the last `compare`: cells that clearly speak for the one and for the other place. */
  forFirst = 0;
  forSecond = 0;
  /** Pixels that were compared so far. */
  work = 0;
  private readonly level: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly back = new Float64Array(9);
  private readonly j = new Float64Array(4);

  constructor(pyramid: Pyramid) {
    this.level = Math.min(1, pyramid.levels - 1);
    this.columns = Math.floor(pyramid.widths[this.level]! / SIDE);
    this.rows = Math.floor(pyramid.heights[this.level]! / SIDE);
  }

  cells(): Cells {
    return new Float32Array(this.columns * this.rows);
  }

  /** How much each cell of the frame looks like what `ref` shows there under `h` (view to frame). */
  measure(ref: Pyramid, cur: Pyramid, h: Homography, out: Cells): void {
    out.fill(NOTHING);
    if (!invert(h, this.back)) return;
    const size = 1 << this.level;
    const half = (SIDE - 1) / 2;
    for (let row = 0, k = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++, k++) {
        const x = (column * SIDE + half) * size;
        const y = (row * SIDE + half) * size;
        // Within a cell the map is nearly affine.
        jacobian(this.back, x, y, this.j);
        const qx = projectX(this.back, x, y) / size;
        const qy = projectY(this.back, x, y) / size;
        out[k] = this.correlate(ref, cur, column * SIDE, row * SIDE, qx, qy);
      }
    }
  }

  /** Counts the cells that tell the two places apart. */
  compare(first: Cells, second: Cells): void {
    this.forFirst = 0;
    this.forSecond = 0;
    for (let k = 0; k < first.length; k++) {
      const a = first[k]!;
      const b = second[k]!;
      if (a === NOTHING || b === NOTHING) continue;
      if (a > b + CLEARLY) this.forFirst++;
      else if (b > a + CLEARLY) this.forSecond++;
    }
  }

  /** Share of the cells that show something like the view but not it, 1 where it says nothing at all. */
  contradicted(cells: Cells): number {
    let [all, against] = [0, 0];
    for (const value of cells) {
      if (value === NOTHING) continue;
      all++;
      if (value < UNLIKE && value > COVERED) against++;
    }
    return all > 0 ? against / all : 1;
  }

  private correlate(ref: Pyramid, cur: Pyramid, left: number, top: number, qx: number, qy: number): number {
    const w = ref.widths[this.level]!;
    const h = ref.heights[this.level]!;
    const from = ref.data[this.level]!;
    const to = cur.data[this.level]!;
    const [a, b, c, d] = [this.j[0]!, this.j[1]!, this.j[2]!, this.j[3]!];
    this.work += SIDE * SIDE;
    const half = (SIDE - 1) / 2;
    const spanX = (Math.abs(a) + Math.abs(b)) * half;
    const spanY = (Math.abs(c) + Math.abs(d)) * half;
    if (!(qx - spanX >= 0 && qy - spanY >= 0 && qx + spanX < w - 1 && qy + spanY < h - 1)) return NOTHING;
    let st = 0;
    let si = 0;
    let stt = 0;
    let sii = 0;
    let sti = 0;
    for (let v = 0; v < SIDE; v++) {
      let x = qx - a * half + b * (v - half);
      let y = qy - c * half + d * (v - half);
      let i = (top + v) * w + left;
      for (let u = 0; u < SIDE; u++, i++, x += a, y += c) {
        const ix = x | 0;
        const iy = y | 0;
        const fx = x - ix;
        const p = iy * w + ix;
        const upper = from[p]! + fx * (from[p + 1]! - from[p]!);
        const lower = from[p + w]! + fx * (from[p + w + 1]! - from[p + w]!);
        const t = upper + (y - iy) * (lower - upper);
        const s = to[i]!;
        st += t;
        si += s;
        stt += t * t;
        sii += s * s;
        sti += t * s;
      }
    }
    const count = SIDE * SIDE;
    const vt = stt - (st * st) / count;
    const vi = sii - (si * si) / count;
    if (vt < count * LEAST_CONTRAST * LEAST_CONTRAST) return NOTHING;
    return vi > count ? (sti - (st * si) / count) / Math.sqrt(vt * vi) : 0;
  }
}
