import type { Clock } from "../clock";
import type { LiveStill } from "./live-still";
import { encodePoses, POSE_TOPIC } from "./poses";

/** The pictures of a phone whose line is too narrow for a moving one. */
export const VIEW_TOPIC = "view";
const HEAD_BYTES = 8;
const SIDE_MAX = 640;
/** The first that makes the still small enough; the last one goes anyway where the message can take it. */
const QUALITIES = [0.6, 0.45, 0.3, 0.2] as const;
/** A message of the data channels takes 64 KiB at most; the topic and the sender go along. */
const STILL_MAX_BYTES = 60_000;
const STILL_LEAST_BYTES = 8_000;
/** A still is made so small that the line takes about this long for it. */
const STILL_AIM_MS = 2_000;
/** Before anything is known of the line: stills begin where it is narrow. */
const FIRST_BPS = 100_000;
const LOOK_MS = 100;
/** Between the end of one still and the next: room for speech. */
const PAUSE_MS = 1_500;
/** A still that is not through after this time goes no further: the line is as good as none. */
const GIVEN_UP_MS = 20_000;

export interface SentStill {
  readonly rtpTimestamp: number;
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/** u32 RTP timestamp, u16 width, u16 height, all little-endian, then the JPEG. */
export function encodeStill({ rtpTimestamp, width, height, jpeg }: SentStill): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + jpeg.length);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, rtpTimestamp, true);
  data.setUint16(4, width, true);
  data.setUint16(6, height, true);
  bytes.set(jpeg, HEAD_BYTES);
  return bytes;
}

export function decodeStill(bytes: Uint8Array): SentStill | null {
  if (bytes.length <= HEAD_BYTES + 3) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [data.getUint16(4, true), data.getUint16(6, true)];
  const jpeg = bytes.slice(HEAD_BYTES);
  if (width === 0 || height === 0 || jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null;
  return { rtpTimestamp: data.getUint32(0, true), width, height, jpeg };
}

/** Width and height of a JPEG by its frame header (ITU-T T.81 B.2.2); null where there is none. */
export function jpegSize(jpeg: Uint8Array): { width: number; height: number } | null {
  let at = 2;
  while (at + 9 < jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0;
    const length = ((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame)
      return {
        height: ((jpeg[at + 5] ?? 0) << 8) | (jpeg[at + 6] ?? 0),
        width: ((jpeg[at + 7] ?? 0) << 8) | (jpeg[at + 8] ?? 0),
      };
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}

export interface StillsPort {
  readonly clock: Clock;
  take(sideMax: number): Promise<LiveStill | null>;
  send(topic: string, bytes: Uint8Array): boolean;
  /** Bytes that have not left the browser yet. */
  waiting(): number;
  /** How fast the last still went, bits a second. */
  measured(bps: number): void;
}

/** Sends one small picture after the other, as fast as the line takes them, and tells how fast that is. */
export class StillsFeed {
  #cancel: (() => void) | null = null;
  #isOn = false;
  #bps = FIRST_BPS;

  constructor(private readonly port: StillsPort) {}

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#after(0, () => void this.#sendOne());
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  async #sendOne(): Promise<void> {
    const still = await this.port.take(SIDE_MAX).catch(() => null);
    const jpeg = still && (await this.#encode(still).catch(() => null));
    if (!this.#isOn) return;
    const size = jpeg && jpegSize(jpeg);
    const bytes = size ? encodeStill({ rtpTimestamp: still.rtpTimestamp, ...size, jpeg }) : null;
    // Before the picture, and as surely: whoever shows it knows where the marks are on it.
    if (bytes && still && still.poses.length > 0)
      for (const message of encodePoses(still)) this.port.send(POSE_TOPIC, message);
    if (!bytes || !this.port.send(VIEW_TOPIC, bytes)) {
      this.#after(PAUSE_MS, () => void this.#sendOne());
      return;
    }
    const sentAtMs = this.port.clock.now();
    this.#watch(bytes.length, sentAtMs);
  }

  #watch(bytes: number, sentAtMs: number): void {
    this.#after(LOOK_MS, () => {
      const tookMs = this.port.clock.now() - sentAtMs;
      const left = this.port.waiting();
      if (left > 0 && tookMs < GIVEN_UP_MS) {
        this.#watch(bytes, sentAtMs);
        return;
      }
      this.#bps = ((bytes - Math.min(bytes, left)) * 8_000) / Math.max(1, tookMs);
      this.port.measured(this.#bps);
      if (this.#isOn) this.#after(PAUSE_MS, () => void this.#sendOne());
    });
  }

  async #encode(still: LiveStill): Promise<Uint8Array<ArrayBuffer> | null> {
    const aim = (this.#bps * STILL_AIM_MS) / 8_000;
    const bytesMax = Math.min(STILL_MAX_BYTES, Math.max(STILL_LEAST_BYTES, aim));
    let blob: Blob | null = null;
    for (const quality of QUALITIES) {
      blob = await still.encode(quality);
      if (blob.size <= bytesMax) break;
    }
    return blob && blob.size <= STILL_MAX_BYTES ? new Uint8Array(await blob.arrayBuffer()) : null;
  }

  #after(delayMs: number, task: () => void): void {
    this.#cancel?.();
    this.#cancel = this.port.clock.after(delayMs, task);
  }
}
