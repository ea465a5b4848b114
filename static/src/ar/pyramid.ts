/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
/** Halved copies of one gray frame. Pixel (x, y) of level l lies at (x * 2^l, y * 2^l) of the frame. */
export class Pyramid {
  readonly levels: number;
  readonly widths: Int32Array;
  readonly heights: Int32Array;
  readonly data: Uint8Array[] = [];
  private readonly row: Uint16Array;

  /** Levels go down until the shorter side would fall under 24 pixels, five at most. */
  constructor(width: number, height: number) {
    const widths = [width];
    const heights = [height];
    let w = width;
    let h = height;
    while (widths.length < 5 && Math.min(w, h) >= 48) {
      w >>= 1;
      h >>= 1;
      widths.push(w);
      heights.push(h);
    }
    this.levels = widths.length;
    this.widths = Int32Array.from(widths);
    this.heights = Int32Array.from(heights);
    for (let l = 0; l < this.levels; l++) this.data.push(new Uint8Array(widths[l]! * heights[l]!));
    this.row = new Uint16Array(width);
  }

  /** Copies `gray` (width x height, row by row) and halves it with the 3 x 3 binomial mask. */
  build(gray: Uint8Array): void {
    const base = this.data[0]!;
    if (gray.length !== base.length) {
      throw new RangeError(`a frame has ${base.length} bytes, not ${gray.length}`);
    }
    base.set(gray);
    for (let l = 1; l < this.levels; l++) this.halve(l);
  }

  /** Takes over what another of the same size holds. */
  copy(other: Pyramid): void {
    for (let l = 0; l < this.levels; l++) this.data[l]!.set(other.data[l]!);
  }

  private halve(l: number): void {
    const source = this.data[l - 1]!;
    const target = this.data[l]!;
    const sw = this.widths[l - 1]!;
    const sh = this.heights[l - 1]!;
    const w = this.widths[l]!;
    const h = this.heights[l]!;
    const row = this.row;
    for (let y = 0; y < h; y++) {
      const mid = 2 * y * sw;
      const up = y > 0 ? mid - sw : mid;
      const down = 2 * y + 1 < sh ? mid + sw : mid;
      for (let x = 0; x < sw; x++) row[x] = source[up + x]! + 2 * source[mid + x]! + source[down + x]!;
      const out = y * w;
      target[out] = (3 * row[0]! + row[1]! + 8) >> 4;
      for (let x = 1; x < w; x++) {
        const c = 2 * x;
        const right = c + 1 < sw ? row[c + 1]! : row[c]!;
        target[out + x] = (row[c - 1]! + 2 * row[c]! + right + 8) >> 4;
      }
    }
  }
}

/** Scales a gray picture by bilinear sampling; pixel (x, y) of the result lies at (x / factor, y / factor). */
export function resize(
  source: Uint8Array,
  sw: number,
  sh: number,
  target: Uint8Array,
  w: number,
  h: number,
  factor: number,
): void {
  const step = 1 / factor;
  for (let y = 0; y < h; y++) {
    const fy = Math.min(y * step, sh - 1.001);
    const iy = Math.floor(fy);
    const by = fy - iy;
    const top = iy * sw;
    for (let x = 0; x < w; x++) {
      const fx = Math.min(x * step, sw - 1.001);
      const ix = Math.floor(fx);
      const bx = fx - ix;
      const i = top + ix;
      const a = source[i]! + bx * (source[i + 1]! - source[i]!);
      const b = source[i + sw]! + bx * (source[i + sw + 1]! - source[i + sw]!);
      target[y * w + x] = a + by * (b - a) + 0.5;
    }
  }
}
