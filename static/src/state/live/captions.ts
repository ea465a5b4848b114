import type { SpokenLine } from "./hub";

const SHOWN_MAX = 2;
/** After it was said, so that it can be read. */
const HELD_MS = 4_000;

/** What is read now: the last lines said until `atMs`, which is the time of what is seen, not of the clock. */
export function captionsAt(spoken: readonly SpokenLine[], atMs: number): readonly SpokenLine[] {
  return spoken.filter((line) => line.begins_ms <= atMs && atMs < line.ends_ms + HELD_MS).slice(-SHOWN_MAX);
}
