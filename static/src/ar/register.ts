/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { PatchAligner } from "./align";
import type { Estimator } from "./estimate";
import { depthOf, type Homography, jacobian, projectX, projectY } from "./homography";
import type { Pyramid } from "./pyramid";
import { MOST_POINTS, type View } from "./view";

const RADIUS = 6;
const ANCHOR_RADIUS = 9;

/** Aligns a view's patches with the current frame and fits the view's plane to where they were found. */
export class Registration {
  /** Where each patch of the view is in the current frame. */
  readonly at = new Float32Array(2 * MOST_POINTS);
  /** 1 where the patch was found again in this frame. */
  readonly good = new Uint8Array(MOST_POINTS);
  readonly inFrame = new Uint8Array(MOST_POINTS);
  readonly info = new Float32Array(3 * MOST_POINTS);
  readonly ncc = new Float32Array(MOST_POINTS);
  /** Patches inside the frame, and those of them found. */
  inside = 0;
  found = 0;
  private readonly weighed = new Float32Array(3 * MOST_POINTS);
  private readonly j = new Float64Array(4);

  constructor(
    private readonly aligner: PatchAligner,
    private readonly estimator: Estimator,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** Puts every patch where `h` (view to current frame) says. */
  place(view: View, h: Homography): void {
    for (let i = 0; i < view.n; i++) {
      const x = view.at[2 * i]!;
      const y = view.at[2 * i + 1]!;
      this.at[2 * i] = projectX(h, x, y);
      this.at[2 * i + 1] = projectY(h, x, y);
      this.good[i] = 0;
    }
  }

  /**
   * Looks for each patch from `at`, warped by `h`, from level `from` down; a patch counts as found with a correlation of
   * `least` within `reach` pixels of where it was expected.
   */
  align(view: View, cur: Pyramid, h: Homography, from: number, least: number, reach: number): void {
    this.inside = 0;
    this.found = 0;
    const margin = RADIUS + 3;
    for (let i = 0; i < view.n; i++) {
      const qx = view.at[2 * i]!;
      const qy = view.at[2 * i + 1]!;
      const px = this.at[2 * i]!;
      const py = this.at[2 * i + 1]!;
      this.good[i] = 0;
      this.ncc[i] = 0;
      this.info[3 * i] = 0;
      this.info[3 * i + 1] = 0;
      this.info[3 * i + 2] = 0;
      const visible = px > margin && py > margin && px < this.width - margin && py < this.height - margin;
      this.inFrame[i] = visible && depthOf(h, qx, qy) > 0.1 ? 1 : 0;
      if (this.inFrame[i]! === 0) continue;
      this.inside++;
      jacobian(h, qx, qy, this.j);
      const grown = this.j[0]! * this.j[3]! - this.j[1]! * this.j[2]! > 2.6 ? 1 : 0;
      const radius = i < view.anchors ? ANCHOR_RADIUS : RADIUS;
      const a = this.aligner;
      if (!a.align(view.pyramid, qx, qy, this.j, cur, px, py, Math.max(from, grown), grown, radius)) continue;
      this.ncc[i] = a.ncc;
      const dx = a.x - px;
      const dy = a.y - py;
      if (a.ncc < least || dx * dx + dy * dy > reach * reach) continue;
      this.good[i] = 1;
      this.found++;
      this.at[2 * i] = a.x;
      this.at[2 * i + 1] = a.y;
      this.info[3 * i] = a.xx;
      this.info[3 * i + 1] = a.xy;
      this.info[3 * i + 2] = a.yy;
    }
  }

  /**
   * Refines `h` with the patches found, those near (x, y) of the view first; patches that were not found are put where
   * `h` expects them, keeping most of their own offset from the plane.
   */
  fit(view: View, h: Homography, x: number, y: number): boolean {
    const reach = 0.4 * this.width;
    for (let i = 0; i < view.n; i++) {
      const dx = (view.at[2 * i]! - x) / reach;
      const dy = (view.at[2 * i + 1]! - y) / reach;
      const w = this.good[i]! / (1 + dx * dx + dy * dy);
      for (let k = 3 * i; k < 3 * i + 3; k++) this.weighed[k] = this.info[k]! * w;
    }
    return this.estimator.refine(view.n, view.at, this.at, this.weighed, h, 5, 1.5, 2e4);
  }

  /** Moves the patches that were not found along with the change of the map from `before` to `after`. */
  carry(view: View, before: Homography, after: Homography): void {
    const far = 0.08 * this.width;
    for (let i = 0; i < view.n; i++) {
      const qx = view.at[2 * i]!;
      const qy = view.at[2 * i + 1]!;
      const x = projectX(after, qx, qy);
      const y = projectY(after, qx, qy);
      let ox = this.at[2 * i]! - x;
      let oy = this.at[2 * i + 1]! - y;
      if (this.good[i]! === 0) {
        ox = 0.8 * (this.at[2 * i]! - projectX(before, qx, qy));
        oy = 0.8 * (this.at[2 * i + 1]! - projectY(before, qx, qy));
      }
      if (ox * ox + oy * oy > far * far) {
        this.good[i] = 0;
        ox = 0;
        oy = 0;
      }
      this.at[2 * i] = x + ox;
      this.at[2 * i + 1] = y + oy;
    }
  }
}
