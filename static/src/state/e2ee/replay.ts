/** Counters that one key may be ahead of a late frame: with 160 frames a second they last 25 s. */
const WINDOW = 4_096;

/** Which counters of one key were seen.  What is older than the window counts as seen. */
export class ReplayWindow {
  readonly #seen = new Uint8Array(WINDOW);
  #next = 0;

  /** Whether a frame with this counter may still be taken. */
  isFresh(ctr: number): boolean {
    return ctr >= this.#next || (ctr >= this.#next - WINDOW && this.#seen[ctr % WINDOW] === 0);
  }

  /** Called when the frame has proved genuine; false when another with the same counter was first. */
  take(ctr: number): boolean {
    if (!this.isFresh(ctr)) return false;
    if (ctr >= this.#next) {
      if (ctr - this.#next >= WINDOW) this.#seen.fill(0);
      else for (let skipped = this.#next; skipped < ctr; skipped += 1) this.#seen[skipped % WINDOW] = 0;
      this.#next = ctr + 1;
    }
    this.#seen[ctr % WINDOW] = 1;
    return true;
  }
}
