/** RTP clock of video (RFC 3551 5): ticks in a millisecond. */
const TICKS_A_MS = 90;
const WRAP = 2 ** 32;
/** Browsers round the capture time to whole milliseconds, up or down. */
const BIN_TICKS = 1.5 * TICKS_A_MS;
/** How long a frame may be under way between the camera and the encoder's exit. */
const DELAY_MAX_MS = 400;
const CAPTURES_MAX = 64;
const VOTES_MAX = 40;
/** Frames that must agree before timestamps are told. */
const VOTES_LEAST = 4;
/** Old votes fade by this with each frame, so that a clock that was set anew is believed within a second. */
const FADE = 0.97;
/** A rival with this share of the best one's votes is as good: frames came at a constant rate. */
const AS_GOOD = 0.93;

interface Captured {
  readonly capturedMs: number;
  readonly seenAtMs: number;
}

interface Vote {
  offset: number;
  weight: number;
}

/**
 * Tells the RTP timestamp that a captured frame is sent with. The browser tells timestamps of frames that leave the encoder,
 * and capture times of frames that leave the camera, but not which belong together: a constant lies between the two clocks,
 * and every encoded frame votes for the constants that the frames captured shortly before would mean. Only the true one is
 * the same for all of them, or, where frames come at a constant rate, it is that of the shortest way through the encoder.
 */
export class RtpClock {
  readonly #captures: Captured[] = [];
  #votes: Vote[] = [];
  #told: number | null = null;
  /** Frames by which a thumbnail showed the vote to be wrong. */
  #correction = 0;

  /** A frame left the camera: its own time, and when it was seen, both milliseconds. */
  captured(capturedMs: number, seenAtMs: number): void {
    this.#captures.push({ capturedMs, seenAtMs });
    if (this.#captures.length > CAPTURES_MAX) this.#captures.shift();
  }

  /** A frame left the encoder; `seenAtMs` is of the same clock as above. */
  sent(rtpTimestamp: number, seenAtMs: number): void {
    for (const vote of this.#votes) vote.weight *= FADE;
    for (const { capturedMs, seenAtMs: at } of this.#captures) {
      if (at > seenAtMs || seenAtMs - at > DELAY_MAX_MS) continue;
      this.#vote(modulo(rtpTimestamp - capturedMs * TICKS_A_MS));
    }
    this.#votes.sort((a, b) => b.weight - a.weight);
    this.#votes = this.#votes.slice(0, VOTES_MAX);
    this.#elect();
  }

  /** The timestamp of the frame captured at that time, exact to a millisecond (90); null while it is not known. */
  timestampOf(capturedMs: number): number | null {
    if (this.#told === null) return null;
    return Math.floor(modulo(this.#told + this.#correction + capturedMs * TICKS_A_MS));
  }

  /** A picture showed that the frame told as `told` was in truth sent as `truly`. */
  correct(told: number, truly: number): void {
    this.#correction += between(truly, told);
  }

  #vote(offset: number): void {
    const known = this.#votes.find((vote) => Math.abs(between(offset, vote.offset)) <= BIN_TICKS);
    if (!known) {
      this.#votes.push({ offset, weight: 1 });
      return;
    }
    known.weight += 1;
    known.offset = modulo(known.offset + between(offset, known.offset) / Math.min(16, known.weight));
  }

  #elect(): void {
    const [best] = this.#votes;
    if (!best || best.weight < VOTES_LEAST * FADE ** VOTES_LEAST) return;
    let elected = best.offset;
    for (const { offset, weight } of this.#votes)
      // The later a frame was captured, the smaller the constant that it means.
      if (weight >= AS_GOOD * best.weight && between(offset, elected) < 0) elected = offset;
    if (this.#told !== null && Math.abs(between(elected, this.#told)) > BIN_TICKS) this.#correction = 0;
    this.#told = elected;
  }
}

/** Ticks from `b` to `a` on the circle of 32 bits, -2^31..2^31. */
export function between(a: number, b: number): number {
  return modulo(a - b + WRAP / 2) - WRAP / 2;
}

function modulo(ticks: number): number {
  return ((ticks % WRAP) + WRAP) % WRAP;
}
