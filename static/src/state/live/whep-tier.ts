import { TierLack, type Tier, type TierSample } from "./tier";

const START_WITHIN_MS = 8_000;
const GATHER_WITHIN_MS = 1_500;
const FIRST_LOOK_MS = 100;

export const WHEP_PICTURES = 9;
const WHEP_SOUNDS = 3;

interface Counters {
  frames: number;
  packets: number;
  lost: number;
  buffered: number;
  emitted: number;
}

const NOTHING: Counters = { frames: 0, packets: 0, lost: 0, buffered: 0, emitted: 0 };

/** A WHEP viewer (draft-ietf-wish-whep) of a stage: video section n is the stage's position n, for as long as it lasts. */
export class WhepTier implements Tier {
  readonly pictures: readonly MediaStream[] = Array.from({ length: WHEP_PICTURES }, () => new MediaStream());
  readonly sounds = new MediaStream();
  readonly #connection: RTCPeerConnection;
  readonly #stop = new AbortController();
  #session = "";
  #before = NOTHING;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    this.#connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    for (let section = 0; section < WHEP_SOUNDS; section++) {
      const { receiver } = this.#connection.addTransceiver("audio", { direction: "recvonly" });
      this.sounds.addTrack(receiver.track);
    }
    for (const stream of this.pictures) {
      const { receiver } = this.#connection.addTransceiver("video", { direction: "recvonly" });
      stream.addTrack(receiver.track);
    }
  }

  start = async (): Promise<void> => {
    const late = AbortSignal.timeout(START_WITHIN_MS);
    const signal = AbortSignal.any([late, this.#stop.signal]);
    try {
      await this.#connection.setLocalDescription(await this.#connection.createOffer());
      await this.#gathered();
      const reply = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${this.token}` },
        body: this.#connection.localDescription?.sdp ?? "",
        signal,
      });
      if (reply.status !== 201)
        throw new TierLack(
          reply.status === 503 || reply.status === 429 ? "full" : "refused",
          `${reply.status}`,
        );
      this.#session = reply.headers.get("Location") ?? "";
      await this.#connection.setRemoteDescription({ type: "answer", sdp: await reply.text() });
      while (!(await this.sample()).advanced) await pause(FIRST_LOOK_MS, signal);
    } catch (error) {
      this.close();
      throw error instanceof TierLack ? error : new TierLack("unreachable", String(error));
    }
  };

  sample = async (): Promise<TierSample> => {
    const now = { ...NOTHING };
    let roundTripMs: number | null = null;
    for (const report of (await this.#connection.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (report["type"] === "inbound-rtp") {
        now.frames += number(report, "framesDecoded");
        now.packets += number(report, "packetsReceived");
        now.lost += number(report, "packetsLost");
        now.buffered += number(report, "jitterBufferDelay");
        now.emitted += number(report, "jitterBufferEmittedCount");
      } else if (report["type"] === "candidate-pair" && report["nominated"] === true) {
        roundTripMs = number(report, "currentRoundTripTime") * 1_000;
      }
    }
    const before = this.#before;
    this.#before = now;
    const pictures = now.frames - before.frames;
    const packets = now.packets - before.packets;
    const lost = Math.max(0, now.lost - before.lost);
    const emitted = now.emitted - before.emitted;
    const bufferMs = emitted > 0 ? ((now.buffered - before.buffered) / emitted) * 1_000 : null;
    return {
      advanced: now.frames > 0 ? pictures > 0 : packets > 0,
      lost: lost + packets > 0 ? lost / (lost + packets) : 0,
      delayMs: bufferMs === null || roundTripMs === null ? null : bufferMs + roundTripMs,
    };
  };

  close = (): void => {
    this.#stop.abort();
    this.#connection.close();
    if (!this.#session) return;
    const session = new URL(this.#session, new URL(this.url, location.href));
    this.#session = "";
    // The server notices by itself too; this only is sooner.
    void fetch(session, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${this.token}` },
      keepalive: true,
    }).catch(() => undefined);
  };

  #gathered(): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_WITHIN_MS);
      const look = () => {
        if (connection.iceGatheringState !== "complete") return;
        clearTimeout(timer);
        resolve();
      };
      connection.addEventListener("icegatheringstatechange", look);
      look();
    });
  }
}

function number(report: Record<string, unknown>, name: string): number {
  const value = report[name];
  return typeof value === "number" ? value : 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      reject(new Error("nothing came in time"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", over);
      resolve();
    }, ms);
    if (signal.aborted) over();
    else signal.addEventListener("abort", over, { once: true });
  });
}
