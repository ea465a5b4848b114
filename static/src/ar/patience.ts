/* eslint-disable @typescript-eslint/no-non-null-assertion -- Indices are bounded by construction. */
import type { Pyramid } from "./pyramid";

/** Frames of one unchanged sight after which a search rests five times as long as it worked. */
const STILL = 24;
const STILL_RESTS = 5;
/** Frames after which a sight that goes on changing is searched half of the time, and a third. */
const LONG = 90;
const VERY_LONG = 450;
const MOST_REST = 30;
/** Gray levels, root mean square without the mean, by which the smallest copy of a sight differs from another sight's. */
const CHANGED = 2;

/** Says on which frames to search for what was lost: a phone that is put down, or shown other things, must not run hot. */
export class Patience {
  private readonly level: number;
  private readonly sight: Uint8Array;
  private frames = 0;
  private still = 0;
  /** Frames that the last search took, and that have passed since its end. */
  private worked = 0;
  private rested = 0;

  constructor(pyramid: Pyramid) {
    this.level = pyramid.levels - 1;
    this.sight = new Uint8Array(pyramid.data[this.level]!.length);
  }

  /** Something was just lost: it is looked for with all strength. */
  renew(): void {
    this.frames = 0;
    this.still = 0;
    this.worked = 0;
    this.rested = 0;
  }

  /** Once a frame; `isBusy`: a search is under way, and goes on. */
  isDue(cur: Pyramid, isBusy: boolean): boolean {
    const gray = cur.data[this.level]!;
    this.frames++;
    this.still++;
    if (this.hasChanged(gray)) {
      this.sight.set(gray);
      this.still = 0;
    }
    if (isBusy) {
      this.worked++;
      return true;
    }
    this.rested++;
    if (this.rested <= Math.min(MOST_REST, this.rest * this.worked)) return false;
    this.worked = 1;
    this.rested = 0;
    return true;
  }

  /** Frames of rest for each of work. */
  private get rest(): number {
    if (this.still >= STILL) return STILL_RESTS;
    if (this.frames > VERY_LONG) return 2;
    return this.frames > LONG ? 1 : 0;
  }

  private hasChanged(gray: Uint8Array): boolean {
    const { sight } = this;
    let sum = 0;
    let square = 0;
    for (let k = 0; k < gray.length; k++) {
      const d = gray[k]! - sight[k]!;
      sum += d;
      square += d * d;
    }
    return square - (sum * sum) / gray.length > CHANGED * CHANGED * gray.length;
  }
}
