/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, projectX, projectY, solve } from "./homography";
import { Parallax } from "./parallax";
import type { Registration } from "./register";
import type { View } from "./view";

const ANCHOR_WEIGHT = 4;
/** Of the scene's relief: how far, one standard deviation, a neighbour's depth may put it beside the mark's surface. */
const NEIGHBOUR_RELIEF = 0.5;
/** The same of the mark's own depth where no patch of its own tells it, at first and by frame. */
const UNSEEN_RELIEF = 0.4;
const UNSEEN_RELIEF_A_FRAME = 0.1;
/** Weight of the patches close by from which their absence says something. */
const LEAST_NEAR = 0.3;
const LEAST_RELIEF_PX = 0.7;
/** What neighbours count where the marks' place is foretold from their wandering. */
const ASIDE = 0.1;

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
  /** The same of those closest to the marks; 1 where there are none. */
  nearby = 1;
  /** The scene has depth and nothing of the marks' own surface was found: they are where it must be, not where it is. */
  isGuessed = false;
  readonly parallax = new Parallax();
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
    this.isGuessed = false;
    this.parallax.forget();
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
    // Before a flat wall there may be nothing that has depth but the marked part.
    const depth = Math.max(seen.relief, Math.hypot(this.c[0]!, this.c[3]!) / 4);
    const relief = depth > LEAST_RELIEF_PX ? depth : 0;
    const { parallax } = this;
    parallax.take(view, seen, h, this.x, this.y, this.reach);
    this.isGuessed = relief > 0 && parallax.unseen > 0;
    const foretold = this.isGuessed && parallax.isTold;
    for (let round = 0; round < 4; round++) {
      const a = this.normal;
      const b = this.right;
      a.fill(0);
      b.fill(0);
      error = 0;
      mass = 0;
      let [hope, had, hopeNear, hadNear] = [0, 0, 0, 0];
      for (let i = 0; i < view.n; i++) {
        const qx = view.at[2 * i]!;
        const qy = view.at[2 * i + 1]!;
        const u = (qx - this.x) / this.reach;
        const v = (qy - this.y) / this.reach;
        const far2 = u * u + v * v;
        if (far2 > 16) continue;
        const near = Math.exp(-far2 / 2) * (i < view.anchors ? ANCHOR_WEIGHT : 1);
        const wide = Math.exp(-far2 / 8) * (i < view.anchors ? ANCHOR_WEIGHT : 1);
        const missed = seen.inFrame[i]! * Math.max(view.telling[i]!, seen.good[i]!);
        hope += wide * missed;
        hopeNear += near * missed;
        if (seen.good[i]! === 0) continue;
        had += wide;
        hadNear += near;
        const ex = seen.at[2 * i]! - projectX(h, qx, qy);
        const ey = seen.at[2 * i + 1]! - projectY(h, qx, qy);
        const rx = ex - (this.c[0]! + this.c[1]! * u + this.c[2]! * v);
        const ry = ey - (this.c[3]! + this.c[4]! * u + this.c[5]! * v);
        const r2 = rx * rx + ry * ry;
        const w = near / (1 + r2 / 2.25);
        error += w * r2;
        mass += w;
        // In real depth a neighbour tells its own place well, and the mark's only as far as both are one surface.
        const aside = i < view.anchors ? 0 : NEIGHBOUR_RELIEF * relief * Math.min(1, Math.sqrt(far2));
        const told =
          (foretold ? ASIDE * w : w) /
          (1 + (aside * aside * (seen.info[3 * i]! + seen.info[3 * i + 2]!)) / 2);
        this.add(
          u,
          v,
          ex,
          ey,
          told * seen.info[3 * i]!,
          told * seen.info[3 * i + 1]!,
          told * seen.info[3 * i + 2]!,
        );
      }
      // Nothing near that could be missed: the rest of the plane speaks for the mark.
      this.support = hope > 0.3 ? had / hope : 0.5;
      this.nearby = hopeNear > LEAST_NEAR ? hadNear / hopeNear : 1;
      // Without evidence the field leans to none, the more the flatter the whole is.
      const lean = 1 / Math.min(10, Math.max(0.4, 2.5 * seen.relief)) ** 2;
      const hold = foretold ? 1 / parallax.sigma ** 2 : lean;
      for (const k of [0, 3]) {
        a[k * 7] = a[k * 7]! + hold;
        if (foretold) b[k] = b[k]! + hold * (k === 0 ? parallax.x : parallax.y);
        a[(k + 1) * 7] = a[(k + 1) * 7]! + 8 * lean;
        a[(k + 2) * 7] = a[(k + 2) * 7]! + 8 * lean;
      }
      this.load();
      for (let k = 0; k < 6; k++) this.system[k * 7 + 6] = b[k]!;
      if (!solve(this.system, 6, this.answer)) return;
      this.c.set(this.answer);
    }
    const spread = Math.max(1, mass > 0 ? error / mass / 0.25 : 1);
    // The neighbours' agreement does not tell how far the mark's own depth is from theirs.
    const unknown =
      relief * (UNSEEN_RELIEF + UNSEEN_RELIEF_A_FRAME * parallax.unseen) * (this.isGuessed ? 1 : 0);
    if (foretold) this.sigma = parallax.sigma;
    else this.sigma = Math.hypot(Math.sqrt((this.variance(0) + this.variance(3)) * spread), unknown);
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
