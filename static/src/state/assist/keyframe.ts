/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { StoredKeyframe, StoredView, Tracked, Tracker, TrackState } from "../../ar";
import { type Homography, identity, invert, multiply, projectX, projectY } from "../../ar/homography";
import { fitKeyframe, placement, type Size } from "./keyframe-fit";
import type { MarkPose } from "./poses";

/** Points of one mark that the tracker follows: a long stroke is told well by few. */
const POINTS_A_MARK = 12;
/** Frames over which poses are remembered, so that a keyframe that was not looked at can be carried along. */
const REMEMBERED_FRAMES = 12;

export interface TrackedMark {
  readonly id: string;
  /** Pixels of the frame that it was drawn on, counted from the frame's edge: x0, y0, x1, y1.. */
  readonly points: readonly number[];
  readonly frame: Size;
}

/** One picture with the marks that were drawn on it, followed through the frames. All in the tracker's pixels. */
export class Keyframe {
  readonly marks = new Map<string, TrackedMark>();
  state: TrackState = "lost";
  /** Number of the frame that was last looked at, and in which the picture was last found. */
  lookedAt = 0;
  foundAt: number;
  tracker: Tracker | null = null;
  /** When its frame left the camera; null where that is not of this session. */
  capturedMs: number | null = null;
  /** Kept while no tracker follows it. */
  parked: StoredKeyframe | null = null;

  #size: Size;
  /** By number of frame: keyframe to frame. */
  readonly #known = new Map<number, Homography>();
  #h: Homography | null = null;
  #shifts = new Map<string, readonly [number, number]>();

  /**
   * `gray` is the keyframe's own. `shown` maps what marks were drawn on, 0..1 each way, to it: another placement than the
   * whole when the keyframe was fitted into another size.
   */
  constructor(
    readonly name: string,
    public gray: Uint8Array,
    size: Size,
    frame: number,
    private shown = { x: 0, y: 0, width: size.width, height: size.height },
  ) {
    this.#size = size;
    this.foundAt = frame;
  }

  /** Where it lies in the frame that was looked at last; null while it is not found. */
  get h(): Homography | null {
    return this.#h;
  }

  at(frame: number): Homography | null {
    return this.#known.get(frame) ?? null;
  }

