import { Store, type Readable } from "../store";
import { TierLack, type Tier } from "./tier";

export type TierName = "whep" | "hls";

export interface PlayerState<W, H> {
  /** What is shown; null until something is. */
  readonly shown: TierName | null;
  /** Both are there while one takes over from the other. */
  readonly whep: W | null;
  readonly hls: H | null;
  /** What is shown does not move on. */
  readonly stalled: boolean;
  readonly delayMs: number | null;
  /** Nothing could be had the last time it was tried; it is tried again. */
  readonly failed: boolean;
}

export interface TierMakers<W, H> {
  /** null: not offered. */
  readonly whep: (() => W) | null;
  readonly hls: (() => H) | null;
}

const LOOK_EVERY_MS = 1_000;
const STILL_MAX = 2; // looks without anything new, and the next tier is fetched: with its start, less than 2 s of gap by HLS parts
const LOSSY_SHARE = 0.15;
const LOSSY_MAX = 4;
const TRY_AGAIN_MS = 2_000;
/** When WHEP is tried again after so many falls in a row. */
const BETTER_AFTER_MS = [15_000, 60_000, 300_000];

/** Shows a stage by whatever works: WHEP first; HLS when that is full, cannot be reached or is bad; and back again.
 *
 * The tier that takes over plays before the other one ends, so that there is no gap.
 */
export class LivePlayer<W extends Tier, H extends Tier> {
  readonly #state = new Store<PlayerState<W, H>>({
    shown: null,
    whep: null,
    hls: null,
    stalled: false,
    delayMs: null,
    failed: false,
  });
  readonly state: Readable<PlayerState<W, H>> = this.#state;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #moving = false;
  #falls = 0;
  #betterAtMs = 0;
  #still = 0;
  #lossy = 0;

  constructor(
    private readonly makers: TierMakers<W, H>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  start(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const { whep, hls } = this.#state.get();
    whep?.close();
    hls?.close();
  }

  /** One step: to be called once a second, which `start` does. */
  async #look(): Promise<void> {
    const { shown } = this.#state.get();
    if (shown === null) await this.#begin();
    else await this.#watch(shown);
    if (this.#closed) return;
    const soon = this.#state.get().shown === null ? TRY_AGAIN_MS : LOOK_EVERY_MS;
    this.#timer = setTimeout(() => void this.#look(), soon);
  }

  async #begin(): Promise<void> {
    const first = this.makers.whep && this.nowMs() >= this.#betterAtMs ? "whep" : "hls";
    const other = first === "whep" ? "hls" : "whep";
    const found = (await this.#move(first)) || (await this.#move(other));
    this.#change({ failed: !found });
  }

  async #watch(shown: TierName): Promise<void> {
    const tier = this.#state.get()[shown];
    if (!tier) return;
    const sample = await tier.sample();
    if (this.#closed) return;
    this.#still = sample.advanced ? 0 : this.#still + 1;
    this.#lossy = sample.lost > LOSSY_SHARE ? this.#lossy + 1 : Math.max(0, this.#lossy - 1);
    const stalled = this.#still >= STILL_MAX;
    this.#change({ stalled, delayMs: sample.delayMs ?? this.#state.get().delayMs });
    if (this.#moving) return;
    if (shown === "whep" && (stalled || this.#lossy >= LOSSY_MAX) && this.makers.hls) {
      this.#fall();
      void this.#move("hls");
    } else if (shown === "whep" && stalled) {
      void this.#move("whep");
    } else if (shown === "hls" && this.makers.whep && this.nowMs() >= this.#betterAtMs) {
      void this.#move("whep");
    } else if (shown === "hls" && this.#still >= STILL_MAX * 4) {
      void this.#move("hls");
    }
  }

  #fall(): void {
    const wait = BETTER_AFTER_MS[Math.min(this.#falls, BETTER_AFTER_MS.length - 1)] ?? 0;
    this.#falls++;
    this.#betterAtMs = this.nowMs() + wait;
  }

  /** Whether that tier is shown now. */
  async #move(to: TierName): Promise<boolean> {
    const make = this.makers[to];
    if (!make || this.#closed) return false;
    this.#moving = true;
    const before = this.#state.get();
    const next = make();
    this.#change({ [to]: next });
    try {
      await next.start();
    } catch (error) {
      next.close();
      if (this.#state.get()[to] === next) this.#change({ [to]: before[to] });
      if (to === "whep") this.#fall();
      if (!(error instanceof TierLack)) throw error;
      return false;
    } finally {
      this.#moving = false;
    }
    if (this.#isClosed()) {
      next.close();
      return false;
    }
    this.#still = this.#lossy = 0;
    const old = before.shown ? before[before.shown] : null;
    this.#change({
      shown: to,
      whep: to === "whep" ? (next as W) : null,
      hls: to === "hls" ? (next as H) : null,
      stalled: false,
      failed: false,
      delayMs: null,
    });
    old?.close();
    return true;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #change(change: Partial<PlayerState<W, H>>): void {
    if (!this.#closed) this.#state.update((state) => ({ ...state, ...change }));
  }
}
