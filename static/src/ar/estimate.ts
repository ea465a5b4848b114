/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { depthOf, type Homography, projectX, projectY, solve } from "./homography";
import type { Random } from "./random";

/** Fits homographies to point pairs; all its memory is made once. Coordinates are pixels of the full frame. */
export class Estimator {
  readonly inlier: Uint8Array;
  private readonly system = new Float64Array(8 * 9);
  private readonly answer = new Float64Array(8);
  private readonly candidate = new Float64Array(9);
  private readonly normal = new Float64Array(64);
  private readonly right = new Float64Array(8);
  private readonly pick = new Int32Array(4);
  private readonly cx: number;
  private readonly cy: number;
  private readonly unit: number;

  constructor(
    width: number,
    height: number,
    capacity: number,
    private readonly random: Random,
  ) {
    this.inlier = new Uint8Array(capacity);
    this.cx = width / 2;
    this.cy = height / 2;
    this.unit = width / 2;
  }

  /**
   * RANSAC over `n` pairs (x0, y0, x1, y1.. in `from` and `to`): the best map goes to `out`, its pairs are flagged in
   * `inlier`. Returns their number, 0 when there is no map.
   */
  ransac(
    n: number,
    from: Float32Array,
    to: Float32Array,
    limit: number,
    rounds: number,
    out: Homography,
  ): number {
    if (n < 4) return 0;
    let best = 0;
    const limit2 = limit * limit;
    let needed = rounds;
    for (let round = 0; round < needed; round++) {
      if (!this.draw(n, from) || !this.fromFour(from, to)) continue;
      const count = this.count(n, from, to, this.candidate, limit2, best);
      if (count > best) {
        best = count;
        out.set(this.candidate);
        const share = best / n;
        const missed = Math.log(1 - Math.min(0.9999, share ** 4));
        needed = Math.min(rounds, Math.ceil(Math.log(0.002) / missed) + 2);
      }
    }
    if (best < 4) return 0;
    this.count(n, from, to, out, limit2, -1);
    return best;
  }

  /**
   * As `ransac`, for a turn, a size and a shift: two pairs make one, so it stands far more wrong pairs. The flagged pairs
   * lie within `limit`; returns their number.
   */
  similarity(
    n: number,
    from: Float32Array,
    to: Float32Array,
    limit: number,
    rounds: number,
    out: Homography,
  ): number {
    let best = 0;
    const m = this.candidate;
    const limit2 = limit * limit;
    for (let round = 0; round < rounds && n >= 2; round++) {
      const i = 2 * this.random.below(n);
      const k = 2 * this.random.below(n);
      const ax = from[k]! - from[i]!;
      const ay = from[k + 1]! - from[i + 1]!;
      const length2 = ax * ax + ay * ay;
      if (length2 < 900) continue;
      const bx = to[k]! - to[i]!;
      const by = to[k + 1]! - to[i + 1]!;
      const c = (ax * bx + ay * by) / length2;
      const s = (ax * by - ay * bx) / length2;
      const size2 = c * c + s * s;
      if (size2 < 0.1 || size2 > 10) continue;
      m.fill(0);
      m[0] = c;
      m[1] = -s;
      m[2] = to[i]! - c * from[i]! + s * from[i + 1]!;
      m[3] = s;
      m[4] = c;
      m[5] = to[i + 1]! - s * from[i]! - c * from[i + 1]!;
      m[8] = 1;
      const count = this.count(n, from, to, m, limit2, best);
      if (count > best) {
        best = count;
        out.set(m);
      }
    }
    if (best < 4) return 0;
    this.count(n, from, to, out, limit2, -1);
    return best;
  }

  /**
   * Iteratively reweighted Gauss-Newton from the map in `m`, Cauchy loss of `scale` pixels. `info` holds each target's
   * 2 x 2 information (xx, xy, yy; 1/px^2); pairs of zero information are left out. `hold` keeps what the pairs do not
   * fix where it was. Returns false, with `m` unchanged, when the system cannot be solved.
   */
  refine(
    n: number,
    from: Float32Array,
    to: Float32Array,
    info: Float32Array,
    m: Homography,
    rounds: number,
    scale: number,
    hold: number,
  ): boolean {
    const work = this.candidate;
    this.toUnit(m, work);
    const a = this.normal;
    for (let round = 0; round < rounds; round++) {
      a.fill(0);
      this.right.fill(0);
      for (let i = 0; i < n; i++) this.add(i, from, to, info, work, scale);
      for (let k = 0; k < 8; k++) a[k * 9] = a[k * 9]! * 1.0001 + (k > 5 ? 10 * hold : hold);
      for (let r = 0; r < 8; r++) {
        for (let c = 0; c < 8; c++) this.system[r * 9 + c] = r <= c ? a[r * 8 + c]! : a[c * 8 + r]!;
        this.system[r * 9 + 8] = this.right[r]!;
      }
      if (!solve(this.system, 8, this.answer)) return false;
      let size = 0;
      for (let k = 0; k < 8; k++) {
        work[k] = work[k]! + this.answer[k]!;
        size = Math.max(size, Math.abs(this.answer[k]!));
      }
      if (!Number.isFinite(size)) return false;
      if (size < 1e-6) break;
    }
    this.fromUnit(work, m);
    return true;
  }