  /** Points for the tracker: of the marks, or the middle of the picture while nothing is drawn yet. */
  points(): Float32Array {
    const all: number[] = [];
    for (const mark of this.marks.values()) all.push(...this.#placed(mark));
    if (all.length === 0) all.push(this.#size.width / 2, this.#size.height / 2);
    return Float32Array.from(all);
  }

  /** Takes over what a tracker says of `frame`. */
  take(tracked: Tracked, frame: number): void {
    this.state = tracked.state;
    this.lookedAt = frame;
    if (tracked.H === null) {
      this.#h = null;
      return;
    }
    const h = Float64Array.from(tracked.H);
    this.foundAt = frame;
    this.#remember(frame, h);
    this.#shift(tracked.points, h);
  }

  /** Not looked at in `frame`: carried along with another one of the same machine, if that was followed through. */
  carry(by: Keyframe | null, frame: number): void {
    const before = by?.at(this.lookedAt) ?? null;
    const now = by?.at(frame) ?? null;
    const mine = this.at(this.lookedAt);
    if (!before || !now || !mine || this.state === "lost") return;
    const back = identity();
    if (!invert(before, back)) return;
    const h = identity();
    multiply(back, mine, h);
    multiply(now, h, h);
    this.#remember(frame, h);
  }

  /** Every mark at the size of the frame that it was drawn on. */
  poses(): MarkPose[] {
    return [...this.marks.values()].map((mark) => ({
      id: mark.id,
      state: this.#h === null ? "lost" : this.state,
      h: this.#h === null ? null : this.#shownAs(mark, this.#h),
    }));
  }

  /** What is kept of it with the machine, or while another one has its tracker. Copies. */
  store(): StoredKeyframe {
    if (this.parked) return this.parked;
    const views: StoredView[] = (this.tracker?.views() ?? []).map(({ gray, points, fromKey }) => ({
      gray: gray.slice(),
      points: points.slice(),
      fromKey: fromKey.slice(),
    }));
    if (views.length === 0) views.push({ gray: this.gray, points: this.points(), fromKey: identity() });
    return { ...this.#size, views };
  }

  /** From now on frames are of another size. */
  resize(to: Size): void {
    const from = this.#size;
    if (from.width === to.width && from.height === to.height) return;
    const stored = fitKeyframe(this.store(), to);
    const scale = Math.max(to.width, to.height) / Math.max(from.width, from.height);
    const { dx, dy } = placement(from, to, scale);
    const { x, y, width, height } = this.shown;
    this.shown = {
      x: scale * x + dx - (scale - 1) / 2,
      y: scale * y + dy - (scale - 1) / 2,
      width: scale * width,
      height: scale * height,
    };
    this.#size = to;
    this.gray = stored.views[0]!.gray;
    this.parked = stored;
    this.tracker = null;
    this.lose();
  }

  lose(): void {
    this.state = "lost";
    this.#h = null;
    this.#known.clear();
  }

  // ------------------------------------------------------------ inside

  /** Pixel centres of the keyframe. */
  #placed(mark: TrackedMark): number[] {
    const count = mark.points.length / 2;
    const step = Math.max(1, (count - 1) / (POINTS_A_MARK - 1));
    const placed: number[] = [];
    for (let k = 0; k < count; k = Math.max(k + 1, Math.round(Math.floor(k / step + 1) * step))) {
      placed.push(
        this.shown.x + (mark.points[2 * k]! / mark.frame.width) * this.shown.width - 0.5,
        this.shown.y + (mark.points[2 * k + 1]! / mark.frame.height) * this.shown.height - 0.5,
      );
    }
    return placed;
  }

  #remember(frame: number, h: Homography): void {
    this.#h = h;
    this.#known.set(frame, h);
    for (const known of this.#known.keys()) if (known <= frame - REMEMBERED_FRAMES) this.#known.delete(known);
  }

  /** A mark need not lie in the picture's plane: how far, on the mean, its points are from where `h` puts them. */
  #shift(tracked: Float32Array, h: Homography): void {
    this.#shifts.clear();
    let at = 0;
    for (const mark of this.marks.values()) {
      const placed = this.#placed(mark);
      let [x, y] = [0, 0];
      for (let k = 0; k < placed.length && at + k + 1 < tracked.length; k += 2) {
        x += tracked[at + k]! - projectX(h, placed[k]!, placed[k + 1]!);
        y += tracked[at + k + 1]! - projectY(h, placed[k]!, placed[k + 1]!);
      }
      const count = Math.max(1, placed.length / 2);
      this.#shifts.set(mark.id, [x / count, y / count]);
      at += placed.length;
    }
  }

  /** `h` for pixels of the mark's frame, on both sides. */
  #shownAs(mark: TrackedMark, h: Homography): Float32Array {
    const { shown } = this;
    const sx = shown.width / mark.frame.width;
    const sy = shown.height / mark.frame.height;
    const [x, y] = this.#shifts.get(mark.id) ?? [0, 0];
    const out = Float64Array.of(sx, 0, shown.x - 0.5, 0, sy, shown.y - 0.5, 0, 0, 1);
    multiply(h, out, out);
    multiply(Float64Array.of(1, 0, x + 0.5, 0, 1, y + 0.5, 0, 0, 1), out, out);
    const { width, height } = this.#size;
    multiply(
      Float64Array.of(mark.frame.width / width, 0, 0, 0, mark.frame.height / height, 0, 0, 0, 1),
      out,
      out,
    );
    return Float32Array.from(out);
  }
}
