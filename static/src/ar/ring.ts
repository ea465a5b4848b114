/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
export const THUMB_WIDTH = 160;
export const THUMB_HEIGHT = 120;
/** Mean-free correlation at which a thumbnail is the same frame. */
const SAME = 0.9;

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
   * Age of the frame that was seen elsewhere: by its RTP timestamp if that is known here and its thumbnail
   * (160 x 120 gray) does not contradict, else by the thumbnail alone. -1: it is not here, or cannot be told apart.
   */
  find(rtpTimestamp: number, thumbnail: Uint8Array | null): number {
    if (thumbnail !== null && thumbnail.length !== THUMB_WIDTH * THUMB_HEIGHT) return -1;
    if (rtpTimestamp >= 0) {
      for (let age = 0; age < this.filled; age++) {
        const slot = this.slot(age);
        if (this.stamps[slot] !== rtpTimestamp >>> 0) continue;
        if (thumbnail === null || this.likeness(this.thumbs[slot]!, thumbnail) >= SAME) return age;
      }
    }
    return thumbnail === null ? -1 : this.findThumbnail(thumbnail);
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
