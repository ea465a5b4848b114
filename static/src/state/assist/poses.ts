import { THUMB_HEIGHT, THUMB_WIDTH, type TrackState } from "../../ar";

/** Topics of the data channels. `pose` goes to all, unreliably; `thumb` reliably to the one who is on site. */
export const POSE_TOPIC = "pose";
export const THUMB_TOPIC = "thumb";
/** One message fits one packet, its topic and its sender included. */
const POSE_MESSAGE_MAX_BYTES = 1_150;
const HEAD_BYTES = 5;
const MATRIX_BYTES = 36;
const ID_MAX_BYTES = 32;
const STATES: readonly TrackState[] = ["ok", "weak", "lost"];
const ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Where one mark is in one frame of the on-site camera. */
export interface MarkPose {
  readonly id: string;
  readonly state: TrackState;
  /**
   * Row by row: pixels of the frame that the mark was drawn on to pixels of this frame, both at the size of the mark's
   * FrameRef, counted from the frame's edge (0..width). Null while lost.
   */
  readonly h: Float32Array | null;
}

export interface FramePoses {
  readonly rtpTimestamp: number;
  readonly poses: readonly MarkPose[];
}

/**
 * The poses of one frame as few messages: u32 RTP timestamp (little-endian, as all), u8 count, then for each mark u8 length
 * of its id, the id in ASCII, u8 state (0 ok, 1 weak, 2 lost) and nine f32, zeros while lost.
 */
export function encodePoses({ rtpTimestamp, poses }: FramePoses): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let rest = poses.slice();
  while (rest.length > 0) {
    let size = HEAD_BYTES;
    let count = 0;
    for (const { id } of rest) {
      const more = 2 + id.length + MATRIX_BYTES;
      if (size + more > POSE_MESSAGE_MAX_BYTES) break;
      size += more;
      count += 1;
    }
    messages.push(encodeSome(rtpTimestamp, rest.slice(0, count), size));
    rest = rest.slice(count);
  }
  return messages;
}

function encodeSome(rtpTimestamp: number, poses: readonly MarkPose[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, rtpTimestamp, true);
  data.setUint8(4, poses.length);
  let at = HEAD_BYTES;
  for (const { id, state, h } of poses) {
    at = putId(bytes, at, id);
    data.setUint8(at, STATES.indexOf(state));
    at += 1;
    for (let k = 0; k < 9; k++) data.setFloat32(at + 4 * k, h?.[k] ?? 0, true);
    at += MATRIX_BYTES;
  }
  return bytes;
}

/** Null for anything that is not exactly such a message, whatever it claims to be. */
export function decodePoses(bytes: Uint8Array): FramePoses | null {
  if (bytes.length < HEAD_BYTES) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const poses: MarkPose[] = [];
  let at = HEAD_BYTES;
  for (let left = data.getUint8(4); left > 0; left--) {
    const id = takeId(bytes, at);
    if (id === null) return null;
    at += 1 + id.length;
    if (at + 1 + MATRIX_BYTES > bytes.length) return null;
    const state = STATES[data.getUint8(at)];
    if (state === undefined) return null;
    at += 1;
    const h = Float32Array.from({ length: 9 }, (_, k) => data.getFloat32(at + 4 * k, true));
    at += MATRIX_BYTES;
    if (!h.every(Number.isFinite)) return null;
    poses.push({ id, state, h: state === "lost" ? null : h });
  }
  return at === bytes.length ? { rtpTimestamp: data.getUint32(0, true), poses } : null;
}

/** What tells the phone which frame a stroke is being drawn on, from the moment that it begins. */
export interface Thumb {
  readonly markId: string;
  /** As requestVideoFrameCallback gave it; null where the browser does not tell. */
  readonly rtpTimestamp: number | null;
  /** 160 x 120 gray bytes of that very frame (`shrink` of static/src/ar). */
  readonly gray: Uint8Array;
}

const PIXELS = THUMB_WIDTH * THUMB_HEIGHT;

/** u8 length of the mark's id, the id in ASCII, u8 1 where the timestamp is known, u32 RTP timestamp, the pixels. */
export function encodeThumb({ markId, rtpTimestamp, gray }: Thumb): Uint8Array {
  const bytes = new Uint8Array(1 + markId.length + 5 + PIXELS);
  const at = putId(bytes, 0, markId);
  const data = new DataView(bytes.buffer);
  data.setUint8(at, rtpTimestamp === null ? 0 : 1);
  data.setUint32(at + 1, rtpTimestamp ?? 0, true);
  bytes.set(gray.subarray(0, PIXELS), at + 5);
  return bytes;
}

export function decodeThumb(bytes: Uint8Array): Thumb | null {
  const markId = takeId(bytes, 0);
  if (markId === null) return null;
  const at = 1 + markId.length;
  if (bytes.length !== at + 5 + PIXELS) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = data.getUint8(at);
  if (known > 1) return null;
  const rtpTimestamp = known === 1 ? data.getUint32(at + 1, true) : null;
  return { markId, rtpTimestamp, gray: bytes.slice(at + 5) };
}

function putId(bytes: Uint8Array, at: number, id: string): number {
  if (!ID.test(id)) throw new RangeError("an id is 1 to 32 letters, figures, - and _");
  bytes[at] = id.length;
  for (let k = 0; k < id.length; k++) bytes[at + 1 + k] = id.charCodeAt(k);
  return at + 1 + id.length;
}

function takeId(bytes: Uint8Array, at: number): string | null {
  const length = bytes[at] ?? 0;
  if (length < 1 || length > ID_MAX_BYTES || at + 1 + length > bytes.length) return null;
  const id = String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length));
  return ID.test(id) ? id : null;
}
