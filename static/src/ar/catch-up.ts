import type { FrameRing } from "./ring";
import type { Tracked, Tracker } from "./tracker";

/** Frames between two tracked ones while catching up: motion over 100 ms is still followed, and the phone keeps up. */
const MOST_STRIDE = 3;
const WANTED_FRAMES = 12;

/**
 * Makes the frame at `age` of the ring the keyframe and brings the tracker to the newest frame, so that a stroke drawn on
 * the past lands on the present. Null when the frame is gone or offers nothing to hold on to.
 */
export function catchUp(
  tracker: Tracker,
  ring: FrameRing,
  age: number,
  points: Float32Array,
): Tracked | null {
  const start = ring.at(age);
  if (start === null || !tracker.setKeyframe(start.gray, points)) return null;
  const stride = Math.max(1, Math.min(MOST_STRIDE, Math.ceil(age / WANTED_FRAMES)));
  for (let at = age - stride; at > 0; at -= stride) {
    const frame = ring.at(at);
    if (frame !== null) tracker.track(frame.gray);
  }
  const newest = ring.at(0);
  return newest === null ? null : tracker.track(newest.gray);
}
