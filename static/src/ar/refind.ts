/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, identity, isBelievable, multiply, projectX, projectY } from "./homography";
import type { LocalField } from "./local";
import type { Cells, Likeness } from "./likeness";
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

/** Sizes that are tried with the turn that the features tell. */
const SIZES = [1, 0.86, 1.16, 0.74] as const;
/** How far aside places that look alike are looked for, in frame widths. */
const RIVALS_REACH = 0.45;
const ROUNDS = 3;
/** Places aside that are asked whether the picture repeats itself. */
const LIKELIEST = 4;
/** Of the patches, every so manieth aligns a place that is only compared. */
const SPARSE = 3;
/** Cells that must tell the best place from each other, beside four times those that say the contrary. */
const LEAST_TELLING = 12;
const CONTRADICTED_MOST = 0.04;
/** How far out of the frame the mark may be when the machine comes in, frame widths. */
const BESIDE = 0.15;

/** Finds the machine again: proposes places of the stored views, checks them patch by patch, and vetoes what is ambiguous. */
export class Refinder {
  /** Where the keyframe was when its mark was last surely in the frame: people come back to it. */
  readonly home: Homography = identity();
  private cur: Pyramid;
  private turn = 0;
  private stance = -1;
  private size = -1;
  /** By how much the keyframe is turned, as its features say; NaN: not known. */
  private told = NaN;
  private readonly start = identity();
  private readonly before = identity();
  private readonly back = identity();
  private readonly best = identity();
  private bestCells: Cells;
  private otherCells: Cells;

  /** `h` is the tracker's own map, view to frame; `find` leaves its answer there and in `registration` and `local`. */
  constructor(
    private readonly h: Homography,
    private readonly known: Views,
    private readonly locator: Locator,
    private readonly registration: Registration,
    private readonly local: LocalField,
    private readonly scan: Scan,
    private readonly likeness: Likeness,
    cur: Pyramid,
    private readonly width: number,
    private readonly height: number,
  ) {
    this.cur = cur;
    this.bestCells = likeness.cells();
    this.otherCells = likeness.cells();
  }

