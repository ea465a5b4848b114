import { framed, utf8, type Bytes } from "./bytes";

/**
 * Keys in a meeting live for hours, and whoever runs the server would have to find keys of their own that give the same
 * phrase: 66 bits, each try 100,000 times as dear as a hash, are more than can be searched in that time.
 */
const ROUNDS = 100_000;
const GROUPS = 5;
const DIGITS_PER_GROUP = 4;

export interface Device {
  readonly participantId: string;
  readonly publicKey: string;
}

/** Five groups of four digits, the same for all who see the same devices in the same room; they are said in any language. */
export async function phraseOf(roomId: string, devices: readonly Device[]): Promise<readonly string[]> {
  const lines = devices.map(({ participantId, publicKey }) => `${participantId} ${publicKey}`).sort();
  const all: Bytes = framed(...lines.map(utf8));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  const key = await crypto.subtle.importKey("raw", digest, "PBKDF2", false, ["deriveBits"]);
  const salt = framed(utf8("tongxin phrase"), utf8(roomId));
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS },
    key,
    GROUPS * 64,
  );
  // 64 bits for each four digits: no digit is likelier than another by more than one part in 10^15.
  return Array.from({ length: GROUPS }, (_, group) =>
    (new DataView(bits, group * 8).getBigUint64(0) % 10n ** BigInt(DIGITS_PER_GROUP))
      .toString()
      .padStart(DIGITS_PER_GROUP, "0"),
  );
}
