/** Marks that stick to a machine: tracker, frame ring and keyframe storage. No DOM: Node and workers import it as it is. */
export { createTracker, type StoredView, type Tracked, type Tracker, type TrackState } from "./tracker";
export { catchUp } from "./catch-up";
export { FrameRing, type RingFrame, shrink, THUMB_HEIGHT, THUMB_WIDTH } from "./ring";
export { decodeKeyframe, encodeKeyframe, type StoredKeyframe } from "./storage";
