import { hkdf, utf8, type Bytes } from "./bytes";
import { fromKid, toKid } from "./key-id";
import { ReplayWindow } from "./replay";
import { decodeHeader, deriveKey, open, seal, type SFrameKey } from "./sframe";

/** The two things that a sender's key protects, with keys of their own, so that their counters may be too. */
export type Purpose = "media" | "chat";

export const BASE_KEY_BYTES = 32;
/** Epochs of one sender that are kept: frames of the former ones may still be on their way. */
const EPOCHS_KEPT = 4;
/** Steps that are worked out for a frame that may be forged; whoever is further behind asks for the key. */
const STEPS_AHEAD_MAX = 64;
/** Steps whose keys stay worked out. */
const STEPS_KEPT = 8;

/** The next key of the same epoch.  There is no way back. */
export function ratchet(baseKey: Bytes): Promise<Bytes> {
  return hkdf(baseKey, utf8("tongxin ratchet"), BASE_KEY_BYTES);
}

async function keyOf(baseKey: Bytes, purpose: Purpose, kid: number): Promise<SFrameKey> {
  return deriveKey(await hkdf(baseKey, utf8(`tongxin ${purpose}`), BASE_KEY_BYTES), kid);
}

/** missing: there is no key for `kid` yet.  bad: forged, damaged, or seen before. */
export type Opened =
  | { readonly kind: "opened"; readonly plaintext: Bytes; readonly sender: number }
  | { readonly kind: "missing"; readonly kid: number }
  | { readonly kind: "bad" };

interface Step {
  readonly key: SFrameKey;
  readonly replay: ReplayWindow;
}

interface Epoch {
  /** The earliest step whose key is known. */
  step: number;
  baseKey: Bytes;
  /** Steps that genuine frames came with; the oldest go, and are not taken again. */
  readonly steps: Map<number, Step>;
  oldest: number;
}

/** Keys of others, for one purpose. */
export class Keyring {
  readonly #senders = new Map<number, Map<number, Epoch>>();

  constructor(private readonly purpose: Purpose) {}

  add(sender: number, epoch: number, step: number, baseKey: Bytes): void {
    const epochs = this.#senders.get(sender) ?? new Map<number, Epoch>();
    this.#senders.set(sender, epochs);
    const known = epochs.get(epoch);
    if (known) {
      // A later step can be worked out from what is known; an earlier one lets more be read.
      if (step < known.step) Object.assign(known, { step, baseKey });
      return;
    }
    epochs.set(epoch, { step, baseKey, steps: new Map(), oldest: 0 });
    for (const former of [...epochs.keys()].slice(0, -EPOCHS_KEPT)) epochs.delete(former);
  }

  forget(sender: number): void {
    this.#senders.delete(sender);
  }

  async open(sealed: Bytes, metadata: Bytes): Promise<Opened> {
    const header = decodeHeader(sealed);
    if (!header) return { kind: "bad" };
    const { sender, epoch: number, step } = fromKid(header.kid);
    const epoch = this.#senders.get(sender)?.get(number);
    if (!epoch || step < epoch.step || step > lastOf(epoch) + STEPS_AHEAD_MAX)
      return { kind: "missing", kid: header.kid };
    const found =
      epoch.steps.get(step) ?? (step < epoch.oldest ? null : await this.#derive(epoch, step, header.kid));
    if (!found?.replay.isFresh(header.ctr)) return { kind: "bad" };
    const plaintext = await open(found.key, header, metadata, sealed);
    if (!plaintext) return { kind: "bad" };
    // Kept only now: what a forger writes into a header must not push out what is in use.
    const kept = keep(epoch, step, found);
    return kept.replay.take(header.ctr) ? { kind: "opened", plaintext, sender } : { kind: "bad" };
  }

  async #derive({ step: first, baseKey }: Epoch, step: number, kid: number): Promise<Step> {
    let key = baseKey;
    for (let at = first; at < step; at += 1) key = await ratchet(key);
    return { key: await keyOf(key, this.purpose, kid), replay: new ReplayWindow() };
  }
}

function lastOf(epoch: Epoch): number {
  return Math.max(epoch.step, ...epoch.steps.keys());
}

/** The step as it is kept: frames that come together may each have worked it out. */
function keep(epoch: Epoch, step: number, found: Step): Step {
  const kept = epoch.steps.get(step);
  if (kept) return kept;
  epoch.steps.set(step, found);
  for (const former of [...epoch.steps.keys()].sort((a, b) => a - b).slice(0, -STEPS_KEPT)) {
    epoch.steps.delete(former);
    epoch.oldest = Math.max(epoch.oldest, former + 1);
  }
  return found;
}

/** This device's own key, for one purpose: counts what it seals. */
export class OwnKey {
  #kid = -1;
  #key: Promise<SFrameKey> | null = null;
  #ctr = 0;

  constructor(private readonly purpose: Purpose) {}

  /** The same key again changes nothing: its counter must not begin anew. */
  use(sender: number, epoch: number, step: number, baseKey: Bytes): void {
    const kid = toKid({ sender, epoch, step });
    if (kid === this.#kid) return;
    this.#kid = kid;
    this.#ctr = 0;
    this.#key = keyOf(baseKey, this.purpose, kid);
  }

  /** null before there is a key. */
  async seal(plaintext: Bytes, metadata: Bytes): Promise<Bytes | null> {
    const key = this.#key;
    if (!key) return null;
    const ctr = this.#ctr++;
    return seal(await key, ctr, metadata, plaintext);
  }
}
