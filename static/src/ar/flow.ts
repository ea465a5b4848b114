/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { PatchAligner } from "./align";
import type { Estimator } from "./estimate";
import { type Homography, identity, isBelievable, projectX, projectY } from "./homography";
import type { Pyramid } from "./pyramid";
import type { Scan } from "./scan";

const MOST_FLOWS = 110;
/** Correlation of two frames from which their map is not questioned. */
const EXPLAINED = 0.93;
const STILL = Float64Array.of(1, 0, 0, 1);

/** From one frame to the next: a whole-picture shift, then pyramidal Lucas-Kanade of points, then RANSAC over them. */
export class Flow {
  /** Last frame to this one. */
  readonly h: Homography = identity();
  /** Whole-picture shift of this frame against the last, in frame pixels. */
  shiftX = 0;
  shiftY = 0;
  private readonly from = new Float32Array(2 * MOST_FLOWS);
  private readonly to = new Float32Array(2 * MOST_FLOWS);
  private readonly index = new Int32Array(MOST_FLOWS);
  private count = 0;
  /** How far the frame's middle moved, pixels; the next frame is expected to go on so. */
  speedX = 0;
  speedY = 0;
  private readonly savedH: Homography = identity();
  private readonly savedTo = new Float32Array(2 * MOST_FLOWS);
  private readonly savedIndex = new Int32Array(MOST_FLOWS);
  private savedCount = 0;

