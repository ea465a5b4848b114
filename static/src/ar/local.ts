/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, projectX, projectY, solve } from "./homography";
import type { Registration } from "./register";
import type { View } from "./view";

const ANCHOR_WEIGHT = 4;

/**
 * What the surface near the marks does beside the plane's map: an affine offset field around their centre, fitted robustly
 * to the patches there. On a real machine the marked part has a depth of its own.
 */
export class LocalField {
  /** Offset = (c0 + c1 u + c2 v, c3 + c4 u + c5 v), u and v the distance from the centre in units of `reach`. */
  readonly c = new Float64Array(6);
  /** Standard deviation of the offset at the centre, pixels. */
  sigma = Infinity;
  /** Share of the patches near the marks that were found, weighted by nearness. */
  support = 0;
  x = 0;
  y = 0;
  reach = 1;
  private readonly normal = new Float64Array(36);
  private readonly right = new Float64Array(6);
  private readonly system = new Float64Array(42);
  private readonly answer = new Float64Array(6);

  constructor(private readonly width: number) {}

  /** Centres the field on the view's marks and forgets what it knew. */
  centre(view: View): void {
    const n = view.marks.length / 2;
    let [x, y] = [0, 0];
    for (let k = 0; k < n; k++) {
      x += view.marks[2 * k]! / n;
      y += view.marks[2 * k + 1]! / n;
    }
    let far = 0;
    for (let k = 0; k < n; k++)
      far = Math.max(far, Math.hypot(view.marks[2 * k]! - x, view.marks[2 * k + 1]! - y));
    this.x = x;
    this.y = y;
    this.reach = Math.max(0.05 * this.width, 0.6 * far);
    this.c.fill(0);
  }

  offsetX(x: number, y: number): number {
    const u = Math.max(-2, Math.min(2, (x - this.x) / this.reach));
    const v = Math.max(-2, Math.min(2, (y - this.y) / this.reach));
    return this.c[0]! + this.c[1]! * u + this.c[2]! * v;
  }

  offsetY(x: number, y: number): number {
    const u = Math.max(-2, Math.min(2, (x - this.x) / this.reach));
    const v = Math.max(-2, Math.min(2, (y - this.y) / this.reach));
    return this.c[3]! + this.c[4]! * u + this.c[5]! * v;
  }

  fit(view: View, seen: Registration, h: Homography): void {
    let error = 0;
    let mass = 0;
    for (let round = 0; round < 4; round++) {
      const a = this.normal;
      const b = this.right;
      a.fill(0);
      b.fill(0);
      error = 0;
      mass = 0;
      let [hope, had] = [0, 0];
      for (let i = 0; i < view.n; i++) {
        const qx = view.at[2 * i]!;
        const qy = view.at[2 * i + 1]!;
        const u = (qx - this.x) / this.reach;
        const v = (qy - this.y) / this.reach;
        const far2 = u * u + v * v;
        if (far2 > 16) continue;
        const near = Math.exp(-far2 / 2) * (i < view.anchors ? ANCHOR_WEIGHT : 1);
        const wide = Math.exp(-far2 / 8) * (i < view.anchors ? ANCHOR_WEIGHT : 1);
        hope += wide * seen.inFrame[i]! * Math.max(view.telling[i]!, seen.good[i]!);
        if (seen.good[i]! === 0) continue;
        had += wide;
        const ex = seen.at[2 * i]! - projectX(h, qx, qy);
        const ey = seen.at[2 * i + 1]! - projectY(h, qx, qy);
        const rx = ex - (this.c[0]! + this.c[1]! * u + this.c[2]! * v);
        const ry = ey - (this.c[3]! + this.c[4]! * u + this.c[5]! * v);
        const r2 = rx * rx + ry * ry;
        const w = near / (1 + r2 / 2.25);
        error += w * r2;
        mass += w;
        this.add(u, v, ex, ey, w * seen.info[3 * i]!, w * seen.info[3 * i + 1]!, w * seen.info[3 * i + 2]!);
      }
      // Nothing near that could be missed: the rest of the plane speaks for the mark.
      this.support = hope > 0.3 ? had / hope : 0.5;
      // Without evidence the field leans to none, the more the flatter the whole is.
      const lean = 1 / Math.min(10, Math.max(0.4, 2.5 * seen.relief)) ** 2;
      for (const k of [0, 3]) {
        a[k * 7] = a[k * 7]! + lean;
        a[(k + 1) * 7] = a[(k + 1) * 7]! + 8 * lean;
        a[(k + 2) * 7] = a[(k + 2) * 7]! + 8 * lean;
      }
      this.load();
      for (let k = 0; k < 6; k++) this.system[k * 7 + 6] = b[k]!;
      if (!solve(this.system, 6, this.answer)) return;
      this.c.set(this.answer);
    }
    const spread = Math.max(1, mass > 0 ? error / mass / 0.25 : 1);
    this.sigma = Math.sqrt((this.variance(0) + this.variance(3)) * spread);
  }

  private load(): void {
    for (let r = 0; r < 6; r++) for (let c = 0; c < 6; c++) this.system[r * 7 + c] = this.normal[r * 6 + c]!;
  }

  private variance(k: number): number {
    this.load();
    for (let r = 0; r < 6; r++) this.system[r * 7 + 6] = r === k ? 1 : 0;
    return solve(this.system, 6, this.answer) ? Math.max(0, this.answer[k]!) : 1e6;
  }

  private add(u: number, v: number, ex: number, ey: number, xx: number, xy: number, yy: number): void {
    const a = this.normal;
    const b = this.right;
    const gx = xx * ex + xy * ey;
    const gy = xy * ex + yy * ey;
    for (let r = 0; r < 3; r++) {
      const fr = r === 0 ? 1 : r === 1 ? u : v;
      b[r] = b[r]! + fr * gx;
      b[r + 3] = b[r + 3]! + fr * gy;
      for (let c = 0; c < 3; c++) {
        const f = fr * (c === 0 ? 1 : c === 1 ? u : v);
        a[r * 6 + c] = a[r * 6 + c]! + f * xx;
        a[r * 6 + c + 3] = a[r * 6 + c + 3]! + f * xy;
        a[(r + 3) * 6 + c] = a[(r + 3) * 6 + c]! + f * xy;
        a[(r + 3) * 6 + c + 3] = a[(r + 3) * 6 + c + 3]! + f * yy;
      }
    }
  }
}
