import { SEAT_KEPT_MS } from "../protocol.gen";
import type { KeyValue } from "./preferences";

/** What a page needs to take its seat again after a reload. */
export interface Seat {
  readonly resume: string;
  readonly token: string;
  readonly name: string;
}

interface Kept extends Seat {
  /** When the page went away with the seat taken; 0 while it is in use (also by the page that this tab was copied from). */
  readonly leftAtMs: number;
}

const KEY = "tongxin.seat.";

/** Seats of this tab, in sessionStorage: a reload finds its own, another tab never does. */
export class Seats {
  constructor(private readonly storage: KeyValue | null) {}

  hold(room: string, seat: Seat): void {
    this.#write(room, { ...seat, leftAtMs: 0 });
  }

  /** The page is going away without leaving the meeting. */
  leaveBehind(room: string, nowMs: number): void {
    const kept = this.#read(room);
    if (kept) this.#write(room, { ...kept, leftAtMs: nowMs });
  }

  /** The seat that this tab left behind a moment ago. */
  take(room: string, nowMs: number): Seat | null {
    const kept = this.#read(room);
    if (!kept || kept.leftAtMs === 0 || nowMs - kept.leftAtMs > SEAT_KEPT_MS) return null;
    this.#write(room, { ...kept, leftAtMs: 0 });
    return { resume: kept.resume, token: kept.token, name: kept.name };
  }

  drop(room: string): void {
    try {
      this.storage?.removeItem(KEY + room);
    } catch {
      // Storage is refused here: nothing was kept either.
    }
  }

  #read(room: string): Kept | null {
    try {
      const value = JSON.parse(this.storage?.getItem(KEY + room) ?? "null") as Partial<Kept> | null;
      if (typeof value?.resume !== "string" || typeof value.leftAtMs !== "number") return null;
      return {
        resume: value.resume,
        token: typeof value.token === "string" ? value.token : "",
        name: typeof value.name === "string" ? value.name : "",
        leftAtMs: value.leftAtMs,
      };
    } catch {
      return null;
    }
  }

  #write(room: string, kept: Kept): void {
    try {
      this.storage?.setItem(KEY + room, JSON.stringify(kept));
    } catch {
      // Storage is refused here: a reload will ask for the name again.
    }
  }
}
