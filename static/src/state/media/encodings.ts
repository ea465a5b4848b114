import type { Source } from "../../protocol.gen";
import { RIDS } from "./rids";
import type { Carried } from "./uplink";

/** What is set on one encoding of a sender; a part of RTCRtpEncodingParameters, complete, so that nothing old stays. */
export interface EncodingPlan {
  readonly active: boolean;
  readonly scaleResolutionDownBy: number;
  readonly maxBitrate: number;
  /** Empty: what the encoder does by itself. */
  readonly scalabilityMode: string;
}

export interface CameraRequest {
  /** Of the capture; 0 when it is not known yet. */
  readonly width: number;
  readonly height: number;
  /** Encodings that were negotiated: three, or one with a server or a codec without simulcast. */
  readonly encodings: number;
  /** The encodings that the server asked for, by name; null until it does: all. */
  readonly asked: readonly string[] | null;
  /** What the line carries. */
  readonly carried: Carried;
  /** VP9 and AV1 carry their layers in one stream. */
  readonly isScalable: boolean;
  /** VP8 has layers in time in each encoding, once they are asked for by name: with a codec set it has none by itself. */
  readonly isTimed: boolean;
  /** Saving data: not the largest of three. */
  readonly saves: boolean;
}

/** Pixels of a picture from which so many bits a second pay, and from which so many sizes are worth sending. */
const SIZES = [
  { pixels: 960 * 540, bps: 1_700_000, encodings: 3 },
  { pixels: 480 * 270, bps: 500_000, encodings: 2 },
  { pixels: 0, bps: 150_000, encodings: 1 },
] as const;
const BACKUP_SCREEN_BPS = 800_000;
const BACKUP_SCREEN_FPS = 5;
const EXPECTED_WIDTH = 1280;
const EXPECTED_HEIGHT = 720;

/**
 * How a camera is sent.  The lowest encoding is always one that works: a small capture has fewer of them, and uses the
 * lower names.  An encoding that is asked for and not there, or too much for the line, is served by the best that is.
 */
export function planCamera({
  width,
  height,
  encodings,
  asked,
  carried,
  isScalable,
  isTimed,
  saves,
}: CameraRequest): readonly EncodingPlan[] {
  const pixels = width * height || EXPECTED_WIDTH * EXPECTED_HEIGHT;
  const layers = Math.min(sizeOf(pixels).encodings, saves ? 2 : 3);
  // What a capture of three sizes has in the second, the largest that is sent while saving data.
  const leastScale = saves && sizeOf(pixels).encodings === 3 ? 2 : 1;
  const full = sizeOf(pixels / leastScale ** 2).bps;
  const times = isTimed ? "L1T3" : "";
  if (encodings === 1 || isScalable) {
    const active = asked === null || asked.length > 0;
    return Array.from({ length: encodings }, (_, index) => ({
      active: active && index === 0,
      scaleResolutionDownBy: leastScale,
      maxBitrate: full,
      scalabilityMode: isScalable ? `L${layers}T3${layers > 1 ? "_KEY" : ""}` : times,
    }));
  }
  const places = (asked ?? RIDS).map((rid) =>
    Math.max(
      0,
      RIDS.findIndex((known) => known === rid),
    ),
  );
  const wanted = new Set(
    [carried.sure, carried.highest].flatMap((most) =>
      places.map((place) => Math.min(place, layers - 1, most)),
    ),
  );
  return Array.from({ length: encodings }, (_, index) => {
    const scale = leastScale * 2 ** Math.max(0, layers - 1 - index);
    return {
      active: wanted.has(index),
      scaleResolutionDownBy: scale,
      maxBitrate: sizeOf(pixels / scale ** 2).bps,
      scalabilityMode: times,
    };
  });
}

/** A second stream of a source, for the few who cannot decode the first: half a large camera, or a slow screen. */
export function planBackup(
  source: Source,
  { width = 0, height = 0 }: { width?: number; height?: number },
): RTCRtpEncodingParameters {
  if (source === "screen") return { maxBitrate: BACKUP_SCREEN_BPS, maxFramerate: BACKUP_SCREEN_FPS };
  const pixels = width * height || EXPECTED_WIDTH * EXPECTED_HEIGHT;
  const scale = sizeOf(pixels).encodings === 3 ? 2 : 1;
  return { scaleResolutionDownBy: scale, maxBitrate: sizeOf(pixels / scale ** 2).bps };
}

function sizeOf(pixels: number): (typeof SIZES)[number] {
  return SIZES.find((size) => pixels >= size.pixels) ?? SIZES[2];
}
