import { type Homography, identity, multiply, projectX, projectY } from "../../../ar/homography";
import type { TrackState } from "../../../ar";

/** Pictures of this width are meant by the pixels below, whatever the width of the mark's own frame. */
const WIDTH_PX = 640;
/** The anchor and the picture say the same. */
const AGREE_PX = 6;
/** How much of what lies between them is made good with each frame. */
const LEAD = 0.25;
/** Frames that they must differ before the anchor is laid anew, and after which it is given up. */
const DIFFER_FRAMES = 6;
const GIVE_UP_FRAMES = 45;

export interface Sighted {
  readonly state: TrackState;
  /** From the mark's frame to this one, both 0..1; null while lost. */
  readonly map: Homography | null;
}

export interface Agreed extends Sighted {
  /** relay: the distance of the anchor is wrong; drop: the anchor is not where the mark is, whatever the distance. */
  readonly wish: "none" | "relay" | "drop";
}

/**
 * Which of the two is believed, for one mark. The anchor carries the mark, the image tracker corrects:
 * - both see it within 6 px (of 640): drawn from the anchor, led towards what the picture shows, and `ok`;
 * - they differ: the picture is right, since people see the picture, but the mark is only `weak` until they agree again.
 *   After six such frames the anchor's distance is solved anew from what the tracker saw; if that does not bring them
 *   together within 45 frames the anchor is given up, and the tracker alone decides as without WebXR;
 * - the tracker does not find it: drawn from the anchor, and `weak`, since no picture confirms it;
 * - no anchor, or the device does not know where it is: the tracker alone.
 */
export class Agreement {
  /** Of the mark's frame, 0..1: what was found to lie between anchor and picture. */
  #shift: readonly [number, number] = [0, 0];
  #differing = 0;

  constructor(
    private readonly centre: readonly [number, number],
    private readonly aspect: number,
  ) {}

  /** The anchor's map with what the picture taught; for frames that the tracker has not looked at. */
  corrected(anchored: Homography): Homography {
    const out = identity();
    out[2] = this.#shift[0];
    out[5] = this.#shift[1];
    multiply(anchored, out, out);
    return out;
  }

  decide(anchored: Homography | null, tracked: Sighted): Agreed {
    if (!anchored) return { ...tracked, wish: "none" };
    const carried = this.corrected(anchored);
    if (tracked.state !== "ok" || !tracked.map) {
      this.#differing = 0;
      return { state: "weak", map: carried, wish: "none" };
    }
    const [u, v] = this.centre;
    const dx = projectX(tracked.map, u, v) - projectX(carried, u, v);
    const dy = projectY(tracked.map, u, v) - projectY(carried, u, v);
    if (WIDTH_PX * Math.hypot(dx, dy / this.aspect) <= AGREE_PX) {
      this.#differing = 0;
      this.#lead(carried, dx, dy);
      return { state: "ok", map: this.corrected(anchored), wish: "none" };
    }
    this.#differing += 1;
    const wish =
      this.#differing >= GIVE_UP_FRAMES ? "drop" : this.#differing >= DIFFER_FRAMES ? "relay" : "none";
    return { state: "weak", map: tracked.map, wish };
  }

  /** The anchor was laid anew: what was learnt belonged to the former one. */
  begin(): void {
    this.#shift = [0, 0];
  }

  /** A step of the picture, back into the mark's frame. */
  #lead(carried: Homography, dx: number, dy: number): void {
    const [u, v] = this.centre;
    const step = 1e-3;
    const [x, y] = [projectX(carried, u, v), projectY(carried, u, v)];
    const [a, b] = [(projectX(carried, u + step, v) - x) / step, (projectX(carried, u, v + step) - x) / step];
    const [c, d] = [(projectY(carried, u + step, v) - y) / step, (projectY(carried, u, v + step) - y) / step];
    const det = a * d - b * c;
    if (Math.abs(det) < 1e-3) return;
    const most = AGREE_PX / WIDTH_PX;
    const bound = (value: number): number => Math.max(-most, Math.min(most, value));
    this.#shift = [
      bound(this.#shift[0] + (LEAD * (d * dx - b * dy)) / det),
      bound(this.#shift[1] + (LEAD * (a * dy - c * dx)) / det),
    ];
  }
}
