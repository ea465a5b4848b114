/** ok: draw it; weak: draw it dashed, "finding it again"; lost: hide it. */
export type TrackState = "ok" | "weak" | "lost";

export interface Tracked {
  state: TrackState;
  /** The marks in this frame (x0, y0, x1, y1..), pixels; the array is reused by the next call. */
  points: Float32Array;
  /** Keyframe to this frame, for what lies in the keyframe's plane; null while lost. Reused by the next call. */
  H: Float64Array | null;
  /** One standard deviation of the marks' place, pixels, as the tracker believes. Infinite while lost. */
  uncertainty: number;
}

export interface StoredView {
  gray: Uint8Array;
  points: Float32Array;
  fromKey: Float64Array;
}

export interface Tracker {
  /** Starts over with marks on a gray frame. False, and nothing is tracked, where the picture has nothing to hold on to. */
  setKeyframe(gray: Uint8Array, points: Float32Array): boolean;
  /** The next frame of width x height bytes; `passed`: frames of the camera since the last one that was tracked. */
  track(gray: Uint8Array, passed?: number): Tracked;
  /**
   * Right after `setKeyframe`: goes on from `gray`, in which the keyframe lies by `H` as another tracker of the same
   * picture found. Then `track` that frame.
   */
  goOn(gray: Uint8Array, H: Float64Array): void;
  /** The stored views, the keyframe first; empty before the first keyframe. The arrays are the tracker's own: copy them. */
  views(): StoredView[];
  /** Takes stored views (of `views`, in that order) and looks for them from the next frame on. */
  restore(views: readonly StoredView[]): boolean;
}