  private add(
    i: number,
    from: Float32Array,
    to: Float32Array,
    info: Float32Array,
    m: Homography,
    scale: number,
  ): void {
    const ixx = info[3 * i]!;
    const iyy = info[3 * i + 2]!;
    if (ixx + iyy <= 0) return;
    const x = (from[2 * i]! - this.cx) / this.unit;
    const y = (from[2 * i + 1]! - this.cy) / this.unit;
    const w = 1 / depthOf(m, x, y);
    const u = projectX(m, x, y);
    const v = projectY(m, x, y);
    const ru = (to[2 * i]! - this.cx) / this.unit - u;
    const rv = (to[2 * i + 1]! - this.cy) / this.unit - v;
    const far = ((ru * ru + rv * rv) * this.unit * this.unit) / (scale * scale);
    const weight = (this.unit * this.unit) / (1 + far);
    const axx = ixx * weight;
    const axy = info[3 * i + 1]! * weight;
    const ayy = iyy * weight;
    // Rows of the Jacobian: u by (h0 h1 h2 - - - h6 h7), v by (- - - h3 h4 h5 h6 h7).
    const a = this.normal;
    const b = this.right;
    const xw = x * w;
    const yw = y * w;
    const p6 = -u * xw;
    const p7 = -u * yw;
    const q6 = -v * xw;
    const q7 = -v * yw;
    const eu = axx * ru + axy * rv;
    const ev = axy * ru + ayy * rv;
    b[0] = b[0]! + xw * eu;
    b[1] = b[1]! + yw * eu;
    b[2] = b[2]! + w * eu;
    b[3] = b[3]! + xw * ev;
    b[4] = b[4]! + yw * ev;
    b[5] = b[5]! + w * ev;
    b[6] = b[6]! + p6 * eu + q6 * ev;
    b[7] = b[7]! + p7 * eu + q7 * ev;
    const s6 = axx * p6 + axy * q6;
    const s7 = axx * p7 + axy * q7;
    const t6 = axy * p6 + ayy * q6;
    const t7 = axy * p7 + ayy * q7;
    const xx = xw * xw;
    const xy = xw * yw;
    const yy = yw * yw;
    const x1 = xw * w;
    const y1 = yw * w;
    const one = w * w;
    a[0] = a[0]! + axx * xx;
    a[1] = a[1]! + axx * xy;
    a[2] = a[2]! + axx * x1;
    a[3] = a[3]! + axy * xx;
    a[4] = a[4]! + axy * xy;
    a[5] = a[5]! + axy * x1;
    a[6] = a[6]! + xw * s6;
    a[7] = a[7]! + xw * s7;
    a[9] = a[9]! + axx * yy;
    a[10] = a[10]! + axx * y1;
    a[11] = a[11]! + axy * xy;
    a[12] = a[12]! + axy * yy;
    a[13] = a[13]! + axy * y1;
    a[14] = a[14]! + yw * s6;
    a[15] = a[15]! + yw * s7;
    a[18] = a[18]! + axx * one;
    a[19] = a[19]! + axy * x1;
    a[20] = a[20]! + axy * y1;
    a[21] = a[21]! + axy * one;
    a[22] = a[22]! + w * s6;
    a[23] = a[23]! + w * s7;
    a[27] = a[27]! + ayy * xx;
    a[28] = a[28]! + ayy * xy;
    a[29] = a[29]! + ayy * x1;
    a[30] = a[30]! + xw * t6;
    a[31] = a[31]! + xw * t7;
    a[36] = a[36]! + ayy * yy;
    a[37] = a[37]! + ayy * y1;
    a[38] = a[38]! + yw * t6;
    a[39] = a[39]! + yw * t7;
    a[45] = a[45]! + ayy * one;
    a[46] = a[46]! + w * t6;
    a[47] = a[47]! + w * t7;
    a[54] = a[54]! + p6 * s6 + q6 * t6;
    a[55] = a[55]! + p6 * s7 + q6 * t7;
    a[63] = a[63]! + p7 * s7 + q7 * t7;
  }

