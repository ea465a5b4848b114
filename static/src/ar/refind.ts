/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, identity, isBelievable, multiply, projectX, projectY } from "./homography";
import type { LocalField } from "./local";
import type { Locator } from "./locate";
import type { Pyramid } from "./pyramid";
import type { Registration } from "./register";
import type { Scan } from "./scan";
import { LEAST_FOUND, type View } from "./view";
import type { Views } from "./views";

const STRAIGHT = identity();
/** How the camera may have been turned (radians) and come nearer while it was away, likeliest first. */
const STANCES = [
  [0, 1],
  [0.16, 1],
  [-0.16, 1],
  [0, 0.86],
  [0, 1.16],
] as const;

/** Finds the machine again: proposes places of the stored views, checks them patch by patch, and vetoes what is ambiguous. */
export class Refinder {
  /** Where the keyframe was when its mark was last surely in the frame: people come back to it. */
  readonly home: Homography = identity();
  private cur: Pyramid;
  private turn = 0;
  private stance = -1;
  private readonly start = identity();
  private readonly before = identity();
  private readonly back = identity();
  private readonly best = identity();

  /** `h` is the tracker's own map, view to frame; `find` leaves its answer there and in `registration` and `local`. */
  constructor(
    private readonly h: Homography,
    private readonly known: Views,
    private readonly locator: Locator,
    private readonly registration: Registration,
    private readonly local: LocalField,
    private readonly scan: Scan,
    cur: Pyramid,
    private readonly width: number,
    private readonly height: number,
  ) {
    this.cur = cur;
  }

  reset(): void {
    this.home.set(STRAIGHT);
    this.turn = 0;
    this.stance = -1;
  }

  /** Looks for the stored views in `cur`, one or two a frame; the view that is surely there, with `h` and the patches set. */
  find(cur: Pyramid): View | null {
    this.cur = cur;
    this.locator.look(cur);
    const tries = Math.min(2, this.known.count);
    for (let k = 0; k < tries; k++) {
      // The keyframe gets every other try: it is where people come back to.
      const index = this.turn % 2 === 0 ? 0 : 1 + ((this.turn >> 1) % Math.max(1, this.known.count - 1));
      this.turn++;
      const view = this.known.all[Math.min(index, this.known.count - 1)]!;
      if (this.locator.find(view) && this.accept(view, this.locator.h, 2)) return view;
    }
    return this.seek();
  }

  /** Slides the last good sight of the keyframe over the frame: where corners are all alike, the whole still is not. */
  private seek(): View | null {
    const key = this.known.all[0];
    if (key === undefined) return null;
    for (let k = 0; k < 2; k++) {
      this.stance = (this.stance + 1) % (2 * STANCES.length);
      const [turn, size] = STANCES[this.stance >> 1]!;
      this.turned(turn, size);
      multiply(this.back, this.stance % 2 === 0 ? this.home : STRAIGHT, this.start);
      if (!this.scan.seek(key.pyramid, this.cur, this.start, 0.5 * this.width) || this.scan.other < 0.4)
        continue;
      this.back.set(STRAIGHT);
      this.back[2] = this.scan.otherX;
      this.back[5] = this.scan.otherY;
      multiply(this.back, this.start, this.back);
      if (this.accept(key, this.back, 3)) return key;
    }
    return null;
  }

  /** Sets `back` to a turn by `angle` radians and a change of size about the frame's middle. */
  private turned(angle: number, size: number): void {
    const c = size * Math.cos(angle);
    const s = size * Math.sin(angle);
    const [x, y] = [this.width / 2, this.height / 2];
    this.back.set(STRAIGHT);
    this.back[0] = c;
    this.back[1] = -s;
    this.back[2] = x - c * x + s * y;
    this.back[3] = s;
    this.back[4] = c;
    this.back[5] = y - s * x - c * y;
  }

