import type { Want } from "../protocol.gen";
import type { Clock } from "./clock";

export interface Shown {
  readonly visible: boolean;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
}

const SETTLE_MS = 120;
/** Sizes are rounded up to this, so that dragging a window does not talk to the server at every pixel. */
const STEP_PX = 32;
/** A track this young may not have its place on the screen yet: it is wanted until that is known. */
const GRACE_MS = 1_000;
/** Asked for meanwhile, device pixels. */
const GRACE_SIZE = { width: 640, height: 360 } as const;

/**
 * Collects which remote pictures are on the screen and how large, and tells the server in one list when things have
 * settled.  What is not on the screen keeps its place and costs nothing.
 */
export class Wants {
  readonly #shown = new Map<unknown, { trackId: string; shown: Shown }>();
  #known: readonly { id: string; kind: "audio" | "video" }[] = [];
  readonly #since = new Map<string, number>();
  #cancel: (() => void) | null = null;
  #told = "";
  #active = false;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (wants: readonly Want[]) => Promise<unknown>,
  ) {}

  /** The remote tracks of the room. */
  setTracks(tracks: readonly { id: string; kind: "audio" | "video" }[]): void {
    const now = this.clock.now();
    const ids = new Set(tracks.map((track) => track.id));
    const fresh = [...ids].filter((id) => !this.#since.has(id));
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id);
    for (const id of fresh) this.#since.set(id, now);
    this.#known = tracks;
    this.#soon();
    if (fresh.length > 0) this.clock.after(GRACE_MS, () => this.#soon());
  }

  /** One place on the screen (`place` is its identity) shows a track; null: no more. */
  report(place: unknown, trackId: string, shown: Shown | null): void {
    if (shown) this.#shown.set(place, { trackId, shown });
    else this.#shown.delete(place);
    this.#soon();
  }

  /** In a seat with a line: lists are sent.  A new line has to be told anew. */
  setActive(active: boolean): void {
    this.#active = active;
    this.#told = "";
    if (active) this.#soon();
  }

  list(): readonly Want[] {
    const seen = new Map<string, Shown>();
    for (const { trackId, shown } of this.#shown.values()) {
      const other = seen.get(trackId);
      if (!other || (shown.visible && shown.width > other.width) || !other.visible) seen.set(trackId, shown);
    }
    return this.#known.map(({ id, kind }) => {
      if (kind === "audio") return { track_id: id, visible: true, width: 0, height: 0 };
      const shown = seen.get(id);
      const age = this.clock.now() - (this.#since.get(id) ?? 0);
      if (!shown && age < GRACE_MS) return { track_id: id, visible: true, ...GRACE_SIZE };
      if (!shown?.visible) return { track_id: id, visible: false, width: 0, height: 0 };
      return { track_id: id, visible: true, width: step(shown.width), height: step(shown.height) };
    });
  }

  #soon(): void {
    if (!this.#active || this.#cancel) return;
    this.#cancel = this.clock.after(SETTLE_MS, () => {
      this.#cancel = null;
      const wants = this.list();
      const text = JSON.stringify(wants);
      if (!this.#active || text === this.#told) return;
      this.#told = text;
      this.tell(wants).catch(() => {
        // Refused or lost: the next change or the next line sends the whole list again.
        this.#told = "";
      });
    });
  }
}

function step(pixels: number): number {
  return Math.min(8192, Math.ceil(pixels / STEP_PX) * STEP_PX);
}
