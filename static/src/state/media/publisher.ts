import type { IceServer, PublishedMedia, PublishedMessage, Source } from "../../protocol.gen";
import type { Clock } from "../clock";
import { Refusal } from "../connection";
import { DataChannels } from "./data";
import type { MediaHooks } from "./hooks";
import { RIDS } from "./rids";
import { PeerWatch, type CreatePeer, type Repair } from "./peer";
import { sendingMids } from "./sdp";
import { planBackup } from "./encodings";
import { Motion, type Pictures } from "./motion";
import { firstEncodings, Sending } from "./sending";
import { Uplink } from "./uplink";

export interface Outgoing {
  readonly track: MediaStreamTrack | null;
  /** What the room is told: a track that is there but silent or dark. */
  readonly muted: boolean;
}

/** What the server wants a picture to be sent in, and in which codec a second stream of it; empty: none. */
export interface CodecWish {
  readonly codec: string;
  readonly backup: string;
}

export interface PublisherPort {
  publish(sdp: string, media: readonly PublishedMedia[]): Promise<PublishedMessage>;
  setMuted(trackId: string, muted: boolean): Promise<unknown>;
  readonly hooks: MediaHooks;
  /** The line to the server stands and a seat is taken. */
  isSeated(): boolean;
}

const KINDS: Readonly<Record<Source, "audio" | "video">> = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  screen_audio: "audio",
};

/**
 * The publishing peer connection: this page offers, the server answers.  Microphone and camera have their m-line from the
 * start, so that switching them on costs no negotiation; a shared screen gets its own when it is first shared and keeps it.
 */
export class Publisher {
  readonly watch: PeerWatch;
  readonly data = new DataChannels();
  /** Track ids that the server gave, by source. */
  readonly trackIds = new Map<Source, string>();

