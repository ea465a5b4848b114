// The tracker in a worker of a browser page, over frames fetched from the bench; times are wall clock.
import { createTracker } from "./tracker.mjs";

self.onmessage = async ({ data: { width, height, marks } }) => {
  const answer = await fetch("frames.gray");
  const all = new Uint8Array(await answer.arrayBuffer());
  const size = width * height;
  const warm = createTracker(width, height);
  warm.setKeyframe(all.subarray(0, size), Float32Array.from(marks));
  const tracker = createTracker(width, height);
  let started = performance.now();
  const accepted = tracker.setKeyframe(all.subarray(0, size), Float32Array.from(marks));
  const ms = performance.now() - started;
  const frames = [];
  for (let at = 0; at < all.length; at += size) {
    started = performance.now();
    const { state, points } = tracker.track(all.subarray(at, at + size));
    frames.push({ state, x: points[0], y: points[1], cpu_ms: performance.now() - started });
  }
  self.postMessage({ keyframe: { accepted, ms, cpu_ms: ms }, frames });
};
