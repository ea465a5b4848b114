/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
/** Where a picture can be held on to: the smaller eigenvalue of the structure tensor (Shi and Tomasi 1994). */
export class Corners {
  readonly strength: Float32Array;
  private readonly xx: Float32Array;
  private readonly xy: Float32Array;
  private readonly yy: Float32Array;
  private readonly columns: Float32Array;
  private width = 0;
  private height = 0;

  /** `pixels` bounds the pictures, `side` their width. */
  constructor(pixels: number, side: number) {
    this.strength = new Float32Array(pixels);
    this.xx = new Float32Array(pixels);
    this.xy = new Float32Array(pixels);
    this.yy = new Float32Array(pixels);
    this.columns = new Float32Array(3 * side);
  }

  /** Fills `strength` for a picture of width x height, tensor window (2 * radius + 1)^2; its border stays 0. */
  measure(gray: Uint8Array, width: number, height: number, radius: number): void {
    this.width = width;
    this.height = height;
    const { xx, xy, yy, strength, columns } = this;
    strength.fill(0, 0, width * height);
    for (let y = 1; y < height - 1; y++) {
      for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
        const gx = gray[i + 1]! - gray[i - 1]!;
        const gy = gray[i + width]! - gray[i - width]!;
        xx[i] = gx * gx;
        xy[i] = gx * gy;
        yy[i] = gy * gy;
      }
    }
    columns.fill(0);
    const span = 2 * radius + 1;
    const scale = 1 / (4 * span * span);
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const c = 3 * x;
        const i = y * width + x;
        let a = columns[c]! + xx[i]!;
        let b = columns[c + 1]! + xy[i]!;
        let d = columns[c + 2]! + yy[i]!;
        if (y > span) {
          const old = i - span * width;
          a -= xx[old]!;
          b -= xy[old]!;
          d -= yy[old]!;
        }
        columns[c] = a;
        columns[c + 1] = b;
        columns[c + 2] = d;
      }
      if (y < span) continue;
      let a = 0;
      let b = 0;
      let d = 0;
      const row = (y - radius) * width;
      for (let x = 1; x < width - 1; x++) {
        const c = 3 * x;
        a += columns[c]!;
        b += columns[c + 1]!;
        d += columns[c + 2]!;
        if (x > span) {
          const old = c - 3 * span;
          a -= columns[old]!;
          b -= columns[old + 1]!;
          d -= columns[old + 2]!;
        }
        if (x < span) continue;
        const half = (a - d) / 2;
        strength[row + x - radius] = ((a + d) / 2 - Math.sqrt(half * half + b * b)) * scale;
      }
    }
  }

  /**
   * The strongest local maximum of each cell x cell square within [x0, x1) x [y0, y1), strongest first: x and y go to
   * `out` (x0, y0, x1, y1..). At most `most` points of at least `floor`; returns their number.
   */
  pick(cell: number, floor: number, box: Int32Array, most: number, out: Float32Array): number {
    const { strength, width, height } = this;
    const [left, top, right, bottom] = [
      Math.max(2, box[0]!),
      Math.max(2, box[1]!),
      Math.min(width - 2, box[2]!),
      Math.min(height - 2, box[3]!),
    ];
    let n = 0;
    for (let cy = top; cy < bottom; cy += cell) {
      for (let cx = left; cx < right; cx += cell) {
        let best = floor;
        let at = -1;
        for (let y = cy, yEnd = Math.min(bottom, cy + cell); y < yEnd; y++) {
          for (let x = cx, xEnd = Math.min(right, cx + cell); x < xEnd; x++) {
            const i = y * width + x;
            if (strength[i]! > best) {
              best = strength[i]!;
              at = i;
            }
          }
        }
        if (at < 0 || !this.isPeak(at)) continue;
        n = this.keep(at, n, most, out);
      }
    }
    return n;
  }

  private isPeak(i: number): boolean {
    const { strength, width } = this;
    const s = strength[i]!;
    return (
      s >= strength[i - 1]! &&
      s >= strength[i + 1]! &&
      s >= strength[i - width]! &&
      s >= strength[i + width]! &&
      s >= strength[i - width - 1]! &&
      s >= strength[i + width + 1]!
    );
  }

  /** Inserts pixel `at` into the list sorted by strength; the weakest falls off the end of a full list. */
  private keep(at: number, n: number, most: number, out: Float32Array): number {
    const { strength, width } = this;
    const s = strength[at]!;
    let k = Math.min(n, most - 1);
    if (n === most && strength[out[2 * k + 1]! * width + out[2 * k]!]! >= s) return n;
    while (k > 0 && strength[out[2 * k - 1]! * width + out[2 * k - 2]!]! < s) {
      out[2 * k] = out[2 * k - 2]!;
      out[2 * k + 1] = out[2 * k - 1]!;
      k--;
    }
    out[2 * k] = at % width;
    out[2 * k + 1] = Math.floor(at / width);
    return Math.min(most, n + 1);
  }
}
