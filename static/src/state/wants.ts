import type { Source, Want } from "../protocol.gen";
import type { Clock } from "./clock";

export interface Shown {
  readonly visible: boolean;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** The person at the page asked for this one. */
  readonly pinned?: boolean;
}

/** How much picture this person takes: all, small ones to save data, or none. */
export const INCOMING_VIDEO = ["all", "saver", "none"] as const;
export type IncomingVideo = (typeof INCOMING_VIDEO)[number];

const SETTLE_MS = 120;
/** People come and go without changing what is shown here: not each of three hundred is worth a list of its own. */
const SETTLE_UNSEEN_MS = 1_000;
/** Sizes are rounded up to this, so that dragging a window does not talk to the server at every pixel. */
const STEP_PX = 32;
/** A track this young may not have its place on the screen yet: it is wanted until that is known. */
const GRACE_MS = 1_000;
/** Asked for meanwhile, device pixels; only while fewer than so many pictures are shown. */
const GRACE_SIZE = { width: 640, height: 360 } as const;
const GRACE_BELOW = 9;
/** With more microphones the server lets everybody hear its voices, whatever is listed (signaling/sfu/directory.py). */
const LISTED_MICROPHONES_MAX = 16;
/** Pictures that were turned away from keep their section, so that turning back costs no negotiation. */
const HIDDEN_MAX = 24;
/** Saving data: the first face, and all others, device pixels.  A shared screen stays readable. */
const SAVER_LARGE = { width: 640, height: 360 } as const;
const SAVER_SMALL = { width: 320, height: 180 } as const;
/** Behind another window nobody looks; a short look elsewhere costs no new keyframes. */
const BEHIND_AFTER_MS = 5_000;

interface Known {
  readonly id: string;
  readonly source: Source;
}

/**
 * Collects which remote pictures are on the screen and how large, and tells the server in one list when things have
 * settled: what is seen, best first, then what was seen lately, then the sound.  Nothing else is asked for.
 */
