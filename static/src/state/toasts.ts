import type { Clock } from "./clock";
import { Store } from "./store";

export type ToastTone = "quiet" | "notice" | "trouble";

export interface Toast<M> {
  readonly id: number;
  readonly message: M;
  readonly tone: ToastTone;
  readonly action: (() => void) | null;
}

export const TOASTS_MAX = 3;
const SHOWN_MS: Readonly<Record<ToastTone, number>> = { quiet: 3_500, notice: 5_000, trouble: 9_000 };

/** Short messages that come and go by themselves; at most three at a time, the oldest gives way. */
export class Toasts<M> {
  readonly list = new Store<readonly Toast<M>[]>([]);
  #lastId = 0;

  constructor(private readonly clock: Clock) {}

  show(message: M, tone: ToastTone = "quiet", action: (() => void) | null = null): number {
    const id = ++this.#lastId;
    this.list.update((list) => [...list, { id, message, tone, action }].slice(-TOASTS_MAX));
    this.clock.after(SHOWN_MS[tone], () => this.dismiss(id));
    return id;
  }

  dismiss(id: number): void {
    this.list.update((list) => (list.some((t) => t.id === id) ? list.filter((t) => t.id !== id) : list));
  }
}
