import { RIDS } from "./rids";

/** Which encodings of a camera the line out carries, by their places among RIDS. */
export interface Carried {
  /** No higher one is sent. */
  readonly highest: number;
  /** This one, or what is asked for below it, is sent too: the highest is only tried.  Else the same as `highest`. */
  readonly sure: number;
}

const TOP = RIDS.length - 1;
export const EVERYTHING: Carried = { highest: TOP, sure: TOP };

/** Below this much an encoding gives way, from this much on it comes back; bits a second, without the sound. */
const FALL_BPS = [0, 240_000, 500_000] as const;
const RISE_BPS = [0, 310_000, 800_000] as const;
/** What each takes when it can get it: where there is as much, the line is not why an encoder leaves pictures out. */
const FULL_BPS = [150_000, 500_000, 1_700_000] as const;
const SOUND_BPS = 80_000;
/** The estimate of a new connection has to grow first. */
const YOUNG_MS = 3_000;
/** Larger ones are tried for so long, beside the one that is sure: that makes the browser probe for more. */
const TRY_MS = 1_500;
/** When it was too much, again after this, and each time twice as long. */
const TRY_AFTER_MS = 5_000;
const TRY_AFTER_MAX_MS = 10_000;
/**
 * After half of that already when the estimate has grown so much from its lowest since, and stands so far above what is
 * sent that the browser probes at all: it takes its own word for it only where it could send more (libwebrtc's ALR).
 */
const GROWN = 1.3;
const ROOM_BPS = [240_000, 860_000] as const;
/** An encoding whose picture lost its motion comes back when the estimate has grown as much, or after this. */
const FORGET_MS = 30_000;

/**
 * How large a camera the line carries.
 *
 * The server asks for the sizes that are watched, often for the largest alone.  A browser whose line sinks far below what
 * that one needs goes on with it for ten seconds and more, at a picture or two a second, before it makes it smaller.  The
 * lowest encoding moves at once, and the server sends it to all in the other's place.
 */
export class Uplink {
  #carried = EVERYTHING;
  #bornMs: number | null = null;
  #changedMs = 0;
  #tryAfterMs = TRY_AFTER_MS;
  #lowestBps = Infinity;
  #failed: { readonly place: number; readonly bps: number; readonly atMs: number } | null = null;

  get carried(): Carried {
    return this.#carried;
  }

  /**
   * `availableBps`: what the browser believes in; null when it does not say.  `isBehind`: the encoder of what is sure leaves
   * most pictures out.  Whether `carried` is another now.
   */
  feel(nowMs: number, availableBps: number | null, isBehind = false): boolean {
    const before = this.#carried;
    if (availableBps === null) return false;
    this.#bornMs ??= nowMs;
    if (nowMs - this.#bornMs < YOUNG_MS) return false;
    const bps = availableBps - SOUND_BPS;
    this.#lowestBps = Math.min(this.#lowestBps, bps);
    const { highest, sure } = before;
    if (bps < (FALL_BPS[sure] ?? 0)) {
      // What stands in the line's queue has to go first, and the estimate may not be at its end.
      this.#become(nowMs, { highest: 0, sure: 0 });
      this.#tryAfterMs = TRY_AFTER_MS;
    } else if (isBehind && sure === highest && sure > 0 && bps < (FULL_BPS[sure] ?? 0)) {
      // A moving picture of the next size instead of a larger one that stands.
      this.#failed = { place: sure, bps, atMs: nowMs };
      this.#become(nowMs, { highest: sure - 1, sure: sure - 1 });
      this.#tryAfterMs = TRY_AFTER_MS;
    } else if (sure < highest) {
      if (nowMs - this.#changedMs >= TRY_MS) this.#judge(nowMs, bps);
    } else if (highest < TOP && this.#isTimeToTry(nowMs, bps)) {
      this.#become(nowMs, { highest: TOP, sure });
    }
    return this.#carried !== before;
  }

  /** Another connection: nothing is known of its line. */
  reset(): void {
    this.#carried = EVERYTHING;
    this.#bornMs = null;
    this.#failed = null;
  }

  #isTimeToTry(nowMs: number, bps: number): boolean {
    const waitedMs = nowMs - this.#changedMs;
    if (bps < this.#neededBps(nowMs, TOP)) return false;
    if (waitedMs >= this.#tryAfterMs) return true;
    const hasRoom = bps >= (ROOM_BPS[this.#carried.sure] ?? Infinity);
    return hasRoom && bps >= GROWN * this.#lowestBps && waitedMs >= this.#tryAfterMs / 2;
  }

  #judge(nowMs: number, bps: number): void {
    const { sure } = this.#carried;
    const reached = Math.max(
      sure,
      RISE_BPS.findLastIndex((least, place) => bps >= Math.max(least, this.#neededBps(nowMs, place))),
    );
    this.#tryAfterMs = reached > sure ? TRY_AFTER_MS : Math.min(2 * this.#tryAfterMs, TRY_AFTER_MAX_MS);
    this.#become(nowMs, { highest: reached, sure: reached });
  }

  /** By what was seen of this encoding, or a lower one, not long ago; 0 = nothing. */
  #neededBps(nowMs: number, place: number): number {
    const failed = this.#failed;
    return failed && place >= failed.place && nowMs - failed.atMs < FORGET_MS ? GROWN * failed.bps : 0;
  }

  #become(nowMs: number, carried: Carried): void {
    this.#carried = carried;
    this.#changedMs = nowMs;
    this.#lowestBps = Infinity;
  }
}
