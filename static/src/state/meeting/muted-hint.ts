import type { Clock } from "../clock";
import { Store, type Readable } from "../store";

/** As loud as speech, not as a keyboard. */
const SPEECH_LEVEL = 0.42;
const SPOKEN_FOR_MS = 500;
const GAP_MS = 400;
const SHOWN_MS = 4_000;
const QUIET_AFTER_MS = 20_000;

/** True for some seconds when somebody talks into a microphone that is muted. */
export class MutedHint {
  readonly shown = new Store(false);
  #speakingSinceMs = 0;
  #lastLoudMs = 0;
  #quietUntilMs = 0;

  constructor(
    private readonly level: Readable<number>,
    private readonly isMuted: () => boolean,
    private readonly clock: Clock,
  ) {
    level.subscribe(() => this.#look());
  }

  #look(): void {
    const now = this.clock.now();
    if (!this.isMuted()) {
      this.#speakingSinceMs = 0;
      this.shown.set(false);
      return;
    }
    if (this.level.get() >= SPEECH_LEVEL) {
      if (this.#speakingSinceMs === 0 || now - this.#lastLoudMs > GAP_MS) this.#speakingSinceMs = now;
      this.#lastLoudMs = now;
    }
    const long = this.#speakingSinceMs > 0 && this.#lastLoudMs - this.#speakingSinceMs >= SPOKEN_FOR_MS;
    if (!long || now < this.#quietUntilMs) return;
    this.#quietUntilMs = now + QUIET_AFTER_MS;
    this.#speakingSinceMs = 0;
    this.shown.set(true);
    this.clock.after(SHOWN_MS, () => this.shown.set(false));
  }
}