export class Wants {
  readonly #shown = new Map<unknown, { trackId: string; shown: Shown }>();
  #known: readonly Known[] = [];
  readonly #since = new Map<string, number>();
  /** Track ids that have been on the screen, the latest last. */
  readonly #seen = new Set<string>();
  #incoming: IncomingVideo = "all";
  #isBehind = false;
  #cancelBehind: (() => void) | null = null;
  #planned: { atMs: number; cancel: () => void } | null = null;
  #told = "";
  #active = false;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (wants: readonly Want[]) => Promise<unknown>,
  ) {}

  /** The remote tracks of the room. */
  setTracks(tracks: readonly Known[]): void {
    const now = this.clock.now();
    const ids = new Set(tracks.map((track) => track.id));
    const fresh = [...ids].filter((id) => !this.#since.has(id));
    for (const id of this.#since.keys())
      if (!ids.has(id)) {
        this.#since.delete(id);
        this.#seen.delete(id);
      }
    for (const id of fresh) this.#since.set(id, now);
    this.#known = tracks;
    // A list from before a track says nothing about it: the server waits for the next one, even if it is the same.
    if (fresh.length > 0) this.#told = "";
    this.#soon(SETTLE_UNSEEN_MS);
    if (fresh.length > 0) {
      if (this.#visibleCount() < GRACE_BELOW) this.#soon(SETTLE_MS);
      this.clock.after(GRACE_MS, () => this.#soon(SETTLE_MS));
    }
  }

  /** One place on the screen (`place` is its identity) shows a track; null: no more. */
  report(place: unknown, trackId: string, shown: Shown | null): void {
    if (shown) this.#shown.set(place, { trackId, shown });
    else this.#shown.delete(place);
    if (shown?.visible) {
      this.#seen.delete(trackId);
      this.#seen.add(trackId);
    }
    this.#soon(SETTLE_MS);
  }

  /** What this person chose to take. */
  setIncoming(incoming: IncomingVideo): void {
    this.#incoming = incoming;
    this.#soon(SETTLE_MS);
  }

  /** Whether the page is in front; behind, pictures stop after a while, and come back at once. */
  setFront(front: boolean): void {
    this.#cancelBehind?.();
    this.#cancelBehind = null;
    if (front) {
      this.#isBehind = false;
      this.#soon(0);
    } else {
      this.#cancelBehind = this.clock.after(BEHIND_AFTER_MS, () => {
        this.#isBehind = true;
        this.#soon(0);
      });
    }
  }

  /** In a seat with a line: lists are sent.  A new line has to be told anew. */
  setActive(active: boolean): void {
    this.#active = active;
    this.#told = "";
    if (active) this.#soon(SETTLE_MS);
  }

  list(): readonly Want[] {
    const now = this.clock.now();
    const places = this.#places();
    const audio: Want[] = [];
    const visible: (Required<Want> & { readonly source: Source })[] = [];
    const hidden = new Set<string>();
    let young = Math.max(0, GRACE_BELOW - this.#visibleCount());
    const takes = this.#incoming !== "none" && !this.#isBehind;
    const microphones = this.#known.filter(({ source }) => source === "microphone").length;
    for (const { id, source } of this.#known) {
      if (source === "microphone" && microphones > LISTED_MICROPHONES_MAX) continue;
      if (source === "microphone" || source === "screen_audio") {
        audio.push({ track_id: id, visible: true, width: 0, height: 0 });
        continue;
      }
      const shown = places.get(id);
      const isYoung = !shown && now - (this.#since.get(id) ?? 0) < GRACE_MS && young > 0;
      if (takes && (shown?.visible || isYoung)) {
        if (!shown) young -= 1;
        const size = shown ? { width: step(shown.width), height: step(shown.height) } : GRACE_SIZE;
        visible.push({ track_id: id, visible: true, ...size, pinned: shown?.pinned === true, source });
      } else if (this.#seen.has(id)) {
        hidden.add(id);
      }
    }
    let faces = 0;
    const rank = (want: { source: Source; track_id: string }): number =>
      (want.source === "screen" ? 2 : 0) + (places.get(want.track_id)?.pinned ? 1 : 0);
    visible.sort((a, b) => rank(b) - rank(a) || b.width * b.height - a.width * a.height);
    const lately = [...this.#seen].filter((id) => hidden.has(id)).slice(-HIDDEN_MAX);
    return [
      ...visible.map(({ source, ...want }) =>
        this.#incoming === "saver" && source === "camera"
          ? { ...want, ...least(want, faces++ === 0 ? SAVER_LARGE : SAVER_SMALL) }
          : want,
      ),
      ...lately.reverse().map((id) => ({ track_id: id, visible: false, width: 0, height: 0 })),
      ...audio,
    ];
  }

  /** Of several places that show the same track, the largest that is seen. */
  #places(): ReadonlyMap<string, Shown> {
    const places = new Map<string, Shown>();
    for (const { trackId, shown } of this.#shown.values()) {
      const other = places.get(trackId);
      if (!other || (shown.visible && shown.width > other.width) || !other.visible)
        places.set(trackId, shown);
    }
    return places;
  }

  #visibleCount(): number {
    return [...this.#places().values()].filter((shown) => shown.visible).length;
  }

  #soon(delayMs: number): void {
    if (!this.#active) return;
    const atMs = this.clock.now() + delayMs;
    if (this.#planned && this.#planned.atMs <= atMs) return;
    this.#planned?.cancel();
    const cancel = this.clock.after(delayMs, () => {
      this.#planned = null;
      this.#tellNow();
    });
    this.#planned = { atMs, cancel };
  }

  #tellNow(): void {
    const wants = this.list();
    const text = JSON.stringify(wants);
    if (!this.#active || text === this.#told) return;
    this.#told = text;
    this.tell(wants).catch(() => {
      // Refused or lost: the next change or the next line sends the whole list again.
      this.#told = "";
    });
  }
}

function step(pixels: number): number {
  return Math.min(8192, Math.ceil(pixels / STEP_PX) * STEP_PX);
}

function least(
  size: { readonly width: number; readonly height: number },
  bound: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  return { width: Math.min(size.width, bound.width), height: Math.min(size.height, bound.height) };
}
