import type { IceServer, OfferMessage, Source } from "../../protocol.gen";
import type { Clock } from "../clock";
import { Refusal } from "../connection";
import { Store } from "../store";
import type { MediaHooks } from "./hooks";
import { PeerWatch, type CreatePeer, type Repair } from "./peer";

export interface RemoteTrack {
  readonly trackId: string;
  readonly participantId: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
  readonly receiver: RTCRtpReceiver;
}

export type RemoteTracks = ReadonlyMap<string, RemoteTrack>;

export interface SubscriberPort {
  answer(revision: number, sdp: string): Promise<unknown>;
  restart(fresh: boolean): Promise<unknown>;
  isSeated(): boolean;
  readonly hooks: MediaHooks;
}

/**
 * The subscribing peer connection: the server offers, this page answers, one offer after the other.  `tracks` says which
 * received track is whose, as the latest offer has it.
 */
export class Subscriber {
  readonly tracks = new Store<RemoteTracks>(new Map());
  readonly watch: PeerWatch;

  /** The browser has everything that it needs to connect; what takes time may be done now. */
  onAnswered: () => void = () => undefined;

  #peer: RTCPeerConnection | null = null;
  #spare: RTCPeerConnection | null = null;
  #iceServers: RTCIceServer[] = [];
  #queue: Promise<void> = Promise.resolve();
  #awaitsFresh = false;
  #generation = 0;
  readonly #attached = new WeakSet<RTCRtpReceiver>();

  constructor(
    private readonly createPeer: CreatePeer,
    private readonly port: SubscriberPort,
    private readonly log: (what: string, cause: unknown) => void,
    clock: Clock,
  ) {
    this.watch = new PeerWatch(
      clock,
      () => port.isSeated(),
      (kind) => this.#repair(kind),
    );
  }

  get peer(): RTCPeerConnection | null {
    return this.#peer;
  }

  useIceServers(servers: readonly IceServer[]): void {
    this.#iceServers = servers.map((server) => ({ ...server, urls: [...server.urls] }));
    if (this.#iceServers.length === 0) return;
    // The connection that stands uses them from its next ICE restart on.
    for (const peer of [this.#peer, this.#spare]) peer?.setConfiguration(this.#configuration());
  }

  /** Makes a connection ready: it costs nothing while nothing is offered on it, and time when it is needed. */
  prepare(): void {
    this.#spare ??= this.#create();
  }

  /** A new seat: its first offer starts a new connection. */
  start(): void {
    const spare = this.#spare;
    this.#spare = null;
    this.stop();
    this.#spare = spare ?? this.#create();
  }

  /** The same seat, on a new line.  A page that was reloaded has no connection any more and asks for a new one. */
  resume(): void {
    if (this.#peer && this.#peer.connectionState !== "closed") {
      this.watch.check();
      return;
    }
    this.#spare ??= this.#create();
    this.#ask(true);
  }

  onOffer(offer: OfferMessage): void {
    const generation = this.#generation;
    this.#queue = this.#queue.then(async () => {
      if (generation !== this.#generation) return;
      try {
        await this.#accept(offer);
      } catch (cause) {
        this.log("offer", cause);
        // An offer that cannot be applied leaves a connection that nothing can build on.
        if (generation === this.#generation) this.#ask(true);
      }
    });
  }

  stop(): void {
    this.#generation += 1;
    this.#queue = Promise.resolve();
    this.#awaitsFresh = false;
    this.#peer?.close();
    this.#spare?.close();
    this.#peer = this.#spare = null;
    this.tracks.set(new Map());
    this.watch.forget();
  }

  #create(): RTCPeerConnection {
    return this.createPeer(this.#configuration());
  }

  /** A new configuration may differ from the former in its servers only. */
  #configuration(): RTCConfiguration {
    return { bundlePolicy: "max-bundle", iceServers: this.#iceServers };
  }

  #repair(kind: Repair): void {
    this.#ask(kind === "rebuild");
  }

  #ask(fresh: boolean): void {
    if (!this.port.isSeated()) return;
    this.#awaitsFresh ||= fresh;
    this.port.restart(fresh).catch((cause: unknown) => this.log("restart_subscription", cause));
  }

  async #accept(offer: OfferMessage): Promise<void> {
    if (this.#awaitsFresh && !offer.fresh) return;
    const makeNew = offer.fresh || !this.#peer;
    if (makeNew) {
      this.#awaitsFresh = false;
      const former = this.#peer;
      this.#peer = this.#spare ?? this.#create();
      this.#spare = null;
      former?.close();
      this.watch.follow(this.#peer);
    }
    const peer = this.#peer;
    if (!peer) return;
    await peer.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    for (const { receiver } of peer.getTransceivers())
      if (!this.#attached.has(receiver)) {
        this.#attached.add(receiver);
        this.port.hooks.attachReceiver(receiver);
      }
    const answer = await peer.createAnswer();
    // Sent before it is applied: the server can start its side while this page starts its own.
    const sent = this.port.answer(offer.revision, answer.sdp ?? "");
    const applied = peer.setLocalDescription(answer);
    this.onAnswered();
    await applied;
    if (peer === this.#peer) this.#map(peer, offer);
    try {
      await sent;
    } catch (cause) {
      // conflict: a later offer is on its way already.
      if (cause instanceof Refusal && (cause.code === "conflict" || cause.code === "unavailable")) return;
      throw cause;
    }
  }

  #map(peer: RTCPeerConnection, offer: OfferMessage): void {
    const byMid = new Map(peer.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
    const before = this.tracks.get();
    const tracks = new Map<string, RemoteTrack>();
    for (const { mid, track_id, participant_id, source } of offer.tracks) {
      const transceiver = byMid.get(mid);
      if (!transceiver) continue;
      const { receiver } = transceiver;
      const known = before.get(track_id);
      tracks.set(
        track_id,
        known?.track === receiver.track && known.participantId === participant_id
          ? known
          : { trackId: track_id, participantId: participant_id, source, track: receiver.track, receiver },
      );
    }
    this.tracks.set(tracks);
  }
}
