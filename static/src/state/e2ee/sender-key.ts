import type { Bytes } from "./bytes";
import { EPOCHS, STEPS } from "./key-id";
import { BASE_KEY_BYTES, ratchet } from "./keyring";

export interface GivenKey {
  readonly epoch: number;
  readonly step: number;
  readonly baseKey: Bytes;
}

/** Former epochs that are kept for receivers who were away when they were given out. */
const EPOCHS_KEPT = 4;

/** One epoch: its key at each step, and who was given it from which step on. */
class Epoch {
  readonly given = new Map<string, number>();

  constructor(
    readonly number: number,
    readonly keys: Bytes[],
  ) {}

  at(step: number): GivenKey {
    const baseKey = this.keys[step];
    if (!baseKey) throw new Error("no such step");
    return { epoch: this.number, step, baseKey };
  }
}

/**
 * The key with which this device seals what it sends, as it moves on:
 *
 *     a step, when somebody came: they cannot read what was before
 *     a new epoch, when somebody left: they cannot read what comes after
 *
 * A receiver is whatever text names a device: a seat and its public key.
 */
export class SenderKey {
  #epoch: Epoch;
  readonly #former: Epoch[] = [];

  constructor(firstEpoch: number) {
    this.#epoch = new Epoch(firstEpoch % EPOCHS, [random()]);
  }

  get current(): GivenKey {
    return this.#epoch.at(this.#epoch.keys.length - 1);
  }

  /** Nobody was given the present key. */
  get isSecret(): boolean {
    return this.#epoch.given.size === 0;
  }

  isGivenTo(receiver: string): boolean {
    return this.#epoch.given.has(receiver);
  }

  give(receiver: string, { epoch, step }: GivenKey): void {
    if (epoch === this.#epoch.number && !this.#epoch.given.has(receiver))
      this.#epoch.given.set(receiver, step);
  }

  /** What a receiver that misses a key may be given (again): from where it was given it first, never from before. */
  entitled(receiver: string, epoch: number): GivenKey | null {
    const found = [this.#epoch, ...this.#former].find((other) => other.number === epoch);
    const step = found?.given.get(receiver);
    return found && step !== undefined ? found.at(step) : null;
  }

  async step(): Promise<void> {
    const epoch = this.#epoch;
    if (epoch.keys.length >= STEPS) {
      this.renew();
      return;
    }
    const next = await ratchet(this.current.baseKey);
    if (epoch === this.#epoch) epoch.keys.push(next);
  }

  renew(): void {
    this.#former.unshift(this.#epoch);
    this.#former.splice(EPOCHS_KEPT);
    this.#epoch = new Epoch((this.#epoch.number + 1) % EPOCHS, [random()]);
  }
}

function random(): Bytes {
  return crypto.getRandomValues(new Uint8Array(BASE_KEY_BYTES));
}
