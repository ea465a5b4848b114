/** What one encoding of a camera has made of the pictures that came from it; counters that grow. */
export interface Pictures {
  readonly captured: number;
  readonly made: number;
  /** Sent for it. */
  readonly bytes: number;
  readonly isActive: boolean;
}

const WINDOW_MS = 1_000;
/** An encoder that makes less than this part of the pictures shows no motion any more. */
const BEHIND = 0.6;
/** And takes this part of what the line carries: one that is behind with less lacks a processor, not a line. */
const FILLS = 0.55;
/** Fewer in a window tell nothing: a camera in the dark. */
const CAPTURED_MIN = 8;
/** One window may be a keyframe. */
const WINDOWS = 2;

/**
 * Whether an encoder keeps up with its camera.  One whose line carries less than its picture costs at the worst quality
 * leaves pictures out, and only after many seconds makes them smaller.
 */
export class Motion {
  #rid = "";
  #sinceMs = 0;
  #last: Pictures | null = null;
  #behind = 0;

  /** True at the end of a window when it and the one before fell behind.  `lineBps`: what the line carries. */
  fallsBehind(nowMs: number, rid: string, pictures: Pictures | undefined, lineBps: number): boolean {
    if (!pictures?.isActive || rid !== this.#rid || !this.#last) {
      this.#rid = rid;
      this.#last = pictures?.isActive ? pictures : null;
      this.#sinceMs = nowMs;
      this.#behind = 0;
      return false;
    }
    const sinceMs = nowMs - this.#sinceMs;
    if (sinceMs < WINDOW_MS) return false;
    const captured = pictures.captured - this.#last.captured;
    const isSlow = captured >= CAPTURED_MIN && pictures.made - this.#last.made < BEHIND * captured;
    const fills = ((pictures.bytes - this.#last.bytes) * 8_000) / sinceMs >= FILLS * lineBps;
    this.#behind = isSlow && fills ? this.#behind + 1 : 0;
    this.#last = pictures;
    this.#sinceMs = nowMs;
    return this.#behind >= WINDOWS;
  }
}