  private draw(n: number, from: Float32Array): boolean {
    const pick = this.pick;
    for (let k = 0; k < 4; k++) {
      const chosen = this.random.below(n);
      for (let j = 0; j < k; j++) if (pick[j]! === chosen) return false;
      pick[k] = chosen;
    }
    // Three points of four near one line carry no homography.
    for (let k = 0; k < 4; k++) {
      const a = pick[k]!;
      const b = pick[(k + 1) & 3]!;
      const c = pick[(k + 2) & 3]!;
      const area =
        (from[2 * b]! - from[2 * a]!) * (from[2 * c + 1]! - from[2 * a + 1]!) -
        (from[2 * b + 1]! - from[2 * a + 1]!) * (from[2 * c]! - from[2 * a]!);
      if (Math.abs(area) < 200) return false;
    }
    return true;
  }

  private fromFour(from: Float32Array, to: Float32Array): boolean {
    const s = this.system;
    s.fill(0);
    for (let k = 0; k < 4; k++) {
      const i = 2 * this.pick[k]!;
      const x = (from[i]! - this.cx) / this.unit;
      const y = (from[i + 1]! - this.cy) / this.unit;
      const u = (to[i]! - this.cx) / this.unit;
      const v = (to[i + 1]! - this.cy) / this.unit;
      const r = k * 18;
      s[r] = x;
      s[r + 1] = y;
      s[r + 2] = 1;
      s[r + 6] = -u * x;
      s[r + 7] = -u * y;
      s[r + 8] = u;
      s[r + 12] = x;
      s[r + 13] = y;
      s[r + 14] = 1;
      s[r + 15] = -v * x;
      s[r + 16] = -v * y;
      s[r + 17] = v;
    }
    if (!solve(s, 8, this.answer)) return false;
    this.candidate.set(this.answer);
    this.candidate[8] = 1;
    this.fromUnit(this.candidate, this.candidate);
    return Number.isFinite(this.candidate[0]!);
  }

  private count(
    n: number,
    from: Float32Array,
    to: Float32Array,
    m: Homography,
    limit2: number,
    best: number,
  ): number {
    let count = 0;
    for (let i = 0; i < n; i++) {
      if (count + n - i <= best) return 0;
      const x = from[2 * i]!;
      const y = from[2 * i + 1]!;
      const w = 1 / (m[6]! * x + m[7]! * y + m[8]!);
      const du = (m[0]! * x + m[1]! * y + m[2]!) * w - to[2 * i]!;
      const dv = (m[3]! * x + m[4]! * y + m[5]!) * w - to[2 * i + 1]!;
      const near = w > 0 && du * du + dv * dv < limit2;
      if (best < 0) this.inlier[i] = near ? 1 : 0;
      if (near) count++;
    }
    return count;
  }

  /** The same map between frames whose centre is 0 and whose half width is 1 (there the numbers are well conditioned). */
  private toUnit(m: Homography, out: Homography): void {
    const { cx, cy, unit } = this;
    // S m S^-1 with S: x -> (x - cx) / unit.
    const [a, b, c, d, e, f, g, h, i] = [m[0]!, m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, m[6]!, m[7]!, m[8]!];
    const w = g * cx + h * cy + i;
    const u = a * cx + b * cy + c;
    const v = d * cx + e * cy + f;
    out[0] = (a - cx * g) / w;
    out[1] = (b - cx * h) / w;
    out[2] = (u - cx * w) / (unit * w);
    out[3] = (d - cy * g) / w;
    out[4] = (e - cy * h) / w;
    out[5] = (v - cy * w) / (unit * w);
    out[6] = (g * unit) / w;
    out[7] = (h * unit) / w;
    out[8] = 1;
  }

  private fromUnit(m: Homography, out: Homography): void {
    const { cx, cy, unit } = this;
    const [a, b, c, d, e, f, g, h] = [m[0]!, m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, m[6]! / unit, m[7]! / unit];
    // Back: S^-1 m S.
    const a1 = a + cx * g;
    const b1 = b + cx * h;
    const d1 = d + cy * g;
    const e1 = e + cy * h;
    const c1 = unit * c + cx - a1 * cx - b1 * cy;
    const f1 = unit * f + cy - d1 * cx - e1 * cy;
    const w = 1 - g * cx - h * cy;
    out[0] = a1 / w;
    out[1] = b1 / w;
    out[2] = c1 / w;
    out[3] = d1 / w;
    out[4] = e1 / w;
    out[5] = f1 / w;
    out[6] = g / w;
    out[7] = h / w;
    out[8] = 1;
  }
}
