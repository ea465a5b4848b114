import type { Mark, MarkState } from "../../protocol.gen";
import type { FramePoses, MarkPose } from "./poses";
import { between } from "./rtp-clock";

/** Where a mark is in the frame that is on the screen. */
export interface Sighting {
  readonly state: MarkState;
  /** Null: the frame shown is the one that the mark was drawn on. */
  readonly h: ArrayLike<number> | null;
}

const TICKS_A_MS = 90;
/** Timestamps are told to within a millisecond; frames are at least 16 ms apart. */
const SAME = 6 * TICKS_A_MS;
/** Between two frames this far apart that were tracked, a frame that was not lies on the straight way. */
const BETWEEN = 250 * TICKS_A_MS;
/** Behind the last frame that was tracked, it is believed for so long. */
const HELD = 120 * TICKS_A_MS;
const KEPT_TICKS = 4_000 * TICKS_A_MS;
const KEPT_PER_MARK = 240;
const MARKS_MAX = 500;
const IDENTITY_TICKS = 6 * TICKS_A_MS;

interface Known {
  readonly rtp: number;
  readonly pose: MarkPose;
}

/**
 * What the phone has told of its last few seconds, by frame. Poses overtake the pictures that they belong to, so a frame that is
 * shown finds its own pose here, however late it is.
 */
export class PoseBuffer {
  readonly #known = new Map<string, Known[]>();

  add({ rtpTimestamp: rtp, poses }: FramePoses): void {
    for (const pose of poses) {
      const known = this.#known.get(pose.id) ?? [];
      if (!this.#known.has(pose.id)) {
        if (this.#known.size >= MARKS_MAX) continue;
        this.#known.set(pose.id, known);
      }
      let at = known.length;
      while (at > 0 && between(known[at - 1]?.rtp ?? rtp, rtp) > 0) at -= 1;
      if (known[at - 1]?.rtp === rtp) known[at - 1] = { rtp, pose };
      else known.splice(at, 0, { rtp, pose });
      const newest = known.at(-1)?.rtp ?? rtp;
      while (known.length > KEPT_PER_MARK || between(newest, known[0]?.rtp ?? newest) > KEPT_TICKS)
        known.shift();
    }
  }

  forget(markId: string): void {
    this.#known.delete(markId);
  }

  clear(): void {
    this.#known.clear();
  }

  /**
   * The mark in the frame of this timestamp; null `rtp`: the browser does not tell, so the latest is as good as any. A frame
   * that was not tracked lies between its neighbours. Nothing near enough: null, and the mark is not drawn.
   */
  at(mark: Pick<Mark, "id" | "frame" | "state">, rtp: number | null): Sighting | null {
    if (rtp !== null && Math.abs(between(rtp, mark.frame.rtp_timestamp)) <= IDENTITY_TICKS)
      return { state: mark.state === "placing" ? "placing" : "ok", h: null };
    const known = this.#known.get(mark.id);
    const last = known?.at(-1);
    if (!known || !last) return null;
    if (rtp === null) return sighting(last.pose);
    let after = known.length;
    while (after > 0 && between(known[after - 1]?.rtp ?? rtp, rtp) > 0) after -= 1;
    const [before, next] = [known[after - 1], known[after]];
    const back = before ? between(rtp, before.rtp) : Infinity;
    const ahead = next ? between(next.rtp, rtp) : Infinity;
    if (before && back <= SAME && back <= ahead) return sighting(before.pose);
    if (next && ahead <= SAME) return sighting(next.pose);
    if (before && next && back + ahead <= BETWEEN) return blended(before, next, back / (back + ahead));
    if (before && back <= HELD) return sighting(before.pose);
    return null;
  }
}

function sighting({ state, h }: MarkPose): Sighting {
  return h ? { state, h } : { state: "lost", h: null };
}

/** Only where it was seen on both sides: between seen and lost nobody knows. */
function blended(before: Known, next: Known, share: number): Sighting | null {
  const [a, b] = [before.pose.h, next.pose.h];
  if (!a || !b) return { state: "lost", h: null };
  const [na, nb] = [a[8] || 1, b[8] || 1];
  const h = Float64Array.from(
    { length: 9 },
    (_, k) => ((a[k] ?? 0) / na) * (1 - share) + ((b[k] ?? 0) / nb) * share,
  );
  return { state: before.pose.state === "ok" && next.pose.state === "ok" ? "ok" : "weak", h };
}
