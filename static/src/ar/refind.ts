/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, identity, isBelievable, multiply, projectX, projectY } from "./homography";
import type { LocalField } from "./local";
import type { Cells, Likeness } from "./likeness";
import type { Locator } from "./locate";
import { Patience } from "./patience";
import { Pyramid } from "./pyramid";
import type { Registration } from "./register";
import type { Scan } from "./scan";
import { LEAST_FOUND, type View } from "./view";
import type { Views } from "./views";

/** Work that stops now and then, with null, so that the next frame may go on with it. */
type Search = Generator<null, View | null, undefined>;
type Check = Generator<null, boolean, undefined>;

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
/** Correlation of the whole from which a place is looked at closely, and how many stances compete for that. */
const LIKE_AT_ALL = 0.4;
const STANCES_AT_ONCE = 3;
const ROUNDS = 3;
/** Share of some patches that must be found for all to be tried. */
const WORTH_ALL = 0.15;
/** Places aside that are asked whether the picture repeats itself. */
const LIKELIEST = 4;
/** Of the patches, every so manieth aligns a place that is only compared. */
const SPARSE = 3;
const SCARCE = 5;
/** Cells that must tell the best place from each other, beside four times those that say the contrary. */
const LEAST_TELLING = 12;
const CONTRADICTED_MOST = 0.04;
/** How far out of the frame the mark may be when the machine comes in, frame widths. */
const BESIDE = 0.15;
/** What a frame's search may cost, in pixels read: about 12 ms on a desk machine. */
const MOST_WORK = 3e6;
/** A pixel of the whole, compared without interpolation, is the third of one of a patch. */
const WHOLE_SHARE = 1 / 3;
/** The same for setting a followed mark right by one lamp. */
const MOST_BESIDE = 3 * MOST_WORK;
/** Describing a frame and comparing its corners with a view's. */
const LOOK_WORK = 6e5;
const MATCH_WORK = 3e5;
/** What is looked for in turn: two views by their corners, two sights of the whole keyframe. */
const PROPOSALS = 4;
/** A search that began so many frames ago is not worth its end: begun anew. */
const OLDEST = 30;

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
  private isTold = false;
  private readonly start = identity();
  private readonly before = identity();
  private readonly back = identity();
  private readonly best = identity();
  private bestCells: Cells;
  private otherCells: Cells;
  /** The frame that is searched, where that takes longer than until the next one. */
  readonly held: Pyramid;
  /** Frames since then. */
  age = 0;
  private search: Search | null = null;
  private proposal = 0;
  private spent = 0;
  private readonly patience: Patience;

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
    this.held = new Pyramid(width, height);
    this.patience = new Patience(cur);
    this.bestCells = likeness.cells();
    this.otherCells = likeness.cells();
  }

  reset(): void {
    this.home.set(STRAIGHT);
    this.turn = 0;
    this.stance = -1;
    this.size = -1;
    this.told = NaN;
    this.isTold = false;
    this.proposal = 0;
    this.begin();
  }

  /**
   * Looks for the stored views. A frame's share of work may end before the search does: then it goes on with the same frame,
   * `held`, at the next call. The view that is surely there, with `h` and the patches set for `held`, `age` frames ago.
   */
  find(cur: Pyramid): View | null {
    this.age++;
    const isBusy = this.search !== null && this.age <= OLDEST;
    if (!this.patience.isDue(cur, isBusy)) return null;
    if (this.search === null || !isBusy) {
      this.held.copy(cur);
      this.cur = this.held;
      this.age = 0;
      this.search = this.propose();
    }
    this.spent = this.work;
    for (;;) {
      const { done, value } = this.search.next();
      if (done === true) {
        this.search = null;
        return value;
      }
      if (this.isSpent(MOST_WORK)) return null;
    }
  }

  /** The mark was just lost: whatever was searched before is no more. */
  begin(): void {
    this.search = null;
    this.patience.renew();
  }

  private get work(): number {
    return this.registration.work + this.likeness.work + WHOLE_SHARE * this.scan.work;
  }

  private isSpent(most: number): boolean {
    return this.work - this.spent > most;
  }

  /** Goes through what may be tried; a fresh frame goes on where the one before it ended. */
  private *propose(): Search {
    let isDescribed = false;
    for (let k = 0; k < PROPOSALS; k++) {
      const isView = this.proposal < PROPOSALS / 2;
      this.proposal = (this.proposal + 1) % PROPOSALS;
      if (isView) {
        if (!isDescribed) this.locator.look(this.cur);
        this.spent -= isDescribed ? MATCH_WORK : LOOK_WORK + MATCH_WORK;
        isDescribed = true;
        // The keyframe gets every other try: it is where people come back to.
        const others = Math.max(1, this.known.count - 1);
        const index = this.turn % 2 === 0 ? 0 : 1 + ((this.turn >> 1) % others);
        this.turn++;
        const view = this.known.all[Math.min(index, this.known.count - 1)]!;
        const isFound = this.locator.find(view);
        if (index === 0) this.told = this.locator.turn;
        if (isFound && (yield* this.accept(view, this.locator.h, 2))) return view;
      } else {
        const key = this.known.all[0]!;
        if (this.slide(key) && (yield* this.accept(key, this.back, 3))) return key;
      }
      // A newer frame is better than this one.
      if (this.isSpent(MOST_WORK)) return null;
    }
    return null;
  }

  /** A place that looks like the view but is contradicted by its small print: true when the right one is beside it. */
  beside(view: View, cur: Pyramid): boolean {
    this.cur = cur;
    this.start.set(this.h);
    this.spent = this.work;
    const search = this.accept(view, this.start, 2);
    for (;;) {
      const { done, value } = search.next();
      if (done === true) return value;
      if (this.isSpent(MOST_BESIDE)) return false;
    }
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

  /**
   * Slides the last good sight of the keyframe over the frame, as some stances would show it: where corners are all alike,
   * the whole is not. The best of them goes to `back`; false when none is like it.
   */
  private slide(key: View): boolean {
    let best = LIKE_AT_ALL;
    this.best.set(STRAIGHT);
    for (let k = 0; k < STANCES_AT_ONCE; k++) {
      this.isTold = !this.isTold && !Number.isNaN(this.told);
      if (this.isTold) {
        this.size = (this.size + 1) % SIZES.length;
        this.turned(this.told, SIZES[this.size]!);
        this.start.set(this.back);
      } else {
        this.stance = (this.stance + 1) % (2 * STANCES.length);
        const [turn, size] = STANCES[this.stance >> 1]!;
        this.turned(turn, size);
        multiply(this.back, this.stance % 2 === 0 ? this.home : STRAIGHT, this.start);
      }
      if (!this.scan.seek(key.pyramid, this.cur, this.start, 0.5 * this.width) || this.scan.other < best)
        continue;
      best = this.scan.other;
      this.back.set(STRAIGHT);
      this.back[2] = this.scan.otherX;
      this.back[5] = this.scan.otherY;
      multiply(this.back, this.start, this.best);
    }
    this.back.set(this.best);
    return best > LIKE_AT_ALL;
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
  private *accept(view: View, h: Float64Array, from: number): Check {
    const seen = this.registration;
    this.h.set(h);
    if (!this.plausible(view)) return false;
    this.local.centre(view);
    // Most proposals are wrong, and a few patches say so.
    seen.place(view, this.h);
    seen.every = SCARCE;
    seen.align(view, this.cur, this.h, from, 1, 0.7, from > 2 ? 28 : 14);
    seen.every = 1;
    if (seen.found < WORTH_ALL * seen.inside) return false;
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
    yield null;
    if (!this.scan.compare(view.pyramid, this.cur, this.h, RIVALS_REACH * this.width)) return false;
    // Depth tears the overlap apart, so there the whole says less and the patches must say more.
    const relief = Math.min(1, seen.relief / 3);
    if (this.scan.own < 0.5 - 0.25 * relief) return false;
    if (seen.found < LEAST_FOUND + 4 + 12 * relief) return false;
    if (!(yield* this.outdoes(view)) || !this.showsMark()) return false;
    multiply(this.h, view.fromKey, this.home);
    return true;
  }

  /**
   * Takes the best of the place just found and all that look like it, each aligned by itself; false when two are too much
   * alike, or when the best is contradicted by what is printed small. On a panel one lamp aside all lamps match, and only
   * what is between them does not.
   */
  private *outdoes(view: View): Check {
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
        yield null;
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
      // Roughly first: the finest level has nothing to say before the place is known to two pixels.
      if (round === 0) seen.align(view, this.cur, this.h, 2, 1, 0.7, 18);
      else seen.align(view, this.cur, this.h, 1, 0, 0.7, 8);
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
