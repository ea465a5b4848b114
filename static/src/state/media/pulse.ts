import type { Clock } from "../clock";
import type { Pictures } from "./motion";

/** How often the counters are looked at. */
export const PULSE_MS = 150;
/** The receiving connection, whose statistics are long in a large room, is looked at once in so many times. */
const RECEIVING_TURNS = 2;
/** Media that came for this long without a pause of PAUSE_MS, before silence means anything. */
export const STEADY_MS = 1_000;
export const PAUSE_MS = 400;
/** Media that came steadily and then did not for this long. */
export const SILENCE_MS = 500;
/** Packets that went out meanwhile, each of which is answered by feedback within a tenth of a second. */
export const UNANSWERED_PACKETS = 10;
/** No timer is late by this much unless the machine slept. */
export const SLEPT_MS = 4_000;

export interface PulsePort {
  publishing(): RTCPeerConnection | null;
  subscribing(): RTCPeerConnection | null;
  /**
   * What the publishing connection's estimator believes in, bits per second, null when it does not say; and what the
   * camera's encodings make, by name.
   */
  uplink(availableBps: number | null, pictures: ReadonlyMap<string, Pictures>): void;
  /** What came steadily stopped.  `unanswered`: although this page goes on sending, so it is not just quiet. */
  silent(unanswered: boolean): void;
  /** It comes again. */
  flowing(): void;
  /** The machine slept and is awake. */
  woke(): void;
}

interface Counters {
  readonly availableBps: number | null;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly pictures: ReadonlyMap<string, Pictures>;
}

/** What one connection's counters say from look to look. */
class Flow {
  #last: Counters | null = null;
  #heardAtMs = 0;
  #steadySinceMs = 0;
  #isSaid = false;
  #unanswered = 0;
  isSending = false;

  next(counters: Counters, nowMs: number): "flowing" | "silent" | "unanswered" | "unknown" {
    const last = this.#last;
    this.#last = counters;
    this.isSending = last !== null && counters.packetsSent > last.packetsSent;
    if (!last || counters.bytesReceived > last.bytesReceived) {
      if (!last || nowMs - this.#heardAtMs > PAUSE_MS) this.#steadySinceMs = nowMs;
      this.#heardAtMs = nowMs;
      this.#isSaid = false;
      this.#unanswered = 0;
      return last ? "flowing" : "unknown";
    }
    this.#unanswered += counters.packetsSent - last.packetsSent;
    const wasSteady = this.#heardAtMs - this.#steadySinceMs >= STEADY_MS;
    if (this.#isSaid || !wasSteady || nowMs - this.#heardAtMs < SILENCE_MS) return "unknown";
    this.#isSaid = true;
    return this.#unanswered >= UNANSWERED_PACKETS ? "unanswered" : "silent";
  }
}

/**
 * Feels the pulse of a call: browsers need five seconds and more to say that a connection is dead, its counters show it in
 * one.  The publishing connection is looked at, whose feedback never rests while it sends; the other one, whose
 * statistics are long in a large room, only while nothing is sent, and less often.
 */
export class Pulse {
  #stop: (() => void) | null = null;
  #flows = new Map<RTCPeerConnection, Flow>();
  #lookedAtMs = 0;
  #isLooking = false;
  #turn = 0;
  #isSilent = false;

  constructor(
    private readonly port: PulsePort,
    private readonly clock: Clock,
  ) {}

  start(): void {
    if (this.#stop) return;
    this.#lookedAtMs = this.clock.now();
    this.#stop = this.clock.every(PULSE_MS, () => {
      if (this.clock.now() - this.#lookedAtMs >= SLEPT_MS) this.port.woke();
      this.#lookedAtMs = this.clock.now();
      // A connection may be closed while it is asked.
      if (!this.#isLooking) void this.#look().catch(() => (this.#isLooking = false));
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#flows.clear();
    this.#isSilent = false;
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const publishing = this.port.publishing();
    const sends = await this.#feel(publishing);
    this.#turn = (this.#turn + 1) % RECEIVING_TURNS;
    if (!sends && this.#turn === 0) await this.#feel(this.port.subscribing());
    for (const peer of this.#flows.keys())
      if (peer !== publishing && peer !== this.port.subscribing()) this.#flows.delete(peer);
    this.#isLooking = false;
  }

  /** Whether it sends. */
  async #feel(peer: RTCPeerConnection | null): Promise<boolean> {
    if (peer?.connectionState !== "connected") return false;
    const counters = await countersOf(peer);
    if (!this.#stop) return false;
    if (peer === this.port.publishing()) this.port.uplink(counters.availableBps, counters.pictures);
    const flow = this.#flows.get(peer) ?? new Flow();
    this.#flows.set(peer, flow);
    const found = flow.next(counters, this.clock.now());
    if (found === "flowing" && this.#isSilent) {
      this.#isSilent = false;
      this.port.flowing();
    } else if (found === "silent" || found === "unanswered") {
      this.#isSilent = true;
      this.port.silent(found === "unanswered");
    }
    return flow.isSending;
  }
}

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly bytesReceived?: number;
  readonly packetsSent?: number;
  readonly nominated?: boolean;
  readonly availableOutgoingBitrate?: number;
  readonly rid?: string;
  readonly active?: boolean;
  readonly framesEncoded?: number;
  readonly bytesSent?: number;
  readonly mediaSourceId?: string;
  readonly frames?: number;
}

async function countersOf(peer: RTCPeerConnection): Promise<Counters> {
  let bytesReceived = 0;
  let packetsSent = 0;
  let availableBps: number | null = null;
  const captured = new Map<string, number>();
  const encodings: Entry[] = [];
  (await peer.getStats()).forEach((entry: Entry) => {
    if (entry.type === "outbound-rtp") {
      packetsSent += entry.packetsSent ?? 0;
      encodings.push(entry);
    }
    if (entry.type === "media-source" && entry.frames !== undefined) captured.set(entry.id, entry.frames);
    if (entry.type !== "candidate-pair") return;
    bytesReceived += entry.bytesReceived ?? 0;
    // Only the pair in use has an estimate.
    if (entry.nominated === true && entry.availableOutgoingBitrate !== undefined)
      availableBps = entry.availableOutgoingBitrate;
  });
  return { bytesReceived, packetsSent, availableBps, pictures: picturesOf(encodings, captured) };
}

/** Only a camera's encodings have names. */
function picturesOf(
  encodings: readonly Entry[],
  captured: ReadonlyMap<string, number>,
): Map<string, Pictures> {
  const pictures = new Map<string, Pictures>();
  for (const { rid, mediaSourceId, framesEncoded, active, bytesSent } of encodings) {
    const frames = captured.get(mediaSourceId ?? "");
    if (rid && frames !== undefined && framesEncoded !== undefined)
      pictures.set(rid, {
        captured: frames,
        made: framesEncoded,
        bytes: bytesSent ?? 0,
        isActive: active === true,
      });
  }
  return pictures;
}
