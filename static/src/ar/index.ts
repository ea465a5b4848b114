/** Marks that stick to a machine: tracker, frame ring and keyframe storage. No DOM: Node and workers import it as it is. */
export { createTracker, type StoredView, type Tracked, type Tracker, type TrackState } from "./tracker";
