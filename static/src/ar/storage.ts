import type { StoredView } from "./tracker";

/** "TXAR" and the version of what follows, all little-endian. */
const MAGIC = 0x52415854;
const VERSION = 1;
const HEADER_BYTES = 20;
const MOST_SIDE = 4096;
const MOST_VIEWS = 5;
const MOST_MARK_POINTS = 20_000;

export interface StoredKeyframe {
  width: number;
  height: number;
  views: StoredView[];
}

/**
 * Views as bytes, to be kept with the machine: u32 magic, version, width, height and count of views; then each view as
 * u32 number of point coordinates, 9 f64 (keyframe to view), f32 coordinates, width x height gray bytes.
 */
export function encodeKeyframe(keyframe: StoredKeyframe): Uint8Array {
  const { width, height, views } = keyframe;
  let size = HEADER_BYTES;
  for (const view of views) size += 4 + 72 + 4 * view.points.length + width * height;
  const bytes = new Uint8Array(size);
  const data = new DataView(bytes.buffer);
  [MAGIC, VERSION, width, height, views.length].forEach((value, k) => data.setUint32(4 * k, value, true));
  let at = HEADER_BYTES;
  for (const view of views) {
    data.setUint32(at, view.points.length, true);
    at += 4;
    for (const value of view.fromKey) {
      data.setFloat64(at, value, true);
      at += 8;
    }
    for (const value of view.points) {
      data.setFloat32(at, value, true);
      at += 4;
    }
    bytes.set(view.gray, at);
    at += view.gray.length;
  }
  return bytes;
}

/** Reads what `encodeKeyframe` wrote; null for anything else, whatever it claims to hold. */
export function decodeKeyframe(bytes: Uint8Array): StoredKeyframe | null {
  if (bytes.length < HEADER_BYTES) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = data.getUint32(8, true);
  const height = data.getUint32(12, true);
  const count = data.getUint32(16, true);
  if (data.getUint32(0, true) !== MAGIC || data.getUint32(4, true) !== VERSION) return null;
  if (width < 1 || height < 1 || width > MOST_SIDE || height > MOST_SIDE || count < 1 || count > MOST_VIEWS)
    return null;
  const views: StoredView[] = [];
  let at = HEADER_BYTES;
  for (let k = 0; k < count; k++) {
    if (at + 76 > bytes.length) return null;
    const coordinates = data.getUint32(at, true);
    at += 4;
    if (coordinates < 2 || coordinates % 2 !== 0 || coordinates > 2 * MOST_MARK_POINTS) return null;
    if (at + 72 + 4 * coordinates + width * height > bytes.length) return null;
    const fromKey = Float64Array.from({ length: 9 }, (_, n) => data.getFloat64(at + 8 * n, true));
    at += 72;
    const points = Float32Array.from({ length: coordinates }, (_, n) => data.getFloat32(at + 4 * n, true));
    at += 4 * coordinates;
    if (!fromKey.every(Number.isFinite) || !points.every(Number.isFinite) || fromKey[8] !== 1) return null;
    views.push({ gray: bytes.slice(at, at + width * height), points, fromKey });
    at += width * height;
  }
  return at === bytes.length ? { width, height, views } : null;
}
