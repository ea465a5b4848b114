/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { depthOf, type Homography, invert, projectX, projectY } from "./homography";
import type { Pyramid } from "./pyramid";

export const MOST_PEAKS = 24;

/** Compares the whole overlap of a view, warped by a map, with the frame: where it lies and a step aside. */
export class Scan {
  /** Correlation where the map puts the view. */
  own = 0;
  /** The best correlation somewhere else, with its shift in frame pixels. */
  other = 0;
  otherX = 0;
  otherY = 0;
  /** The places aside with the best correlations, best first: their shifts in frame pixels. */
  peaks = 0;
  readonly peakX = new Float64Array(MOST_PEAKS);
  readonly peakY = new Float64Array(MOST_PEAKS);
  readonly peakValue = new Float64Array(MOST_PEAKS);
  /** Share of the frame that the view covers. */
  overlap = 0;
  /** Pixels that were compared so far. */
  work = 0;
  private readonly back = new Float64Array(9);
  private readonly px: Int16Array;
  private readonly py: Int16Array;
  private readonly value: Float32Array;
  private readonly level: number;
  private side = 0;
  private readonly map: Float32Array;
  /** The frame's small copy with zeros around it, so that no shift within `margin` needs to ask where it ends. */
  private readonly padded: Uint8Array;
  private readonly margin: number;
  private readonly span: number;
  /** Where in `padded` the pixels that are compared lie, and the view's values there. */
  private readonly place: Int32Array;
  private readonly taken: Float32Array;
  private used = 0;
  private width = 0;
  private height = 0;
  /** Sums over all such pixels above and left: their number, values and squares. */
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(pyramid: Pyramid) {
    this.level = Math.max(0, pyramid.levels - 2);
    const size = pyramid.data[this.level]!.length;
    this.px = new Int16Array(size);
    this.py = new Int16Array(size);
    this.value = new Float32Array(size);
    const w = pyramid.widths[this.level]!;
    const h = pyramid.heights[this.level]!;
    this.map = new Float32Array((2 * w + 1) ** 2);
    this.margin = w;
    this.span = w + 2 * this.margin;
    this.padded = new Uint8Array(this.span * (h + 2 * this.margin));
    this.place = new Int32Array(size);
    this.taken = new Float32Array(size);
    this.counts = new Float64Array((w + 1) * (h + 1));
    this.sums = new Float64Array(this.counts.length);
    this.squares = new Float64Array(this.counts.length);
  }