  /** Checks a found view patch by patch, then the whole overlap against every place beside it. */
  private accept(view: View, h: Float64Array, from: number): boolean {
    const seen = this.registration;
    this.h.set(h);
    if (!this.plausible(view)) return false;
    this.local.centre(view);
    seen.place(view, this.h);
    seen.align(view, this.cur, this.h, from, 0, 0.7, from > 2 ? 28 : 14);
    if (seen.found < Math.max(LEAST_FOUND + 4, 0.35 * seen.inside)) return false;
    if (!seen.fit(view, this.h, this.local.x, this.local.y) || !this.plausible(view)) return false;
    seen.place(view, this.h);
    seen.align(view, this.cur, this.h, 1, 0, 0.7, 8);
    if (seen.found < Math.max(LEAST_FOUND + 4, 0.4 * seen.inside)) return false;
    this.before.set(this.h);
    if (!seen.fit(view, this.h, this.local.x, this.local.y) || !this.plausible(view)) return false;
    seen.carry(view, this.before, this.h);
    if (!this.scan.compare(view.pyramid, this.cur, this.h, 0.24 * this.width)) return false;
    // Depth tears the overlap apart, so there the whole says less and the patches must say more.
    const relief = Math.min(1, seen.relief / 3);
    if (this.scan.own < 0.5 - 0.25 * relief) return false;
    if (seen.found < LEAST_FOUND + 4 + 12 * relief) return false;
    return this.outdoes(view) && this.showsMark();
  }

  /**
   * Takes the best of the place just found and the likeliest ones aside, each aligned by itself; false when two are too
   * much alike. On a panel one lamp aside all lamps match, and only what is printed between them does not.
   */
  private outdoes(view: View): boolean {
    const seen = this.registration;
    this.before.set(this.h);
    this.best.set(this.h);
    const hereFound = seen.found;
    let [bestFound, bestMissed] = [hereFound, seen.inside - hereFound];
    let rivalMissed = Infinity;
    for (let k = 0; k < this.scan.peaks; k++) {
      if (this.scan.peakValue[k]! < this.scan.own - 0.5) break;
      this.back.set(STRAIGHT);
      this.back[2] = this.scan.peakX[k]!;
      this.back[5] = this.scan.peakY[k]!;
      multiply(this.back, this.before, this.h);
      if (!this.settle(view) || this.apart(view, this.before) < 6 || this.apart(view, this.best) < 6)
        continue;
      const missed = seen.inside - seen.found;
      if (seen.found >= LEAST_FOUND + 4 && missed < bestMissed && seen.found > 0.8 * bestFound) {
        rivalMissed = Math.min(rivalMissed, bestMissed);
        bestFound = seen.found;
        bestMissed = missed;
        this.best.set(this.h);
      } else if (seen.found > 0.6 * bestFound) {
        rivalMissed = Math.min(rivalMissed, missed);
      }
    }
    this.h.set(this.best);
    seen.place(view, this.h);
    seen.align(view, this.cur, this.h, 1, 0, 0.7, 8);
    this.before.set(this.h);
    if (!seen.fit(view, this.h, this.local.x, this.local.y)) return false;
    seen.carry(view, this.before, this.h);
    if (rivalMissed === Infinity) return true;
    // The place itself may be out of sight and only its likenesses in it: then even the best misses what tells it apart.
    if (bestFound + bestMissed < 0.4 * view.n) return false;
    return rivalMissed >= bestMissed + 4 && bestMissed <= 2 + 0.03 * bestFound;
  }

  /** Aligns from where `h` puts the view, twice; false when that comes to nothing. */
  private settle(view: View): boolean {
    const seen = this.registration;
    for (let round = 0; round < 2; round++) {
      seen.place(view, this.h);
      seen.align(view, this.cur, this.h, 2 - round, 0, 0.7, round === 0 ? 18 : 8);
      if (seen.found < LEAST_FOUND || !seen.fit(view, this.h, this.local.x, this.local.y)) return false;
      if (!this.plausible(view)) return false;
    }
    return true;
  }

  /** Whether the marks' centre is in the frame: a place without it would be believed on what lies far from the mark. */
  private showsMark(): boolean {
    const { x, y } = this.local;
    const u = projectX(this.h, x, y);
    const v = projectY(this.h, x, y);
    return u >= 0 && v >= 0 && u < this.width && v < this.height;
  }

  /** Distance of the marks' centre under `h` and under `other`, pixels. */
  private apart(view: View, other: Float64Array): number {
    const { x, y } = this.local;
    if (!this.plausible(view)) return Infinity;
    return Math.hypot(
      projectX(this.h, x, y) - projectX(other, x, y),
      projectY(this.h, x, y) - projectY(other, x, y),
    );
  }

  private plausible(view: View): boolean {
    return isBelievable(this.h, this.width, this.height, view.marks[0]!, view.marks[1]!);
  }
}
