import { ApiError } from "../api";
import type { Clock } from "../clock";
import type { KeyValue } from "../preferences";
import { Store } from "../store";
import type { Requests } from "./requests";
import { newKey } from "../new-key";
import type { Batch, BatchAction, Name } from "./shapes";

export const BATCH_MAX = 500;
const ASK_MS = 700;
const RETRY_MS = 3_000;
const STORED = "tongxin.batch";

/** What a batch was of, to name its items when it is over. */
interface Kept {
  readonly key: string;
  readonly names: readonly Name[];
}

export interface BatchRun {
  readonly names: ReadonlyMap<string, string>;
  /** Null until the server has it. */
  readonly batch: Batch | null;
  /** Why it is not under way: the start was refused, or the server is away. */
  readonly code: string;
}

/**
 * One decision over many.  The server does it whatever becomes of the page; the page asks how far it is, and after a
 * reload goes on asking about the one that it began.
 */
export class BatchModel {
  readonly run = new Store<BatchRun | null>(null);
  #stop: (() => void) | null = null;
  #round = 0;

  constructor(
    private readonly requests: Pick<Requests, "startBatch" | "batch">,
    private readonly clock: Clock,
    private readonly storage: KeyValue | null,
    private readonly onOver: () => void,
  ) {}

  /** Takes up the batch that this tab began before it was loaded again. */
  resume(): void {
    const kept = readKept(this.storage);
    if (!kept || this.run.get()) return;
    this.run.set({ names: new Map(kept.names.map((one) => [one.id, one.name])), batch: null, code: "" });
    this.#ask(kept.key);
  }

  async start(action: BatchAction, note: string, items: readonly Name[]): Promise<void> {
    const key = newKey();
    const round = ++this.#round;
    this.#stop?.();
    this.run.set({ names: new Map(items.map((one) => [one.id, one.name])), batch: null, code: "" });
    this.#keep({ key, names: items });
    const wish = { action, note, request_ids: items.map((one) => one.id) };
    try {
      const batch = await this.requests.startBatch(key, wish);
      if (round === this.#round) this.#know(batch);
    } catch (cause) {
      if (round !== this.#round) return;
      const code = cause instanceof ApiError ? cause.code : "internal";
      // The answer may have been lost on its way: the key tells.
      if (code === "unavailable") this.#later(key, RETRY_MS);
      else this.#keep(null);
      this.run.update((now) => now && { ...now, code });
    }
  }

  /** The ids that were refused. */
  refused(): readonly string[] {
    const items = this.run.get()?.batch?.items ?? [];
    return items.filter((one) => one.result === "refused").map((one) => one.request_id);
  }

  /** Closes what is shown; the server goes on all the same. */
  close(): void {
    this.#round += 1;
    this.#stop?.();
    this.#stop = null;
    this.#keep(null);
    this.run.set(null);
  }

  /** The page goes away; the next one takes it up. */
  leave(): void {
    this.#round += 1;
    this.#stop?.();
    this.#stop = null;
  }

  #know(batch: Batch): void {
    this.run.update((now) => now && { ...now, batch, code: "" });
    if (batch.finished_at_ms === 0) this.#later(batch.key, ASK_MS);
    else {
      this.#keep(null);
      this.onOver();
    }
  }

  #later(key: string, delayMs: number): void {
    this.#stop?.();
    this.#stop = this.clock.after(delayMs, () => this.#ask(key));
  }

  #ask(key: string): void {
    const round = this.#round;
    this.requests.batch(key).then(
      (batch) => round === this.#round && this.#know(batch),
      (cause: unknown) => {
        if (round !== this.#round) return;
        const code = cause instanceof ApiError ? cause.code : "internal";
        if (code === "not_found") {
          this.#keep(null);
          this.run.update((now) => now && { ...now, code });
          return;
        }
        this.run.update((now) => now && { ...now, code });
        this.#later(key, RETRY_MS);
      },
    );
  }

  #keep(kept: Kept | null): void {
    if (kept) this.storage?.setItem(STORED, JSON.stringify(kept));
    else this.storage?.removeItem(STORED);
  }
}

function readKept(storage: KeyValue | null): Kept | null {
  try {
    const value: unknown = JSON.parse(storage?.getItem(STORED) ?? "null");
    return typeof value === "object" && value !== null && "key" in value && "names" in value
      ? (value as Kept)
      : null;
  } catch {
    return null;
  }
}
