import { RIDS } from "./encodings";

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
const SOUND_BPS = 80_000;
/** The estimate of a new connection has to grow first. */
const YOUNG_MS = 3_000;
/** The next one is tried for so long, beside the one below it: that makes the browser probe for more. */
const TRY_MS = 1_500;
/** When it was too much, again after this, and each time twice as long. */
const TRY_AFTER_MS = 2_500;
const TRY_AFTER_MAX_MS = 10_000;

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

  get carried(): Carried {
    return this.#carried;
  }

  /** `availableBps`: what the browser believes in; null when it does not say.  Whether `carried` is another now. */
  feel(nowMs: number, availableBps: number | null): boolean {
    const before = this.#carried;
    if (availableBps === null) return false;
    this.#bornMs ??= nowMs;
    if (nowMs - this.#bornMs < YOUNG_MS) return false;
    const bps = availableBps - SOUND_BPS;
    const { highest, sure } = before;
    if (bps < (FALL_BPS[sure] ?? 0)) {
      // What stands in the line's queue has to go first, and the estimate may not be at its end.
      this.#become(nowMs, { highest: 0, sure: 0 });
      this.#tryAfterMs = TRY_AFTER_MS;
    } else if (sure < highest) {
      if (nowMs - this.#changedMs >= TRY_MS) this.#judge(nowMs, bps);
    } else if (highest < TOP && nowMs - this.#changedMs >= this.#tryAfterMs) {
      this.#become(nowMs, { highest: highest + 1, sure });
    }
    return this.#carried !== before;
  }

  /** Another connection: nothing is known of its line. */
  reset(): void {
    this.#carried = EVERYTHING;
    this.#bornMs = null;
  }

  #judge(nowMs: number, bps: number): void {
    const { highest, sure } = this.#carried;
    const pays = bps >= (RISE_BPS[highest] ?? 0);
    this.#tryAfterMs = pays ? 0 : Math.min(2 * this.#tryAfterMs || TRY_AFTER_MS, TRY_AFTER_MAX_MS);
    const reached = pays ? highest : sure;
    this.#become(nowMs, { highest: reached, sure: reached });
  }

  #become(nowMs: number, carried: Carried): void {
    this.#carried = carried;
    this.#changedMs = nowMs;
  }
}
