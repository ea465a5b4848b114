/** Time as the view models see it, so that tests can turn the hands. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after `delay_ms`; the returned function takes that back. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` every `period_ms` until the returned function is called. */
  every(periodMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, task) {
    const timer = setInterval(task, periodMs);
    return () => clearInterval(timer);
  },
};

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  #tasks: { at: number; task: () => void; period: number }[] = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#plan({ at: this.#now + delayMs, task, period: 0 });
  }

  every(periodMs: number, task: () => void): () => void {
    return this.#plan({ at: this.#now + periodMs, task, period: periodMs });
  }

  /** Lets `ms` pass, running what falls due on the way, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#tasks.filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      if (next.period) next.at += next.period;
      else this.#tasks = this.#tasks.filter((entry) => entry !== next);
      next.task();
    }
    this.#now = until;
  }

  #plan(entry: { at: number; task: () => void; period: number }): () => void {
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }
}