  constructor(
    private readonly aligner: PatchAligner,
    private readonly estimator: Estimator,
    private readonly scan: Scan,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /**
   * Moves `n` points of `last` (x0, y0, x1, y1.. in `at`) into `cur`, in place: by their own flow where that agrees with
   * the rest, else by the common map. `trusted` says which of them were verified; those lead. False when too few agree.
   */
  follow(last: Pyramid, cur: Pyramid, n: number, at: Float32Array, trusted: Uint8Array): boolean {
    if (!this.choose(last, cur, n, at, trusted)) return false;
    for (let i = 0; i < n; i++) {
      const x = at[2 * i]!;
      const y = at[2 * i + 1]!;
      at[2 * i] = projectX(this.h, x, y);
      at[2 * i + 1] = projectY(this.h, x, y);
    }
    // A point's own flow carries its depth; far from the common map it is an error.
    const limit = 5;
    for (let k = 0; k < this.count; k++) {
      const i = this.index[k]!;
      const dx = this.to[2 * k]! - at[2 * i]!;
      const dy = this.to[2 * k + 1]! - at[2 * i + 1]!;
      if (dx * dx + dy * dy > limit * limit) continue;
      at[2 * i] = this.to[2 * k]!;
      at[2 * i + 1] = this.to[2 * k + 1]!;
    }
    return true;
  }

  /** Forgets the camera's speed (a new start). */
  rest(): void {
    this.speedX = 0;
    this.speedY = 0;
  }

  /** The picture moved by so many pixels, as became known otherwise. */
  head(x: number, y: number): void {
    this.speedX = x;
    this.speedY = y;
  }

  /**
   * Finds `h` from the camera's last speed, and where that does not explain the picture, from standing still and from the
   * best whole-picture shift. On a panel of equal lamps a shift by one lamp explains most, so the whole decides, not points.
   */
  private choose(last: Pyramid, cur: Pyramid, n: number, at: Float32Array, trusted: Uint8Array): boolean {
    let best = this.explain(last, cur, n, at, trusted, this.speedX, this.speedY);
    if (best < EXPLAINED) {
      if (best > 0) this.save();
      if (Math.abs(this.speedX) + Math.abs(this.speedY) > 4)
        best = this.rival(best, last, cur, n, at, trusted, 0, 0);
      if (best < EXPLAINED) {
        this.shift(last, cur);
        best = this.rival(best, last, cur, n, at, trusted, this.shiftX, this.shiftY);
      }
      if (best > 0) this.load();
    }
    if (best <= 0) {
      this.rest();
      return false;
    }
    this.speedX = projectX(this.h, this.width / 2, this.height / 2) - this.width / 2;
    this.speedY = projectY(this.h, this.width / 2, this.height / 2) - this.height / 2;
    return true;
  }

  /** Tries another start; it must explain clearly more than `best` to be saved. Returns the better of both. */
  private rival(
    best: number,
    last: Pyramid,
    cur: Pyramid,
    n: number,
    at: Float32Array,
    trusted: Uint8Array,
    x: number,
    y: number,
  ): number {
    const value = this.explain(last, cur, n, at, trusted, x, y);
    if (value <= best + 0.02) return best;
    this.save();
    return value;
  }

  /** How well the map found from this start explains the whole frame, up to 1; 0: no map. */
  private explain(
    last: Pyramid,
    cur: Pyramid,
    n: number,
    at: Float32Array,
    trusted: Uint8Array,
    x: number,
    y: number,
  ): number {
    if (!this.track(last, cur, n, at, trusted, x, y)) return 0;
    return this.scan.compare(last, cur, this.h, 0) ? Math.max(0.01, this.scan.own) : 0;
  }

  private save(): void {
    this.savedH.set(this.h);
    this.savedTo.set(this.to);
    this.savedIndex.set(this.index);
    this.savedCount = this.count;
  }

  private load(): void {
    this.h.set(this.savedH);
    this.to.set(this.savedTo);
    this.index.set(this.savedIndex);
    this.count = this.savedCount;
  }

  private track(
    last: Pyramid,
    cur: Pyramid,
    n: number,
    at: Float32Array,
    trusted: Uint8Array,
    shiftX: number,
    shiftY: number,
  ): boolean {
    const finest = Math.min(1, cur.levels - 1);
    const coarsest = Math.min(3, cur.levels - 1);
    let count = 0;
    let tried = 0;
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < n && tried < MOST_FLOWS; i++) {
        if ((trusted[i]! === 1) !== (round === 0)) continue;
        const x = at[2 * i]!;
        const y = at[2 * i + 1]!;
        if (!(x > 8 && y > 8 && x < this.width - 8 && y < this.height - 8)) continue;
        tried++;
        const a = this.aligner;
        if (!a.align(last, x, y, STILL, cur, x + shiftX, y + shiftY, coarsest, finest, 5)) continue;
        if (a.ncc < 0.6) continue;
        this.from[2 * count] = x;
        this.from[2 * count + 1] = y;
        this.to[2 * count] = a.x;
        this.to[2 * count + 1] = a.y;
        this.index[count] = i;
        count++;
      }
      // Unverified points are a crutch for when the verified ones are few.
      if (count >= 40) break;
    }
    this.count = count;
    if (count < 8) return false;
    const agreed = this.estimator.ransac(count, this.from, this.to, 2.5, 80, this.h);
    if (agreed < 8 || agreed < 0.4 * tried * 0.6) return false;
    return isBelievable(this.h, this.width, this.height, this.width / 2, this.height / 2);
  }

  /** The shift with the least squared difference on the coarsest level; none unless clearly better than standing still. */
  private shift(last: Pyramid, cur: Pyramid): void {
    const level = cur.levels - 1;
    const w = cur.widths[level]!;
    const h = cur.heights[level]!;
    const a = last.data[level]!;
    const b = cur.data[level]!;
    const reachX = Math.floor(w / 4);
    const reachY = Math.floor(h / 4);
    const still = meanSquare(a, b, w, h, 0, 0, Infinity);
    let best = still * 0.7;
    let [bestX, bestY] = [0, 0];
    if (still > 12) {
      for (let dy = -reachY; dy <= reachY; dy++) {
        for (let dx = -reachX; dx <= reachX; dx++) {
          const value = meanSquare(a, b, w, h, dx, dy, best);
          if (value < best) {
            best = value;
            bestX = dx;
            bestY = dy;
          }
        }
      }
    }
    this.shiftX = bestX * (1 << level);
    this.shiftY = bestY * (1 << level);
  }
}

/** Mean squared difference of a(x, y) and b(x + dx, y + dy) without their means, over every second pixel of the overlap. */
function meanSquare(
  a: Uint8Array,
  b: Uint8Array,
  w: number,
  h: number,
  dx: number,
  dy: number,
  limit: number,
): number {
  const x0 = Math.max(0, -dx);
  const x1 = Math.min(w, w - dx);
  const y0 = Math.max(0, -dy);
  const y1 = Math.min(h, h - dy);
  const area = Math.ceil((x1 - x0) / 2) * (y1 - y0);
  let sum = 0;
  let square = 0;
  for (let y = y0; y < y1; y++) {
    const i = y * w;
    const k = (y + dy) * w + dx;
    for (let x = x0; x < x1; x += 2) {
      const d = b[k + x]! - a[i + x]!;
      sum += d;
      square += d * d;
    }
    if (square - (sum * sum) / area > 2 * limit * area) return Infinity;
  }
  return (square - (sum * sum) / area) / area;
}
