import { bigEndian, hkdf, join, numberOf, utf8, type Bytes } from "./bytes";

/**
 * SFrame (RFC 9605) with the suite AES_128_GCM_SHA256_128.  Key ids and counters are numbers below 2^53; what a header
 * says above that is refused.
 */
const SUITE = 0x0004;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Header {
  readonly kid: number;
  readonly ctr: number;
  /** Of the header itself. */
  readonly length: number;
}

export interface SFrameKey {
  readonly kid: number;
  readonly key: CryptoKey;
  readonly salt: Bytes;
}

/** RFC 9605 4.3: one byte with X KKK Y CCC, then key id and counter as far as they did not fit into K and C. */
export function encodeHeader(kid: number, ctr: number): Bytes {
  const [kidBits, kidBytes] = field(kid);
  const [ctrBits, ctrBytes] = field(ctr);
  return join(Uint8Array.of((kidBits << 4) | ctrBits), kidBytes, ctrBytes);
}

/** null when `data` begins with no header. */
export function decodeHeader(data: Uint8Array): Header | null {
  const config = data[0];
  if (config === undefined) return null;
  const kidLength = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const ctrLength = config & 0x08 ? (config & 7) + 1 : 0;
  const length = 1 + kidLength + ctrLength;
  if (data.length < length) return null;
  const kid = kidLength ? numberOf(data.subarray(1, 1 + kidLength)) : (config >> 4) & 7;
  const ctr = ctrLength ? numberOf(data.subarray(1 + kidLength, length)) : config & 7;
  return Number.isSafeInteger(kid) && Number.isSafeInteger(ctr) ? { kid, ctr, length } : null;
}

/** RFC 9605 4.4.2. */
export async function deriveKey(baseKey: Bytes, kid: number): Promise<SFrameKey> {
  const [key, salt] = await deriveKeyBytes(baseKey, kid);
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  return { kid, key: await crypto.subtle.importKey("raw", key, "AES-GCM", false, usages), salt };
}

/** Key and salt as bytes, for `deriveKey` and for the RFC's vectors. */
export async function deriveKeyBytes(baseKey: Bytes, kid: number): Promise<[Bytes, Bytes]> {
  const context = join(bigEndian(kid, 8), bigEndian(SUITE, 2));
  return Promise.all([
    hkdf(baseKey, join(utf8("SFrame 1.0 Secret key "), context), KEY_BYTES),
    hkdf(baseKey, join(utf8("SFrame 1.0 Secret salt "), context), NONCE_BYTES),
  ]);
}

/** Header, ciphertext and tag.  A counter must never be used twice with one key. */
export async function seal(
  { kid, key, salt }: SFrameKey,
  ctr: number,
  metadata: Bytes,
  plaintext: Bytes,
): Promise<Bytes> {
  const header = encodeHeader(kid, ctr);
  const parameters = { name: "AES-GCM", iv: nonce(salt, ctr), additionalData: join(header, metadata) };
  return join(header, new Uint8Array(await crypto.subtle.encrypt(parameters, key, plaintext)));
}

/** null when it was not made with this key, this header and this metadata. */
export async function open(
  { key, salt }: SFrameKey,
  header: Header,
  metadata: Bytes,
  sealed: Bytes,
): Promise<Bytes | null> {
  if (sealed.length < header.length + TAG_BYTES) return null;
  const additionalData = join(sealed.subarray(0, header.length), metadata);
  const parameters = { name: "AES-GCM", iv: nonce(salt, header.ctr), additionalData };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, sealed.subarray(header.length)));
  } catch {
    return null;
  }
}

/** RFC 9605 4.4.3: the counter, as long as the salt, exclusive-or the salt. */
function nonce(salt: Bytes, ctr: number): Bytes {
  const counter = bigEndian(ctr, NONCE_BYTES);
  return salt.map((byte, at) => byte ^ (counter[at] ?? 0));
}

/** The four bits in the first byte (below 8 the value itself) and the bytes that follow it. */
function field(value: number): [number, Bytes] {
  if (value < 8) return [value, new Uint8Array(0)];
  let length = 1;
  while (value >= 256 ** length) length += 1;
  return [8 | (length - 1), bigEndian(value, length)];
}
