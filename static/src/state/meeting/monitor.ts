import type { Source } from "../../protocol.gen";
import type { Clock } from "../clock";
import { judge, SteadyVerdict, type Verdict } from "../media/quality";
import { ratesBetween, samplePeer, type PeerSample, type TrackRates } from "../media/stats";
import type { RemoteTracks } from "../media/subscriber";
import { Store } from "../store";

const PERIOD_MS = 2_000;

/** Rates of one received track, with whose it is. */
export interface ReceivedRates extends TrackRates {
  readonly participantId: string;
}

export interface Measurements {
  readonly rttMs: number | null;
  readonly transport: string;
  readonly availableBps: number | null;
  readonly sent: readonly TrackRates[];
  readonly received: readonly ReceivedRates[];
  readonly verdict: Verdict;
}

export interface MonitorPort {
  publishing(): RTCPeerConnection | null;
  subscribing(): RTCPeerConnection | null;
  remoteTracks(): RemoteTracks;
  /** What a published m-line carries. */
  sourceOf(mid: string): Source | undefined;
  report(verdict: Verdict): Promise<unknown>;
}

/** Looks at both connections every two seconds, keeps what the details panel shows, and tells the room its own verdict. */
export class Monitor {
  readonly measurements = new Store<Measurements | null>(null);
  #stop: (() => void) | null = null;
  #sent: PeerSample | null = null;
  #received: PeerSample | null = null;
  readonly #steady = new SteadyVerdict();

  constructor(
    private readonly port: MonitorPort,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.#stop ??= this.clock.every(PERIOD_MS, () => {
      void this.#measure().catch(() => undefined);
    });
  }

  /** A new seat: the room knows nothing of our line yet. */
  reset(): void {
    this.#steady.reset();
    this.#sent = this.#received = null;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.reset();
    this.measurements.set(null);
  }

  async #measure(): Promise<void> {
    const [sent, received] = await Promise.all([
      this.#sample(this.port.publishing(), "outbound"),
      this.#sample(this.port.subscribing(), "inbound"),
    ]);
    if (!this.#stop) return;
    const sentRates = sent ? ratesBetween(this.#sent, sent) : [];
    const whose = new Map<string, { participantId: string; source: Source }>();
    for (const transceiver of this.port.subscribing()?.getTransceivers() ?? [])
      for (const remote of this.port.remoteTracks().values())
        if (remote.receiver === transceiver.receiver && transceiver.mid !== null)
          whose.set(transceiver.mid, { participantId: remote.participantId, source: remote.source });
    const receivedRates = (received ? ratesBetween(this.#received, received) : []).flatMap((rates) => {
      const owner = whose.get(rates.mid);
      return owner ? [{ ...rates, ...owner }] : [];
    });
    this.#sent = sent;
    this.#received = received;
    const rttMs = sent?.rttMs ?? received?.rttMs ?? null;
    const verdict = judge({ rttMs, sent: sentRates, received: receivedRates });
    this.measurements.set({
      rttMs,
      transport: sent?.transport || received?.transport || "",
      availableBps: sent?.availableBps ?? null,
      sent: sentRates.map((rates) => {
        const source = this.port.sourceOf(rates.mid);
        return source ? { ...rates, source } : rates;
      }),
      received: receivedRates,
      verdict,
    });
    const told = this.#steady.next(verdict);
    if (!told || told.quality === "unknown") return;
    // Not heard by the room: told again when there is a line.
    this.port.report(told).catch(() => this.#steady.reset());
  }

  async #sample(
    peer: RTCPeerConnection | null,
    direction: "inbound" | "outbound",
  ): Promise<PeerSample | null> {
    if (peer?.connectionState !== "connected") return null;
    return samplePeer(peer, direction, this.clock);
  }
}
