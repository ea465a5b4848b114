import { join, type Bytes } from "./bytes";
import { Keyring, OwnKey } from "./keyring";

export type MediaKind = "audio" | "video";

/** RFC 7741 4.3: the payload header with sizes begins a key frame; RFC 6716 3.1: the TOC byte of Opus. */
const VP8_KEY_FRAME_BYTES = 10;
const VP8_DELTA_FRAME_BYTES = 3;
const OPUS_BYTES = 1;
const CLEAR_MAX_BYTES = 10;

/**
 * How many leading bytes of a frame stay readable: what packetizers and the server look at to tell frames and key frames
 * apart.  They are authenticated all the same.
 */
export function clearBytes(media: MediaKind, frame: Uint8Array): number {
  const wanted =
    media === "audio" ? OPUS_BYTES : (frame[0] ?? 1) & 1 ? VP8_DELTA_FRAME_BYTES : VP8_KEY_FRAME_BYTES;
  return Math.min(wanted, frame.length);
}

/** foreign: sealed by somebody else than the line says.  missing: no key for `kid` yet. */
export type Read =
  | { readonly kind: "read"; readonly frame: Bytes }
  | { readonly kind: "missing"; readonly kid: number }
  | { readonly kind: "bad" }
  | { readonly kind: "foreign" };

/**
 * Encoded frames, sealed on the way out and opened on the way in.  A sealed frame is
 *
 *     clear bytes | SFrame header, ciphertext, tag | number of clear bytes (1 byte)
 *
 * and the media kind and the clear bytes are authenticated as SFrame's metadata.
 */
export class FrameCipher {
  readonly own = new OwnKey("media");
  readonly others = new Keyring("media");

  /** null: not to be sent, there is no key yet. */
  async seal(media: MediaKind, frame: Bytes): Promise<Bytes | null> {
    const clear = frame.slice(0, clearBytes(media, frame));
    const sealed = await this.own.seal(frame.subarray(clear.length), metadata(media, clear));
    return sealed && join(clear, sealed, Uint8Array.of(clear.length));
  }

  /** `sender` null: whoever it is. */
  async open(media: MediaKind, frame: Bytes, sender: number | null): Promise<Read> {
    const length = frame.at(-1);
    if (length === undefined || length > CLEAR_MAX_BYTES || frame.length < length + 1) return { kind: "bad" };
    const clear = frame.slice(0, length);
    const opened = await this.others.open(frame.subarray(length, -1), metadata(media, clear));
    if (opened.kind !== "opened") return opened;
    if (sender !== null && opened.sender !== sender) return { kind: "foreign" };
    return { kind: "read", frame: join(clear, opened.plaintext) };
  }
}

function metadata(media: MediaKind, clear: Bytes): Bytes {
  return join(Uint8Array.of(media === "audio" ? 1 : 2), clear);
}
