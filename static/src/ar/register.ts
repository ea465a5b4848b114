/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { PatchAligner } from "./align";
import type { Estimator } from "./estimate";
import { depthOf, type Homography, identity, jacobian, projectX, projectY } from "./homography";
import type { Pyramid } from "./pyramid";
import { MOST_ANCHORS, MOST_POINTS, type View } from "./view";

const STILL = Float64Array.of(1, 0, 0, 1);
/** Shares of the frame time that are tried as the exposure. */
const EXPOSURES = [0, 0.4, 0.8] as const;
const RADIUS = 6;
const ANCHOR_RADIUS = 9;
/** In real depth the mark's own surface may be narrow: what is around it moves otherwise and would pull at the patch. */
const NARROW_RADIUS = 5;
const DEEP_RELIEF_PX = 0.5;
/** Correlation that so small a patch must have, from frame to frame and after it was not found. */
const NARROW_LEAST = 0.72;
const NARROW_AGAIN = 0.82;
const NARROW_SOUGHT = 0.88;
/** Correlation without the light from which a patch is there, though it could not be aligned. */
const UNDER_GLARE = 0.6;
/** Variance of a patch, in those of the noise, from which another frame's noise leaves it a correlation of 0.7. */
const OVER_NOISE = 4;
/** Variance, gray levels squared, from which corners are to be doubted. */
const DIM_NOISE = 16;
const EXPECTED_PX = 2.5;
/** How far around its expected place an anchor is looked for when it was not found. */
const SEEK_PX = 12;
/** How much more alike it must be where its own motion brings it. */
const WANDER_GAIN = 0.08;

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
  /** How far the found patches lie off the fitted plane, pixels: what real depth there is. */
  relief = 0;
  /** Only every so manieth patch is aligned: enough to see where a place lies. */
  every = 1;
  /** Share of the time between frames for which the shutter was open; 0: no smear. */
  private exposure = 0;
  private usualExposure = 0;
  private turn = 0;
  private readonly back: Homography = identity();
  private readonly start = new Float32Array(2 * MOST_POINTS);
  private readonly otherAt = new Float32Array(2 * MOST_POINTS);
  private readonly otherInfo = new Float32Array(3 * MOST_POINTS);
  private readonly otherNcc = new Float32Array(MOST_POINTS);
  private readonly otherGood = new Uint8Array(MOST_POINTS);
  private readonly otherInFrame = new Uint8Array(MOST_POINTS);
  private readonly otherDrift = new Float32Array(2 * MOST_ANCHORS);
  private readonly otherHeld = new Uint8Array(MOST_ANCHORS);
  private readonly weighed = new Float32Array(3 * MOST_POINTS);
  private readonly j = new Float64Array(4);
  /** How far each anchor was found from where it was expected, last time, and where its search may start. */
  private readonly drift = new Float32Array(2 * MOST_ANCHORS);
  private readonly starts = new Float64Array(6);
  private readonly held = new Uint8Array(MOST_ANCHORS);
  private wandered = false;

  constructor(
    private readonly aligner: PatchAligner,
    private readonly estimator: Estimator,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** Pixels that were read so far. */
  get work(): number {
    return this.aligner.work;
  }

  /** Tells which of the view's patches have texture, by finding them in their own picture: a corner may be the noise's own. */
  assess(view: View): void {
    view.telling.fill(1);
    const a = this.aligner;
    const noise = view.noise * view.noise;
    const count = noise > DIM_NOISE ? view.n : view.anchors;
    for (let i = 0; i < count; i++) {
      const x = view.at[2 * i]!;
      const y = view.at[2 * i + 1]!;
      const radius = i < view.anchors ? ANCHOR_RADIUS : RADIUS;
      const found = a.align(view.pyramid, x, y, STILL, view.pyramid, x, y, 0, 0, radius);
      // Under a contrast of six gray levels, or twice the noise, that alone can hide a patch.
      const least = Math.max(36, OVER_NOISE * noise) * (2 * radius + 1) ** 2;
      view.telling[i] = found && a.energy > least && 1 / a.xx + 1 / a.yy < 0.1 ? 1 : 0;
    }
  }

  /**
   * As `align`, and where the camera was fast enough to blur its picture, with templates smeared along its path or on
   * coarser levels, whichever finds clearly more. `back` maps this frame to the last, `speed` is pixels a frame.
   */
  alignMoving(
    view: View,
    cur: Pyramid,
    h: Homography,
    from: number,
    least: number,
    reach: number,
    back: Homography,
    speed: number,
  ): void {
    this.start.set(this.at);
    this.back.set(back);
    const fast = speed > 4;
    this.exposure = fast ? this.usualExposure : 0;
    this.align(view, cur, h, from, 0, least, reach);
    // The exposure is not known: now and then, and when patches go missing, another share of the frame time is tried.
    this.turn = (this.turn + 1) % EXPOSURES.length;
    const other = EXPOSURES[this.turn]!;
    if (fast && other !== this.usualExposure && this.found < 0.9 * this.inside) {
      this.exposure = other;
      if (this.again(view, cur, h, from, 0, least, reach, 1.05)) this.usualExposure = other;
    }
    for (let to = 1; to <= 2 && to < cur.levels && this.found < 0.5 * this.inside; to++) {
      this.exposure = fast ? this.usualExposure : 0;
      if (!this.again(view, cur, h, Math.max(from, to + 1), to, least + 0.06, reach + to, 1.3)) break;
    }
    this.exposure = 0;
  }

  /** Aligns anew and keeps that if it finds `gain` times as many patches; else all stays as it was. */
  private again(
    view: View,
    cur: Pyramid,
    h: Homography,
    from: number,
    to: number,
    least: number,
    reach: number,
    gain: number,
  ): boolean {
    const found = this.found;
    this.swap();
    this.at.set(this.start);
    this.align(view, cur, h, from, to, least, reach);
    if (this.found >= gain * found) return true;
    this.swap();
    this.found = found;
    return false;
  }

  private swap(): void {
    exchange(this.at, this.otherAt);
    exchange(this.info, this.otherInfo);
    exchange(this.ncc, this.otherNcc);
    exchange(this.good, this.otherGood);
  }

  /** Has everything after `act`, which may place and align, as it was before. */
  aside(act: () => void): void {
    const { inside, found, relief } = this;
    this.swap();
    exchange(this.inFrame, this.otherInFrame);
    this.otherDrift.set(this.drift);
    this.otherHeld.set(this.held);
    act();
    this.swap();
    exchange(this.inFrame, this.otherInFrame);
    this.drift.set(this.otherDrift);
    this.held.set(this.otherHeld);
    this.inside = inside;
    this.found = found;
    this.relief = relief;
  }

  /** Whether anchor `i`, which was not aligned, is to be seen under a reflection where `h` puts it. */
  showsThroughGlare(view: View, i: number, cur: Pyramid, h: Homography): boolean {
    const [qx, qy] = [view.at[2 * i]!, view.at[2 * i + 1]!];
    jacobian(h, qx, qy, this.j);
    const [x, y] = [projectX(h, qx, qy), projectY(h, qx, qy)];
    const like = this.aligner.likenessUnderGlare(view.pyramid, qx, qy, this.j, cur, x, y, ANCHOR_RADIUS);
    return like > UNDER_GLARE;
  }

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
   * `least` within `reach` pixels of where it was expected. The search ends on level `to`: on a blurred frame the finer
   * ones show nothing.
   */
  align(
    view: View,
    cur: Pyramid,
    h: Homography,
    from: number,
    to: number,
    least: number,
    reach: number,
  ): void {
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
      const isDue = this.every === 1 || i % this.every === 0;
      const visible =
        isDue && px > margin && py > margin && px < this.width - margin && py < this.height - margin;
      this.inFrame[i] = visible && depthOf(h, qx, qy) > 0.1 ? 1 : 0;
      if (this.inFrame[i]! === 0) continue;
      this.inside++;
      jacobian(h, qx, qy, this.j);
      const grown = this.j[0]! * this.j[3]! - this.j[1]! * this.j[2]! > 2.6 ? 1 : 0;
      const finest = Math.max(to, grown);
      const radius = i < view.anchors ? ANCHOR_RADIUS : RADIUS;
      const a = this.aligner;
      a.smearX = this.exposure * (px - projectX(this.back, px, py));
      a.smearY = this.exposure * (py - projectY(this.back, px, py));
      let aligned = a.align(
        view.pyramid,
        qx,
        qy,
        this.j,
        cur,
        px,
        py,
        Math.max(from, finest),
        finest,
        radius,
      );
      let needed = least;
      let [startX, startY] = [px, py];
      if (i < view.anchors && this.relief > DEEP_RELIEF_PX) {
        aligned = this.narrow(view, i, cur, px, py, finest, aligned);
        const expected = (a.x - px) ** 2 + (a.y - py) ** 2 < EXPECTED_PX * EXPECTED_PX;
        needed = Math.max(least, expected || this.held[i] === 1 ? NARROW_LEAST : NARROW_AGAIN);
        if ((!aligned || a.ncc < needed) && this.held[i] === 0) {
          // Out of sight for some frames, it may be anywhere around.
          aligned =
            a.seek(view.pyramid, qx, qy, this.j, cur, px, py, NARROW_RADIUS, SEEK_PX, NARROW_SOUGHT - 0.15) &&
            this.alignNarrow(view, i, cur, a.x, a.y, finest);
          needed = NARROW_SOUGHT;
          [startX, startY] = [a.x, a.y];
        } else if (this.wandered) [startX, startY] = [this.starts[4]!, this.starts[5]!];
        this.held[i] = 0;
      }
      if (!aligned) continue;
      this.ncc[i] = a.ncc;
      const dx = a.x - startX;
      const dy = a.y - startY;
      if (a.ncc < needed || dx * dx + dy * dy > reach * reach) continue;
      if (i < view.anchors) {
        this.held[i] = 1;
        this.drift[2 * i] = (this.drift[2 * i]! + a.x - px) / 2;
        this.drift[2 * i + 1] = (this.drift[2 * i + 1]! + a.y - py) / 2;
      }
      this.good[i] = 1;
      this.found++;
      this.at[2 * i] = a.x;
      this.at[2 * i + 1] = a.y;
      this.info[3 * i] = a.xx;
      this.info[3 * i + 1] = a.xy;
      this.info[3 * i + 2] = a.yy;
    }
    this.aligner.smearX = 0;
    this.aligner.smearY = 0;
  }

  /**
   * The same for the innermost of an anchor: from where its wide patch was found and from where it was expected; and if
   * neither is much like it, from where its own motion of late would bring it. What is most alike is left in the aligner.
   */
  private narrow(
    view: View,
    i: number,
    cur: Pyramid,
    px: number,
    py: number,
    level: number,
    wide: boolean,
  ): boolean {
    const { aligner: a, starts } = this;
    starts[0] = wide ? a.x : px;
    starts[1] = wide ? a.y : py;
    starts[2] = px;
    starts[3] = py;
    starts[4] = px + this.drift[2 * i]!;
    starts[5] = py + this.drift[2 * i + 1]!;
    let [best, at, last] = [0, -1, -1];
    for (let k = wide ? 0 : 1; k < 3; k++) {
      // A patch that slides along an edge looks alike everywhere: its motion is no reason to believe it.
      const gain = k === 2 ? WANDER_GAIN : 0;
      if (best > 1 - gain || !this.alignNarrow(view, i, cur, starts[2 * k]!, starts[2 * k + 1]!, level))
        continue;
      last = k;
      if (a.ncc <= best + gain) continue;
      best = a.ncc;
      at = k;
    }
    this.wandered = at === 2;
    if (at < 0) return false;
    return at === last || this.alignNarrow(view, i, cur, starts[2 * at]!, starts[2 * at + 1]!, level);
  }

  private alignNarrow(view: View, i: number, cur: Pyramid, x: number, y: number, level: number): boolean {
    const [qx, qy] = [view.at[2 * i]!, view.at[2 * i + 1]!];
    return this.aligner.align(view.pyramid, qx, qy, this.j, cur, x, y, level, level, NARROW_RADIUS);
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
    if (!this.estimator.refine(view.n, view.at, this.at, this.weighed, h, 5, 1.5, 2e4)) return false;
    let [sum, count] = [0, 0];
    for (let i = 0; i < view.n; i++) {
      if (this.good[i] === 0) continue;
      const dx = this.at[2 * i]! - projectX(h, view.at[2 * i]!, view.at[2 * i + 1]!);
      const dy = this.at[2 * i + 1]! - projectY(h, view.at[2 * i]!, view.at[2 * i + 1]!);
      sum += Math.min(8, Math.sqrt(dx * dx + dy * dy));
      count++;
    }
    this.relief = count > 0 ? sum / count : 0;
    return true;
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
      // An anchor may be far before the rest: it was followed there, step by step.
      const most = i < view.anchors ? 5 * far : far;
      if (ox * ox + oy * oy > most * most) {
        this.good[i] = 0;
        ox = 0;
        oy = 0;
      }
      this.at[2 * i] = x + ox;
      this.at[2 * i + 1] = y + oy;
    }
  }
}

function exchange(a: Float32Array | Uint8Array, b: Float32Array | Uint8Array): void {
  for (let k = 0; k < a.length; k++) {
    const held = a[k]!;
    a[k] = b[k]!;
    b[k] = held;
  }
}
