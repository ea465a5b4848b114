/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Homography, identity, invert, jacobian, multiply } from "./homography";
import type { Pyramid } from "./pyramid";
import { BUILD_STEPS, View, type ViewBuilder } from "./view";

export const MOST_VIEWS = 5;
/** How unlike the nearest view a sight must be to be remembered, and how much nearer another must be to change over. */
const WORTH_KEEPING = 0.42;
const WORTH_CHANGING = 0.14;

/** The stored views of one machine: the keyframe first, up to four more taken on the way. */
export class Views {
  readonly all: View[] = [];
  /** How many of `all` are filled; the keyframe is `all[0]`. */
  count = 0;
  private building = 0;
  private readonly back = identity();
  private readonly relative = identity();
  private readonly j = new Float64Array(4);

  constructor(
    private readonly builder: ViewBuilder,
    private readonly width: number,
    private readonly height: number,
  ) {
    for (let k = 0; k < MOST_VIEWS; k++) this.all.push(new View(width, height));
  }

  /** Forgets every view and makes `gray` the keyframe. Returns it. */
  begin(gray: Uint8Array, marks: Float32Array): View {
    this.count = 0;
    const key = this.append(gray, marks, identity());
    return key;
  }

  /** Adds a whole view at once (a keyframe, or one read from storage). */
  append(gray: Uint8Array, marks: Float32Array, fromKey: Homography): View {
    const view = this.all[this.count]!;
    view.pyramid.build(gray);
    view.fromKey.set(fromKey);
    this.builder.mark(view, marks);
    for (let step = 0; step < BUILD_STEPS; step++) this.builder.step(view, step);
    this.count++;
    this.building = 0;
    return view;
  }

  /**
   * How differently `h` (view to current frame) shows the view's marks: size, slant, turn and what has left the frame.
   * About 0.4 is where patches begin to look unlike themselves.
   */
  unlikeness(view: View, h: Homography): number {
    const x = view.marks[0]!;
    const y = view.marks[1]!;
    jacobian(h, x, y, this.j);
    const [a, b, c, d] = [this.j[0]!, this.j[1]!, this.j[2]!, this.j[3]!];
    const size = a * a + b * b + c * c + d * d;
    const det = Math.max(1e-6, a * d - b * c);
    const slant = Math.acosh(Math.max(1, size / (2 * det)));
    const turn = Math.abs(Math.atan2(c - b, a + d));
    const off =
      Math.abs(view.pyramid.widths[0]! / 2 - x) / this.width + Math.abs(this.height / 2 - y) / this.height;
    return 1.2 * Math.abs(Math.log(det) / 2) + slant + 0.45 * turn + 0.1 * Math.max(0, off - 0.6);
  }

  /** The ready view that shows the present sight best, if it is clearly better than `used`; null: stay. `h`: used to now. */
  better(used: View, h: Homography): View | null {
    const present = this.unlikeness(used, h);
    if (present < WORTH_CHANGING) return null;
    let best: View | null = null;
    let least = present - WORTH_CHANGING;
    for (let k = 0; k < this.count; k++) {
      const view = this.all[k]!;
      if (view === used || !view.ready) continue;
      // The keyframe is the truth: others carry the error they were made with.
      const cost = this.unlikeness(view, this.through(used, h, view)) + (k === 0 ? -0.08 : 0);
      if (cost < least) {
        least = cost;
        best = view;
      }
    }
    return best;
  }

  /** Map of `other` to now, from that of `used` to now; the array is reused by the next call. */
  through(used: View, h: Homography, other: View): Homography {
    invert(other.fromKey, this.back);
    multiply(used.fromKey, this.back, this.relative);
    multiply(h, this.relative, this.relative);
    return this.relative;
  }

  /** Whether the present sight is unlike every stored one and there is room for it. */
  wants(used: View, h: Homography): boolean {
    if (this.count === MOST_VIEWS || this.building > 0) return false;
    if (this.unlikeness(used, h) < WORTH_KEEPING) return false;
    for (let k = 0; k < this.count; k++) {
      if (this.unlikeness(this.all[k]!, this.through(used, h, this.all[k]!)) < WORTH_KEEPING) return false;
    }
    return true;
  }

  /** Takes the present frame as a further view; the work is done in `work`, a step a frame. */
  take(used: View, h: Homography, gray: Uint8Array, marks: Float32Array): void {
    const view = this.all[this.count]!;
    view.ready = false;
    view.pyramid.build(gray);
    multiply(h, used.fromKey, view.fromKey);
    this.builder.mark(view, marks);
    this.building = 1;
  }

  work(): void {
    if (this.building === 0) return;
    this.builder.step(this.all[this.count]!, this.building - 1);
    if (this.building === BUILD_STEPS) {
      this.count++;
      this.building = 0;
    } else {
      this.building++;
    }
  }

  /** Drops a view that is being made (the sight was lost, so it is in doubt). */
  abandon(): void {
    this.building = 0;
  }

  pyramid(): Pyramid {
    return this.all[0]!.pyramid;
  }
}
