import {
  bigEndian,
  framed,
  fromBase64Url,
  hkdf,
  join,
  numberOf,
  toBase64Url,
  utf8,
  type Bytes,
} from "./bytes";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const COUNTER_BYTES = 6;

export interface Paired {
  readonly pair: Pair;
  /** Of the other device. */
  readonly publicBytes: Bytes;
}

/**
 * The key of this device for this visit.  Its private half cannot be taken out of the browser and goes with the page.
 * P-256 and not X25519: every browser that can seal frames has it.
 */
export class DeviceKey {
  private constructor(
    private readonly privateKey: CryptoKey,
    readonly publicBytes: Bytes,
  ) {}

  static async make(): Promise<DeviceKey> {
    const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    return new DeviceKey(
      pair.privateKey,
      new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    );
  }

  get publicKey(): string {
    return toBase64Url(this.publicBytes);
  }

  /** What goes between this device in the seat `me` and another; null when the other's key is no point of the curve. */
  async pairWith(roomId: string, me: string, other: string, otherKey: string): Promise<Paired | null> {
    const otherBytes = fromBase64Url(otherKey);
    if (!otherBytes) return null;
    try {
      const otherPublic = await crypto.subtle.importKey("raw", otherBytes, CURVE, false, []);
      const agreed = await crypto.subtle.deriveBits(
        { name: "ECDH", public: otherPublic },
        this.privateKey,
        256,
      );
      const secret = new Uint8Array(agreed);
      const [mine, theirs] = [framed(utf8(me), this.publicBytes), framed(utf8(other), otherBytes)];
      const pair = new Pair(
        await directionKey(secret, roomId, mine, theirs),
        await directionKey(secret, roomId, theirs, mine),
      );
      return { pair, publicBytes: otherBytes };
    } catch {
      return null;
    }
  }
}

/**
 * Envelopes between two devices.  Each direction has a key of its own, bound to room, seats and both public keys, so an
 * envelope fits nowhere else and not back; its number, which is also its nonce, only grows, so it fits only once.
 *
 *     number (6 bytes) | AES-256-GCM ciphertext and tag
 */
export class Pair {
  #sent = 0;
  #received = 0;

  constructor(
    private readonly outgoing: CryptoKey,
    private readonly incoming: CryptoKey,
  ) {}

  async seal(plaintext: Bytes): Promise<string> {
    const number = bigEndian((this.#sent += 1), COUNTER_BYTES);
    const sealed = await crypto.subtle.encrypt(parameters(number), this.outgoing, plaintext);
    return toBase64Url(join(number, new Uint8Array(sealed)));
  }

  /** null when it is not from the other device, not for this one, or not new. */
  async open(envelope: string): Promise<Bytes | null> {
    const bytes = fromBase64Url(envelope);
    if (!bytes || bytes.length < COUNTER_BYTES) return null;
    const number = bytes.slice(0, COUNTER_BYTES);
    try {
      const opened = await crypto.subtle.decrypt(
        parameters(number),
        this.incoming,
        bytes.subarray(COUNTER_BYTES),
      );
      if (numberOf(number) <= this.#received) return null;
      this.#received = numberOf(number);
      return new Uint8Array(opened);
    } catch {
      return null;
    }
  }
}

function parameters(number: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: join(new Uint8Array(12 - COUNTER_BYTES), number), additionalData: number };
}

async function directionKey(secret: Bytes, roomId: string, from: Bytes, to: Bytes): Promise<CryptoKey> {
  const key = await hkdf(secret, framed(utf8("tongxin envelope"), utf8(roomId), from, to), 32);
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
