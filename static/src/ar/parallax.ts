/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, projectX, projectY } from "./homography";
import type { Registration } from "./register";
import { MOST_POINTS, type View } from "./view";

/** Patches that must be found both then and now. */
const LEAST_PATCHES = 8;
/** Without contrary evidence the parallax is what it was; square pixels of evidence. */
const HELD = 30;
const OUTLIER_PX = 2;
/** Nothing foretold is better than this, and it grows by frame. */
const BEST_PX = 0.6;
const GROWTH_PX = 0.08;
/** The same as a share of how far off the plane it is: what lies far off it wanders fast. */
const GROWTH = 0.04;
/** What was seen longer ago tells nothing. */
const REMEMBERED_FRAMES = 30;
/** Share of an anchor's information, 1/px^2, from which its place is known both ways. */
const TOLD = 1;

/**
 * Where the mark's own surface must be while no patch on it is found. As the camera moves, what lies off the plane wanders in
 * it, everything in one direction and by its depth: from the others' wandering since the mark was last seen follows its own.
 */
export class Parallax {
  /** Whether there is something to foretell from, and the mark's offset from the plane, pixels. */
  isTold = false;
  x = 0;
  y = 0;
  /** One standard deviation, pixels. */
  sigma = Infinity;
  /** Frames since a patch on the mark was found; 0: in this one. */
  unseen = 0;
  private readonly then = new Float32Array(2 * MOST_POINTS);
  private readonly had = new Uint8Array(MOST_POINTS);
  private readonly now = new Float32Array(2 * MOST_POINTS);
  private readonly weight = new Float32Array(MOST_POINTS);
  private has = false;

  forget(): void {
    this.has = false;
    this.isTold = false;
    this.unseen = 0;
    this.sigma = Infinity;
  }

  /** After the patches were aligned with the frame. `x`, `y`: the marks' centre in the view; `reach`: what is near it. */
  take(view: View, seen: Registration, h: Homography, x: number, y: number, reach: number): void {
    this.isTold = false;
    for (let i = 0; i < view.n; i++) {
      const qx = view.at[2 * i]!;
      const qy = view.at[2 * i + 1]!;
      this.now[2 * i] = seen.at[2 * i]! - projectX(h, qx, qy);
      this.now[2 * i + 1] = seen.at[2 * i + 1]! - projectY(h, qx, qy);
      const far2 = ((qx - x) ** 2 + (qy - y) ** 2) / (reach * reach);
      this.weight[i] = i < view.anchors ? 0 : 1 / (1 + far2 / 4);
    }
    if (isSeen(view, seen)) {
      this.unseen = 0;
      this.has = true;
      this.then.set(this.now);
      this.had.set(seen.good);
      return;
    }
    this.unseen++;
    if (this.has && this.unseen <= REMEMBERED_FRAMES) this.foretell(view, seen, h);
  }

  /** Least squares for now = a * then + b, complex: the wandering's size and direction, and what the plane itself did. */
  private foretell(view: View, seen: Registration, h: Homography): void {
    const { then, now } = this;
    let [ax, ay, bx, by] = [1, 0, 0, 0];
    let [error, mass, spread] = [0, 0, 0];
    let [meanX, meanY] = [0, 0];
    for (let round = 0; round < 3; round++) {
      let [sw, s0x, s0y, s1x, s1y] = [0, 0, 0, 0, 0];
      let count = 0;
      error = 0;
      mass = 0;
      for (let i = view.anchors; i < view.n; i++) {
        if (this.had[i] === 0 || seen.good[i] === 0) continue;
        const [ox, oy] = [then[2 * i]!, then[2 * i + 1]!];
        const rx = now[2 * i]! - (ax * ox - ay * oy + bx);
        const ry = now[2 * i + 1]! - (ay * ox + ax * oy + by);
        const r2 = rx * rx + ry * ry;
        const w = this.weight[i]! / (round === 0 ? 1 : 1 + r2 / (OUTLIER_PX * OUTLIER_PX));
        error += w * Math.min(64, r2);
        mass += w;
        sw += w;
        s0x += w * ox;
        s0y += w * oy;
        s1x += w * now[2 * i]!;
        s1y += w * now[2 * i + 1]!;
        count++;
      }
      if (count < LEAST_PATCHES || sw <= 0) return;
      meanX = s0x / sw;
      meanY = s0y / sw;
      const [nowX, nowY] = [s1x / sw, s1y / sw];
      let [re, im] = [HELD, 0];
      spread = HELD;
      for (let i = view.anchors; i < view.n; i++) {
        if (this.had[i] === 0 || seen.good[i] === 0) continue;
        const [ox, oy] = [then[2 * i]! - meanX, then[2 * i + 1]! - meanY];
        const [px, py] = [now[2 * i]! - nowX, now[2 * i + 1]! - nowY];
        const rx = now[2 * i]! - (ax * then[2 * i]! - ay * then[2 * i + 1]! + bx);
        const ry = now[2 * i + 1]! - (ay * then[2 * i]! + ax * then[2 * i + 1]! + by);
        const w = this.weight[i]! / (round === 0 ? 1 : 1 + (rx * rx + ry * ry) / (OUTLIER_PX * OUTLIER_PX));
        re += w * (ox * px + oy * py);
        im += w * (ox * py - oy * px);
        spread += w * (ox * ox + oy * oy);
      }
      ax = re / spread;
      ay = im / spread;
      bx = nowX - (ax * meanX - ay * meanY);
      by = nowY - (ay * meanX + ax * meanY);
    }
    let [x, y, far2, anchors] = [0, 0, 0, 0];
    for (let i = 0; i < view.anchors; i++) {
      if (this.had[i] === 0) continue;
      const [ox, oy] = [then[2 * i]!, then[2 * i + 1]!];
      const dx = ax * ox - ay * oy + bx;
      const dy = ay * ox + ax * oy + by;
      x += dx;
      y += dy;
      far2 += (ox - meanX) ** 2 + (oy - meanY) ** 2;
      anchors++;
      if (seen.good[i] === 1) continue;
      // The search of the next frame starts from there.
      seen.at[2 * i] = projectX(h, view.at[2 * i]!, view.at[2 * i + 1]!) + dx;
      seen.at[2 * i + 1] = projectY(h, view.at[2 * i]!, view.at[2 * i + 1]!) + dy;
    }
    if (anchors === 0) return;
    this.x = x / anchors;
    this.y = y / anchors;
    const noise = error / Math.max(1e-6, mass);
    const drift = BEST_PX + (GROWTH_PX + GROWTH * Math.hypot(this.x, this.y)) * this.unseen;
    this.sigma = Math.sqrt(noise + (noise * far2) / (anchors * spread) + drift * drift);
    this.isTold = true;
  }
}

/** Whether patches on the marks themselves were found, and tell their place both ways. */
function isSeen(view: View, seen: Registration): boolean {
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < view.anchors; i++) {
    if (seen.good[i]! === 0) continue;
    xx += seen.info[3 * i]!;
    xy += seen.info[3 * i + 1]!;
    yy += seen.info[3 * i + 2]!;
  }
  return (xx + yy - Math.sqrt((xx - yy) ** 2 + 4 * xy * xy)) / 2 > TOLD;
}
