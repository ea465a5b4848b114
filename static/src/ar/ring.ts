/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
export const THUMB_WIDTH = 160;
export const THUMB_HEIGHT = 120;
/** Mean-free correlation at which a thumbnail is the same frame, and by how much another must beat the one that was named. */
const SAME = 0.9;
const CLEARLY = 0.004;
/** Timestamps here may be worked out, not told: exact to a millisecond. Frames are at least 16 ms (90 ticks each) apart. */
const NEAR_TICKS = 7 * 90;
/** Frames beside the named one that a thumbnail may show to be meant. */
const BESIDE = 3;

export interface RingFrame {
  gray: Uint8Array;
  /** RTP timestamp of the frame's packets (32 bits), or -1 where the browser does not tell. */
  rtpTimestamp: number;
  capturedAtMs: number;
}

/** The last seconds of gray frames, so that a stroke drawn on a past frame finds that frame. The oldest falls out first. */
export class FrameRing {
  readonly capacity: number;
  private readonly grays: Uint8Array[] = [];
  private readonly thumbs: Uint8Array[] = [];
  private readonly stamps: Float64Array;
  private readonly times: Float64Array;
  private next = 0;
  private filled = 0;

  /** As many frames as `mostBytes` holds, at most `frames` (3 s at 30 fps: 90). */
  constructor(
    readonly width: number,
    readonly height: number,
    frames = 96,
    mostBytes = 40_000_000,
  ) {
    const each = width * height + THUMB_WIDTH * THUMB_HEIGHT;
    this.capacity = Math.max(2, Math.min(frames, Math.floor(mostBytes / each)));
    for (let k = 0; k < this.capacity; k++) {
      this.grays.push(new Uint8Array(width * height));
      this.thumbs.push(new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT));
    }
    this.stamps = new Float64Array(this.capacity);
    this.times = new Float64Array(this.capacity);
  }

  get length(): number {
    return this.filled;
  }

  push(gray: Uint8Array, rtpTimestamp: number, capturedAtMs: number): void {
    this.grays[this.next]!.set(gray);
    shrink(gray, this.width, this.height, this.thumbs[this.next]!);
    this.stamps[this.next] = rtpTimestamp < 0 ? -1 : rtpTimestamp >>> 0;
    this.times[this.next] = capturedAtMs;
    this.next = (this.next + 1) % this.capacity;
    this.filled = Math.min(this.capacity, this.filled + 1);
  }

  /** The frame `age` pushes before the newest (0); null past the oldest. Its bytes are overwritten when it falls out. */
  at(age: number): RingFrame | null {
    if (!(age >= 0 && age < this.filled)) return null;
    const slot = this.slot(age);
    return { gray: this.grays[slot]!, rtpTimestamp: this.stamps[slot]!, capturedAtMs: this.times[slot]! };
  }

  /**
   * Age of the frame that was seen elsewhere: by its RTP timestamp if that is known here and its thumbnail (160 x 120
   * gray) does not contradict, or says which frame beside it was meant; else by the thumbnail alone. -1: it is not here, or
   * cannot be told apart.
   */
  find(rtpTimestamp: number, thumbnail: Uint8Array | null): number {
    if (thumbnail !== null && thumbnail.length !== THUMB_WIDTH * THUMB_HEIGHT) return -1;
    const named = rtpTimestamp >= 0 ? this.findTimestamp(rtpTimestamp >>> 0) : -1;
    if (thumbnail === null) return named;
    if (named >= 0) {
      let best = this.likeness(this.thumbs[this.slot(named)]!, thumbnail);
      let found = named;
      for (let age = Math.max(0, named - BESIDE); age <= named + BESIDE && age < this.filled; age++) {
        const value = this.likeness(this.thumbs[this.slot(age)]!, thumbnail);
        if (value > best + CLEARLY) {
          best = value;
          found = age;
        }
      }
      if (best >= SAME) return found;
    }
    return this.findThumbnail(thumbnail);
  }

  private findTimestamp(timestamp: number): number {
    let nearest = NEAR_TICKS;
    let found = -1;
    for (let age = 0; age < this.filled; age++) {
      const stamp = this.stamps[this.slot(age)]!;
      if (stamp < 0) continue;
      const ticks = Math.abs((stamp - timestamp) | 0);
      if (ticks < nearest) {
        nearest = ticks;
        found = age;
      }
    }
    return found;
  }

  private findThumbnail(thumbnail: Uint8Array): number {
    let best = SAME;
    let found = -1;
    for (let age = 0; age < this.filled; age++) {
      const value = this.likeness(this.thumbs[this.slot(age)]!, thumbnail);
      if (value > best) {
        best = value;
        found = age;
      }
    }
    return found;
  }

  private slot(age: number): number {
    return (this.next - 1 - age + 2 * this.capacity) % this.capacity;
  }

  private likeness(a: Uint8Array, b: Uint8Array): number {
    let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
    for (let k = 0; k < a.length; k++) {
      const x = a[k]!;
      const y = b[k]!;
      sa += x;
      sb += y;
      saa += x * x;
      sbb += y * y;
      sab += x * y;
    }
    const va = saa - (sa * sa) / a.length;
    const vb = sbb - (sb * sb) / a.length;
    return va > a.length && vb > a.length ? (sab - (sa * sb) / a.length) / Math.sqrt(va * vb) : 0;
  }
}

/** Averages a gray frame down to 160 x 120: what both sides send and compare. */
export function shrink(gray: Uint8Array, width: number, height: number, out: Uint8Array): void {
  for (let y = 0; y < THUMB_HEIGHT; y++) {
    const y0 = Math.floor((y * height) / THUMB_HEIGHT);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / THUMB_HEIGHT));
    for (let x = 0; x < THUMB_WIDTH; x++) {
      const x0 = Math.floor((x * width) / THUMB_WIDTH);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / THUMB_WIDTH));
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += gray[v * width + u]!;
      out[y * THUMB_WIDTH + x] = Math.round(sum / ((y1 - y0) * (x1 - x0)));
    }
  }
}
