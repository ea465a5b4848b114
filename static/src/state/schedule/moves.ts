import type { Clock } from "../clock";
import { Store } from "../store";
import { ruleMoved } from "./rule";
import type { EventChange, Occurrence, Schedule, Scope } from "./schedule";
import { dayOf, localIn, localText } from "./zones";

/** A meeting that was dragged elsewhere: shown there, and told to the server when nobody took it back in time. */
export interface Move {
  readonly occurrence: Occurrence;
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly scope: Scope;
  readonly state: "pending" | "saving";
}

export const UNDO_MS = 6_000;

/** What the server is asked: times on the clock of the meeting's own zone. */
export function changeOf(move: Move): EventChange {
  const { occurrence, starts_at_ms, ends_at_ms, scope } = move;
  const starts = localIn(starts_at_ms, occurrence.zone);
  const change: EventChange = {
    sequence: occurrence.sequence,
    scope,
    key: occurrence.key,
    starts: localText(starts),
    minutes: Math.round((ends_at_ms - starts_at_ms) / 60_000),
  };
  if (scope === "one" || !occurrence.rrule) return change;
  const from = dayOf(localIn(occurrence.starts_at_ms, occurrence.zone));
  return { ...change, rrule: ruleMoved(occurrence.rrule, from, dayOf(starts)) };
}

/** One move at a time: invitees get one mail about where a meeting went, not about the way there. */
export class Moves {
  readonly current = new Store<Move | null>(null);
  #cancel: (() => void) | null = null;

  constructor(
    private readonly schedule: Pick<Schedule, "change">,
    private readonly clock: Clock,
    private readonly onSaved: () => void,
    private readonly onFailed: (cause: unknown) => void,
  ) {}

  /** Another move of the same meeting goes on from the first; one of another meeting has this one saved. */
  propose(occurrence: Occurrence, starts_at_ms: number, ends_at_ms: number): void {
    const former = this.current.get();
    const same =
      former?.occurrence.event_id === occurrence.event_id && former.occurrence.key === occurrence.key;
    if (former && !same) void this.save();
    if (former?.state === "saving") return;
    const scope = same ? former.scope : occurrence.rrule ? "one" : "all";
    const original = same ? former.occurrence : occurrence;
    if (starts_at_ms === original.starts_at_ms && ends_at_ms === original.ends_at_ms) {
      this.undo();
      return;
    }
    this.current.set({ occurrence: original, starts_at_ms, ends_at_ms, scope, state: "pending" });
    this.#wait();
  }

  choose(scope: Scope): void {
    this.current.update((move) => (move?.state === "pending" ? { ...move, scope } : move));
    this.#wait();
  }

  undo(): void {
    if (this.current.get()?.state !== "pending") return;
    this.#cancel?.();
    this.current.set(null);
  }

  async save(): Promise<void> {
    const move = this.current.get();
    if (move?.state !== "pending") return;
    this.#cancel?.();
    this.current.set({ ...move, state: "saving" });
    try {
      await this.schedule.change(move.occurrence.event_id, changeOf(move));
      this.onSaved();
    } catch (cause) {
      this.onFailed(cause);
    } finally {
      this.current.set(null);
    }
  }

  #wait(): void {
    this.#cancel?.();
    this.#cancel = this.clock.after(UNDO_MS, () => void this.save());
  }
}