  #peer: RTCPeerConnection | null = null;
  #spare: RTCPeerConnection | null = null;
  #iceServers: RTCIceServer[] = [];
  readonly #outgoing = new Map<Source, Outgoing>([
    ["microphone", { track: null, muted: true }],
    ["camera", { track: null, muted: true }],
  ]);
  readonly #transceivers = new Map<Source, RTCRtpTransceiver>();
  readonly #sendings = new Map<Source, Sending>();
  /** Second streams, of sources that somebody cannot decode as they are. */
  readonly #backups = new Map<Source, RTCRtpTransceiver>();
  readonly #backupCodecs = new Map<Source, string>();
  readonly #wishes = new Map<string, CodecWish>();
  #saves = false;
  #isNarrow = false;
  readonly #uplink = new Uplink();
  readonly #motion = new Motion();
  readonly #held = new Set<Source>();
  readonly #toldMuted = new Map<Source, boolean>();
  #allowed: ReadonlySet<Source> = new Set<Source>(["microphone", "camera", "screen", "screen_audio"]);
  #negotiating = false;
  #again: { iceRestart: boolean } | null = null;

  constructor(
    private readonly createPeer: CreatePeer,
    private readonly port: PublisherPort,
    private readonly log: (what: string, cause: unknown) => void,
    private readonly clock: Clock,
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

  /** An offer is on its way to the server, or its answer to us. */
  get isOffering(): boolean {
    return this.#negotiating;
  }

  /** What this seat may send; false when the connection was offered with more than that. */
  allow(sources: readonly Source[]): boolean {
    this.#allowed = new Set(sources);
    return [...this.#transceivers.keys()].every((source) => this.#allowed.has(source));
  }

  /** The mute that the room last heard from us, or did to us; undefined before it knows the track. */
  toldMuted(source: Source): boolean | undefined {
    return this.#toldMuted.get(source);
  }

  useIceServers(servers: readonly IceServer[]): void {
    this.#iceServers = servers.map((server) => ({ ...server, urls: [...server.urls] }));
    if (this.#iceServers.length === 0) return;
    for (const peer of [this.#peer, this.#spare]) peer?.setConfiguration(this.#configuration());
    // What was offered before the servers were known, or with others, does not use them yet.
    this.watch.moreWays();
  }

  /** Makes a connection ready: it costs nothing while nothing is offered on it, and time when it is needed. */
  prepare(): void {
    this.#spare ??= this.createPeer(this.#configuration());
  }

  /** Makes the connection (anew) and offers it.  May be called before the seat is taken: the server keeps the offer. */
  start(): void {
    this.#close();
    const peer = this.#spare ?? this.createPeer(this.#configuration());
    this.#spare = null;
    this.#peer = peer;
    this.data.open(peer);
    for (const source of this.#outgoing.keys()) if (this.#allowed.has(source)) this.#addLine(source);
    this.watch.follow(peer);
    this.#negotiate(false);
  }

  /** What to send from now on.  For a screen, `track: null` also gives the m-line back. */
  send(source: Source, outgoing: Outgoing): void {
    const isShare = source === "screen" || source === "screen_audio";
    const before = this.#outgoing.get(source);
    if (isShare && !outgoing.track) this.#outgoing.delete(source);
    else this.#outgoing.set(source, outgoing);
    if (!this.#peer) return;
    const transceiver = this.#transceivers.get(source);
    if (isShare && !outgoing.track) {
      if (!transceiver || transceiver.direction === "inactive") return;
      transceiver.direction = "inactive";
      void transceiver.sender.replaceTrack(null);
      this.#negotiate(false);
      return;
    }
    if (!this.#allowed.has(source)) return;
    if (!transceiver) {
      this.#addLine(source);
      this.#negotiate(false);
      return;
    }
    if (transceiver.sender.track !== outgoing.track) {
      void transceiver.sender
        .replaceTrack(outgoing.track)
        .catch((cause: unknown) => this.log("replaceTrack", cause));
      this.#sendings.get(source)?.refresh();
      const backup = this.#backups.get(source);
      if (backup && backup.direction !== "inactive") this.#put(backup, outgoing.track);
    }
    this.#sendings.get(source)?.mute(outgoing.muted);
    if (transceiver.direction === "inactive") {
      transceiver.direction = "sendonly";
      this.#negotiate(false);
    } else if (before?.muted !== outgoing.muted) {
      this.#tellMuted(source);
    }
  }

  /** The server says which encodings of a track of ours anybody watches. */
  askEncodings(trackId: string, rids: readonly string[]): void {
    for (const [source, id] of this.trackIds) if (id === trackId) this.#sendings.get(source)?.ask(rids);
  }

  /** It may come before the answer that tells whose this track is. */
  askCodec(trackId: string, wish: CodecWish): void {
    this.#wishes.set(trackId, wish);
    this.#heedWishes();
  }

  /** Saving data: the camera is sent smaller. */
  save(saves: boolean): void {
    this.#saves = saves;
    for (const sending of this.#sendings.values()) sending.save(saves);
  }

  /** What the browser believes its line out carries, null when it does not say; and what the camera's encodings make. */
  feelUplink(availableBps: number | null, pictures: ReadonlyMap<string, Pictures>): void {
    const nowMs = this.clock.now();
    const rid = RIDS[this.#uplink.carried.sure] ?? "";
    const isBehind = this.#motion.fallsBehind(nowMs, rid, pictures.get(rid), availableBps ?? Infinity);
    if (this.#uplink.feel(nowMs, availableBps, isBehind))
      this.#sendings.get("camera")?.limit(this.#uplink.carried);
  }

  /** Stops what is sent of a source for a while: its track stays, and receivers keep the last picture. */
  hold(source: Source, held: boolean): void {
    if (held) this.#held.add(source);
    else this.#held.delete(source);
    this.#sendings.get(source)?.hold(held);
  }

  /** The line carries no moving picture: the microphone leaves room for what goes instead. */
  narrow(isNarrow: boolean): void {
    this.#isNarrow = isNarrow;
    for (const sending of this.#sendings.values()) sending.narrow(isNarrow);
  }

  /** A line to the server stands again for the same seat. */
  resume(): void {
    if (!this.#peer || this.#peer.connectionState === "closed") {
      this.start();
      return;
    }
    // An offer may have been lost with the former line.
    if (this.#peer.signalingState !== "stable" || this.#again)
      this.#negotiate(this.#again?.iceRestart ?? false);
    for (const source of this.#outgoing.keys()) this.#tellMuted(source);
    this.watch.check();
  }

  stop(): void {
    this.#close();
    this.#spare?.close();
    this.#spare = null;
    this.trackIds.clear();
    this.#wishes.clear();
    this.watch.forget();
  }

  // ------------------------------------------------------------ inside

  #close(): void {
    this.data.close();
    this.#peer?.close();
    this.#peer = null;
    this.#transceivers.clear();
    this.#sendings.clear();
    this.#backups.clear();
    this.#backupCodecs.clear();
    this.#toldMuted.clear();
    this.#uplink.reset();
    this.#again = null;
    this.#negotiating = false;
  }

  /** A new configuration may differ from the former in its servers only. */
  #configuration(): RTCConfiguration {
    return { bundlePolicy: "max-bundle", iceServers: this.#iceServers };
  }

  #addLine(source: Source): void {
    const peer = this.#peer;
    const outgoing = this.#outgoing.get(source);
    if (!peer || !outgoing) return;
    const transceiver = peer.addTransceiver(outgoing.track ?? KINDS[source], {
      direction: "sendonly",
      sendEncodings: firstEncodings(source, outgoing.muted, this.port.hooks.isLayered !== false),
    });
    const codecs = this.port.hooks.codecs(source);
    if (codecs) transceiver.setCodecPreferences([...codecs]);
    this.port.hooks.attachSender(transceiver.sender, source);
    const sending = new Sending(source, transceiver.sender, outgoing.muted, this.log, () =>
      this.#negotiate(false),
    );
    if (this.#saves) sending.save(true);
    if (this.#isNarrow) sending.narrow(true);
    if (this.#held.has(source)) sending.hold(true);
    this.#transceivers.set(source, transceiver);
    this.#sendings.set(source, sending);
  }

  #heedWishes(): void {
    for (const [source, trackId] of this.trackIds) {
      const wish = this.#wishes.get(trackId);
      if (!wish) continue;
      this.#sendings.get(source)?.prefer(wish.codec);
      const isSent = this.#transceivers.get(source)?.direction === "sendonly";
      this.#setBackup(source, isSent ? wish.backup : "");
    }
  }

  /** In which codec is said by the server's answer: it knows best which of those offered it meant. */
  #setBackup(source: Source, codec: string): void {
    const track = this.#outgoing.get(source)?.track ?? null;
    const known = this.#backups.get(source);
    if (codec === (this.#backupCodecs.get(source) ?? "")) return;
    this.#backupCodecs.set(source, codec);
    if (known) {
      known.direction = codec ? "sendonly" : "inactive";
      this.#put(known, codec ? track : null);
    } else {
      const transceiver = this.#peer?.addTransceiver(track ?? KINDS[source], {
        direction: "sendonly",
        sendEncodings: [planBackup(source, track?.getSettings() ?? {})],
      });
      if (!transceiver) return;
      const codecs = this.port.hooks.codecs(source);
      if (codecs) transceiver.setCodecPreferences([...codecs]);
      this.port.hooks.attachSender(transceiver.sender, source);
      this.#backups.set(source, transceiver);
    }
    this.#negotiate(false);
  }

  #put(transceiver: RTCRtpTransceiver, track: MediaStreamTrack | null): void {
    void transceiver.sender.replaceTrack(track).catch((cause: unknown) => this.log("replaceTrack", cause));
  }

  #repair(kind: Repair): void {
    if (kind === "rebuild") this.start();
    else this.#negotiate(true);
  }

  /** One offer at a time; what changes meanwhile goes into the next. */
  #negotiate(iceRestart: boolean): void {
    if (this.#negotiating) {
      this.#again = { iceRestart: iceRestart || (this.#again?.iceRestart ?? false) };
      return;
    }
    const peer = this.#peer;
    if (!peer) return;
    this.#negotiating = true;
    this.#again = null;
    this.#offer(peer, iceRestart).then(
      () => this.#negotiated(peer),
      (cause: unknown) => {
        this.log("publish", cause);
        if (this.#peer !== peer) return;
        // Without a line the offer is made again after the resume.
        if (cause instanceof Refusal && cause.code === "unavailable") this.#again = { iceRestart };
        this.#negotiating = false;
        if (this.#again && !(cause instanceof Refusal && cause.code === "unavailable"))
          this.#negotiate(this.#again.iceRestart);
      },
    );
  }

  #negotiated(peer: RTCPeerConnection): void {
    if (this.#peer !== peer) return;
    this.#negotiating = false;
    if (this.#again) this.#negotiate(this.#again.iceRestart);
  }

  async #offer(peer: RTCPeerConnection, iceRestart: boolean): Promise<void> {
    // Lines that are added one after the other in one go belong into one offer.
    await Promise.resolve();
    const restart = iceRestart || (this.#again?.iceRestart ?? false);
    this.#again = null;
    const offer = await peer.createOffer({ iceRestart: restart });
    await peer.setLocalDescription(offer);
    if (this.#peer !== peer) return;
    // What the offer says counts: directions may have changed since it was made, and then the next offer tells.
    const sending = sendingMids(offer.sdp ?? "");
    const media: PublishedMedia[] = [];
    for (const [source, { mid }] of this.#transceivers)
      if (mid !== null && sending.has(mid))
        media.push({ mid, source, muted: this.#outgoing.get(source)?.muted ?? true });
    const backups: PublishedMedia[] = [];
    for (const [source, { mid }] of this.#backups)
      if (mid !== null && sending.has(mid)) backups.push({ mid, source, backup: true });
    // The server finds us by the checks that we send: candidates of ours are of no use to it.
    const reply = await this.port.publish(offer.sdp ?? "", [...media, ...backups]);
    if (this.#peer !== peer) return;
    await peer.setRemoteDescription({ type: "answer", sdp: reply.sdp });
    for (const sending of this.#sendings.values()) sending.refresh();
    const sourceOf = new Map(media.map((entry) => [entry.mid, entry.source]));
    this.trackIds.clear();
    for (const { mid, track_id } of reply.tracks) {
      const source = sourceOf.get(mid);
      if (source) this.trackIds.set(source, track_id);
    }
    this.#heedWishes();
    for (const { source, muted } of media) {
      this.#toldMuted.set(source, muted ?? false);
      this.#tellMuted(source);
    }
  }

  #tellMuted(source: Source): void {
    const trackId = this.trackIds.get(source);
    const outgoing = this.#outgoing.get(source);
    if (!trackId || !outgoing || this.#toldMuted.get(source) === outgoing.muted || !this.port.isSeated())
      return;
    this.#toldMuted.set(source, outgoing.muted);
    this.port.setMuted(trackId, outgoing.muted).catch((cause: unknown) => {
      this.#toldMuted.delete(source);
      this.log("set_muted", cause);
    });
  }

  sourceOf(mid: string): Source | undefined {
    for (const [source, transceiver] of this.#transceivers) if (transceiver.mid === mid) return source;
    return undefined;
  }

  /** A moderator changed the mute of one of our tracks: that is now what the room knows. */
  mutedByRoom(source: Source, muted: boolean): void {
    this.#toldMuted.set(source, muted);
  }
}