  /** Fills the fields; `reach` is how far aside to look, in frame pixels (0: only `own`). False without an overlap. */
  compare(ref: Pyramid, cur: Pyramid, h: Homography, reach: number): boolean {
    this.own = 0;
    this.other = -1;
    this.overlap = 0;
    if (!invert(h, this.back)) return false;
    const n = this.warp(ref);
    const w = ref.widths[this.level]!;
    const hgt = ref.heights[this.level]!;
    this.overlap = n / ((w * hgt) / 2);
    if (n < 120) return false;
    const size = 1 << this.level;
    const steps = Math.round(reach / size);
    this.pad(cur);
    this.take(n, 1);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) this.own = Math.max(this.own, this.correlate(dx, dy));
    }
    this.peaks = 0;
    if (steps < 3) return true;
    // Every second shift, of which the best are then looked at closely.
    const half = steps >> 1;
    this.side = 2 * half + 1;
    this.take(n, 3);
    for (let y = -half, k = 0; y <= half; y++) {
      for (let x = -half; x <= half; x++, k++) this.map[k] = this.correlate(2 * x, 2 * y);
    }
    this.findPeaks(half);
    this.refinePeaks(size);
    return true;
  }

  /** Local maxima of the map, best first, in the small copy's pixels. */
  private findPeaks(half: number): void {
    const { map, side } = this;
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const k = y * side + x;
        const value = map[k]!;
        if (Math.abs(x - half) <= 1 && Math.abs(y - half) <= 1) continue;
        if (value < map[k - 1]! || value < map[k + 1]! || value < map[k - side]! || value < map[k + side]!)
          continue;
        let at = Math.min(this.peaks, MOST_PEAKS - 1);
        if (this.peaks === MOST_PEAKS && this.peakValue[at]! >= value) continue;
        while (at > 0 && this.peakValue[at - 1]! < value) {
          this.peakValue[at] = this.peakValue[at - 1]!;
          this.peakX[at] = this.peakX[at - 1]!;
          this.peakY[at] = this.peakY[at - 1]!;
          at--;
        }
        this.peakValue[at] = value;
        this.peakX[at] = 2 * (x - half);
        this.peakY[at] = 2 * (y - half);
        this.peaks = Math.min(MOST_PEAKS, this.peaks + 1);
      }
    }
  }

  /** Moves each to the best of its neighbours, into frame pixels; the best of all is `other` as well. */
  private refinePeaks(size: number): void {
    for (let k = 0; k < this.peaks; k++) {
      const x = this.peakX[k]!;
      const y = this.peakY[k]!;
      let best = this.peakValue[k]!;
      this.peakX[k] = x * size;
      this.peakY[k] = y * size;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const value = dx === 0 && dy === 0 ? -1 : this.correlate(x + dx, y + dy);
          if (value <= best) continue;
          best = value;
          this.peakX[k] = (x + dx) * size;
          this.peakY[k] = (y + dy) * size;
        }
      }
      this.peakValue[k] = best;
      if (best <= this.other) continue;
      this.other = best;
      this.otherX = this.peakX[k]!;
      this.otherY = this.peakY[k]!;
    }
  }

  /** The shift with the best correlation within `reach` goes to `otherX`, `otherY`, its value to `other`. */
  seek(ref: Pyramid, cur: Pyramid, h: Homography, reach: number): boolean {
    this.other = -1;
    if (!invert(h, this.back)) return false;
    const all = this.warp(ref);
    if (all < 240) return false;
    // A ninth of the pixels and every second shift, then its neighbours with all pixels.
    const size = 1 << this.level;
    const steps = Math.round(reach / size);
    this.pad(cur);
    this.take(all, 9);
    for (let dy = -steps; dy <= steps; dy += 2) {
      for (let dx = -steps; dx <= steps; dx += 2) this.better(dx, dy, size);
    }
    this.take(all, 1);
    const [x, y] = [this.otherX / size, this.otherY / size];
    this.other = -1;
    for (let dy = y - 1; dy <= y + 1; dy++) for (let dx = x - 1; dx <= x + 1; dx++) this.better(dx, dy, size);
    return this.other > 0;
  }

  private better(dx: number, dy: number, size: number): void {
    const value = this.correlate(dx, dy);
    if (value <= this.other) return;
    this.other = value;
    this.otherX = dx * size;
    this.otherY = dy * size;
  }

  /** Every second pixel of the frame's small copy that the view covers, with the view's value there. */
  private warp(ref: Pyramid): number {
    const w = ref.widths[this.level]!;
    const h = ref.heights[this.level]!;
    const gray = ref.data[this.level]!;
    const size = 1 << this.level;
    let n = 0;
    for (let y = 0; y < h; y++) {
      for (let x = y & 1; x < w; x += 2) {
        if (depthOf(this.back, x * size, y * size) < 0.1) continue;
        const qx = projectX(this.back, x * size, y * size) / size;
        const qy = projectY(this.back, x * size, y * size) / size;
        if (!(qx >= 0 && qy >= 0 && qx < w - 1 && qy < h - 1)) continue;
        const ix = qx | 0;
        const iy = qy | 0;
        const i = iy * w + ix;
        const a = gray[i]! + (qx - ix) * (gray[i + 1]! - gray[i]!);
        const b = gray[i + w]! + (qx - ix) * (gray[i + w + 1]! - gray[i + w]!);
        this.px[n] = x;
        this.py[n] = y;
        this.value[n] = a + (qy - iy) * (b - a);
        n++;
      }
    }
    return n;
  }

  private pad(cur: Pyramid): void {
    const w = cur.widths[this.level]!;
    const h = cur.heights[this.level]!;
    const gray = cur.data[this.level]!;
    const { padded, span, margin } = this;
    for (let y = 0; y < h; y++) {
      const row = (y + margin) * span + margin;
      for (let x = 0; x < w; x++) padded[row + x] = gray[y * w + x]!;
    }
    this.width = w;
    this.height = h;
  }

  /** Every `stride`-th of the `n` pixels is compared from now on. */
  private take(n: number, stride: number): void {
    const { width: w, height: h, margin, span, counts, sums, squares } = this;
    counts.fill(0);
    sums.fill(0);
    squares.fill(0);
    this.used = Math.floor(n / stride);
    for (let s = 0; s < this.used; s++) {
      const [x, y, value] = [this.px[s * stride]!, this.py[s * stride]!, this.value[s * stride]!];
      this.place[s] = (y + margin) * span + x + margin;
      this.taken[s] = value;
      const at = (y + 1) * (w + 1) + x + 1;
      counts[at] = 1;
      sums[at] = value;
      squares[at] = value * value;
    }
    for (const table of [counts, sums, squares]) {
      for (let y = 1; y <= h; y++) {
        let row = 0;
        for (let at = y * (w + 1) + 1, end = at + w; at < end; at++) {
          row += table[at]!;
          table[at] = row + table[at - w - 1]!;
        }
      }
    }
  }

  /** Correlation with the frame shifted by (dx, dy) of its small copy's pixels; -1 where too little of it is left. */
  private correlate(dx: number, dy: number): number {
    const { width: w, height: h, padded, place, taken, used } = this;
    const left = Math.max(0, -dx);
    const top = Math.max(0, -dy);
    const right = Math.min(w, w - dx);
    const bottom = Math.min(h, h - dy);
    if (left >= right || top >= bottom) return -1;
    const row = w + 1;
    const [a, b, c, d] = [top * row + left, top * row + right, bottom * row + left, bottom * row + right];
    const { counts, sums, squares } = this;
    const count = counts[d]! - counts[b]! - counts[c]! + counts[a]!;
    if (count < 0.3 * used) return -1;
    const st = sums[d]! - sums[b]! - sums[c]! + sums[a]!;
    const stt = squares[d]! - squares[b]! - squares[c]! + squares[a]!;
    this.work += used;
    // What lies outside is 0 in `padded` and adds nothing.
    const shift = dy * this.span + dx;
    let si = 0;
    let sii = 0;
    let sti = 0;
    for (let s = 0; s < used; s++) {
      const i = padded[place[s]! + shift]!;
      si += i;
      sii += i * i;
      sti += taken[s]! * i;
    }
    const vt = stt - (st * st) / count;
    const vi = sii - (si * si) / count;
    return vt > count && vi > count ? (sti - (st * si) / count) / Math.sqrt(vt * vi) : 0;
  }
}