  reset(): void {
    this.home.set(STRAIGHT);
    this.turn = 0;
    this.stance = -1;
    this.size = -1;
    this.told = NaN;
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
      const isFound = this.locator.find(view);
      if (index === 0) this.told = this.locator.turn;
      if (isFound && this.accept(view, this.locator.h, 2)) return view;
    }
    return this.seek();
  }

  /** A place that looks like the view but is contradicted by its small print: true when the right one is beside it. */
  beside(view: View, cur: Pyramid): boolean {
    this.cur = cur;
    this.start.set(this.h);
    return this.accept(view, this.start, 2);
  }

  /** After `scan.compare`: whether the view fits patch by patch, too, where another place looks like it. */
  fitsElsewhere(view: View, cur: Pyramid): boolean {
    this.cur = cur;
    this.before.set(this.h);
    let fits = false;
    this.registration.aside(() => {
      for (let k = 0; k < Math.min(LIKELIEST, this.scan.peaks) && !fits; k++) {
        this.back.set(STRAIGHT);
        this.back[2] = this.scan.peakX[k]!;
        this.back[5] = this.scan.peakY[k]!;
        multiply(this.back, this.before, this.h);
        fits = this.settle(view, 1) && this.apart(view, this.before) >= 6 && this.resembles(0.3);
      }
    });
    this.h.set(this.before);
    return fits;
  }

  /** Slides the last good sight of the keyframe over the frame: where corners are all alike, the whole still is not. */
  private seek(): View | null {
    const key = this.known.all[0];
    if (key === undefined) return null;
    for (let k = 0; k < 2; k++) {
      if (k === 0 && !Number.isNaN(this.told)) {
        this.size = (this.size + 1) % SIZES.length;
        this.turned(this.told, SIZES[this.size]!);
        this.start.set(this.back);
      } else {
        this.stance = (this.stance + 1) % (2 * STANCES.length);
        const [turn, size] = STANCES[this.stance >> 1]!;
        this.turned(turn, size);
        multiply(this.back, this.stance % 2 === 0 ? this.home : STRAIGHT, this.start);
      }
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
    if (!this.scan.compare(view.pyramid, this.cur, this.h, RIVALS_REACH * this.width)) return false;
    // Depth tears the overlap apart, so there the whole says less and the patches must say more.
    const relief = Math.min(1, seen.relief / 3);
    if (this.scan.own < 0.5 - 0.25 * relief) return false;
    if (seen.found < LEAST_FOUND + 4 + 12 * relief) return false;
    if (!this.outdoes(view) || !this.showsMark()) return false;
    multiply(this.h, view.fromKey, this.home);
    return true;
  }

  /**
   * Takes the best of the place just found and all that look like it, each aligned by itself; false when two are too much
   * alike, or when the best is contradicted by what is printed small. On a panel one lamp aside all lamps match, and only
   * what is between them does not.
   */
  private outdoes(view: View): boolean {
    const seen = this.registration;
    const { likeness } = this;
    this.best.set(this.h);
    likeness.measure(view.pyramid, this.cur, this.h, this.bestCells);
    let rivals = 0;
    let clear = true;
    for (let round = 0; round < ROUNDS; round++) {
      this.before.set(this.best);
      let moved = false;
      rivals = 0;
      clear = true;
      for (let k = 0; k < this.scan.peaks; k++) {
        if (this.scan.peakValue[k]! < this.scan.own - 0.5) break;
        this.back.set(STRAIGHT);
        this.back[2] = this.scan.peakX[k]!;
        this.back[5] = this.scan.peakY[k]!;
        multiply(this.back, this.before, this.h);
        if (!this.settle(view) || this.apart(view, this.before) < 6 || this.apart(view, this.best) < 6)
          continue;
        if (!this.resembles()) continue;
        likeness.measure(view.pyramid, this.cur, this.h, this.otherCells);
        likeness.compare(this.bestCells, this.otherCells);
        const { forFirst, forSecond } = likeness;
        rivals++;
        if (forSecond > forFirst) {
          this.best.set(this.h);
          [this.bestCells, this.otherCells] = [this.otherCells, this.bestCells];
          moved = true;
        }
        if (Math.max(forFirst, forSecond) < LEAST_TELLING + 4 * Math.min(forFirst, forSecond)) clear = false;
      }
      if (!moved) break;
      if (!this.scan.compare(view.pyramid, this.cur, this.best, RIVALS_REACH * this.width)) return false;
      if (round === ROUNDS - 1) clear = false;
    }
    this.h.set(this.best);
    seen.place(view, this.h);
    seen.align(view, this.cur, this.h, 1, 0, 0.7, 8);
    this.before.set(this.h);
    if (!seen.fit(view, this.h, this.local.x, this.local.y)) return false;
    seen.carry(view, this.before, this.h);
    view.repeats ||= rivals > 0;
    // Without a rival in sight that is no proof on a picture that is known to repeat itself.
    if (!view.repeats && !this.known.all[0]!.repeats) return true;
    // The place itself may be out of sight and only its likenesses in it: what is printed small then contradicts them all.
    likeness.measure(view.pyramid, this.cur, this.h, this.bestCells);
    return clear && likeness.contradicted(this.bestCells) < CONTRADICTED_MOST;
  }

  /** Aligns from where `h` puts the view, twice, every so manieth patch; false when that comes to nothing. */
  private settle(view: View, every = SPARSE): boolean {
    const seen = this.registration;
    seen.every = every;
    let settled = true;
    for (let round = 0; round < 2 && settled; round++) {
      seen.place(view, this.h);
      seen.align(view, this.cur, this.h, 2 - round, 0, 0.7, round === 0 ? 18 : 8);
      settled =
        seen.found >= LEAST_FOUND &&
        seen.fit(view, this.h, this.local.x, this.local.y) &&
        this.plausible(view);
    }
    seen.every = 1;
    return settled;
  }

  /** So many patches were found: it looks like the machine at all. */
  private resembles(share = 0.5): boolean {
    return this.registration.found >= share * this.registration.inside;
  }

  /** Whether the marks' centre is in the frame or coming in: a place without it is believed on what lies far from the mark. */
  private showsMark(): boolean {
    const { x, y } = this.local;
    const u = projectX(this.h, x, y);
    const v = projectY(this.h, x, y);
    const beside = BESIDE * this.width;
    return u >= -beside && v >= -beside && u < this.width + beside && v < this.height + beside;
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
