import type { Mark } from "../../protocol.gen";
import { decodeKeyframe } from "../../ar";
import type { Request } from "../connection";
import { project } from "./overlay-geometry";
import type { MarkPose } from "./poses";
import { tracked } from "./tracked";
import type { Tracking } from "./tracking";

/** A mark as it is kept with the machine, from whichever session. */
export interface KeptMark {
  readonly mark: Mark;
  readonly keyframe_id: string | null;
}

export interface ArchivePort {
  marks(): Promise<readonly KeptMark[]>;
  keyframe(keyframeId: string): Promise<Uint8Array>;
}

/** Pictures of earlier sessions that are looked for; the newest first. */
const KEYFRAMES_MAX = 12;
const WIDTH_SHARE_MAX = 0.1;

/**
 * Looks for marks of earlier sessions: gives the tracker what was kept of them. Returns the marks that are looked for, by
 * id; those of this session (`present`) are not among them.
 */
export async function lookForKept(
  port: ArchivePort,
  tracking: Pick<Tracking, "restore">,
  present: Readonly<Record<string, Mark>>,
): Promise<ReadonlyMap<string, Mark>> {
  const byKeyframe = new Map<string, Mark[]>();
  for (const { mark, keyframe_id } of await port.marks()) {
    if (keyframe_id === null || keyframe_id === "" || present[mark.id]) continue;
    const together = byKeyframe.get(keyframe_id);
    if (together) together.push(mark);
    else if (byKeyframe.size < KEYFRAMES_MAX) byKeyframe.set(keyframe_id, [mark]);
  }
  const sought = new Map<string, Mark>();
  for (const [keyframeId, marks] of byKeyframe) {
    const bytes = await port.keyframe(keyframeId).catch(() => null);
    const keyframe = bytes && decodeKeyframe(bytes);
    if (!keyframe) continue;
    tracking.restore(`kept-${keyframeId}`, keyframe, marks.map(tracked));
    for (const mark of marks) sought.set(mark.id, mark);
  }
  return sought;
}

/**
 * Marks that this phone did not see drawn: of earlier sessions, or of this one while another phone led. They are looked for in
 * the picture; what was drawn earlier is shown to the room once it is surely there.
 */
export class KeptMarks {
  #sought: ReadonlyMap<string, Mark> = new Map();
  readonly #shown = new Set<string>();

  constructor(
    private readonly port: ArchivePort,
    private readonly tracking: Pick<Tracking, "restore">,
  ) {}

  /** `placed`: those that the tracker has already. */
  async look(placed: Readonly<Record<string, Mark>>): Promise<void> {
    const found = await lookForKept(this.port, this.tracking, placed);
    this.#sought = new Map([...this.#sought, ...found]);
  }

  has(markId: string): boolean {
    return this.#sought.has(markId);
  }

  /** What is to be said of a mark that was found: once, until `forget`. */
  show(markId: string): Extract<Request, { type: "place_mark" }> | null {
    const mark = this.#sought.get(markId);
    if (!mark || this.#shown.has(markId)) return null;
    this.#shown.add(markId);
    const { id, kind, color, width, points, frame, text, number, author_name, made_at_ms } = mark;
    const earlier = { author_name, at_ms: mark.earlier_at_ms || made_at_ms };
    return { type: "place_mark", mark_id: id, kind, color, width, points, frame, text, number, earlier };
  }

  /** The room did not take it. */
  forget(markId: string): void {
    this.#shown.delete(markId);
  }
}

/** A mark as it is seen on a still: its points in shares of the picture, as reports burn them in. */
export interface SeenMark {
  readonly kind: Mark["kind"];
  readonly color: Mark["color"];
  /** Of the longer side. */
  readonly width: number;
  readonly points: readonly number[];
  readonly text: string;
  readonly number: number;
  readonly author_name: string;
}

/** Marks that are surely where `poses` say, on the frame that they belong to. */
export function seenOn(marks: Readonly<Record<string, Mark>>, poses: Iterable<MarkPose>): SeenMark[] {
  const seen: SeenMark[] = [];
  for (const { id, state, h } of poses) {
    const mark = marks[id];
    if (!mark || state !== "ok" || !h) continue;
    const { width, height } = mark.frame;
    const points: number[] = [];
    for (let k = 0; k + 1 < mark.points.length; k += 2) {
      const at = project(h, mark.points[k] ?? 0, mark.points[k + 1] ?? 0);
      if (at) points.push(at[0] / width, at[1] / height);
    }
    if (points.length !== mark.points.length || points.some((share) => share < 0 || share > 1)) continue;
    const { kind, color, text, number, author_name } = mark;
    const share = Math.min(WIDTH_SHARE_MAX, mark.width / Math.max(width, height));
    seen.push({ kind, color, width: share, points, text, number, author_name });
  }
  return seen;
}
