import type { IceServer, JoinedMessage, Participant, Source } from "../../protocol.gen";
import type { Clock } from "../clock";
import type { Connection } from "../connection";
import type { MediaHooks } from "../media/hooks";
import type { Encryption } from "../e2ee/encryption";
import type { LevelMeter } from "../media/level";
import type { Capture, LocalMedia } from "../media/local";
import type { CreatePeer } from "../media/peer";
import { Publisher } from "../media/publisher";
import { Subscriber } from "../media/subscriber";

export interface MeetingMediaDeps {
  readonly connection: Connection;
  readonly local: LocalMedia;
  readonly meter: LevelMeter;
  readonly createPeer: CreatePeer;
  readonly clock: Clock;
  readonly hooks: MediaHooks;
  readonly log: (what: string, cause: unknown) => void;
  readonly encryption: Encryption;
}

/** Both peer connections of a seat, fed from this person's devices and repaired when the line or the network changes. */
export class MeetingMedia {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly #stops: (() => void)[] = [];
  #startedEarly = false;

  constructor(private readonly deps: MeetingMediaDeps) {
    const { connection, encryption, clock, log } = deps;
    const hooks = encryption.around(deps.hooks);
    const createPeer: CreatePeer = (configuration) => deps.createPeer(encryption.configure(configuration));
    const isSeated = (): boolean => connection.line.get().state === "joined";
    this.publisher = new Publisher(
      createPeer,
      {
        publish: (sdp, media) => connection.request({ type: "publish", sdp, media }),
        setMuted: (track_id, muted) => connection.request({ type: "set_muted", track_id, muted }),
        hooks,
        isSeated,
      },
      log,
      clock,
    );
    this.subscriber = new Subscriber(
      createPeer,
      {
        answer: (revision, sdp) => connection.request({ type: "answer", revision, sdp }),
        restart: (fresh) => connection.request({ type: "restart_subscription", fresh }),
        hooks,
        isSeated,
      },
      log,
      clock,
    );
    this.subscriber.tracks.subscribe(() => encryption.assign(this.subscriber.tracks.get().values()));
  }

  /** People look into the mirror: have both connections ready when they press the button. */
  prepare(): void {
    this.publisher.prepare();
    this.subscriber.prepare();
  }

  /** Behind the join that has just been sent: the offer goes out in the same flight. */
  startEarly(): void {
    this.#followDevices();
    this.#startedEarly = true;
    this.publisher.start();
    this.subscriber.start();
  }

  /** The seat is taken (again).  `own` is this seat as the room has it. */
  onJoined(message: JoinedMessage, own: Participant | undefined): void {
    const { publisher, subscriber } = this;
    this.#followDevices();
    const offered = this.#startedEarly && publisher.isOffering;
    this.#startedEarly = false;
    publisher.useIceServers(message.ice_servers);
    subscriber.useIceServers(message.ice_servers);
    const allowed = publisher.allow(message.publish);
    // A room that moved to another node has no media of ours any more, whatever our connections believe.
    const moved = message.resumed && publisher.trackIds.size > 0 && own?.tracks.length === 0;
    if (message.resumed && !moved) {
      this.#followRoom(own);
      publisher.resume();
      subscriber.resume();
      return;
    }
    if (!offered || !allowed || moved) publisher.start();
    if (moved) {
      subscriber.stop();
      subscriber.resume();
    } else if (subscriber.peer) {
      subscriber.start();
    }
  }

  /** A track of ours was muted by a moderator: what is captured follows. */
  mutedByRoom(source: Source): void {
    const { local } = this.deps;
    this.publisher.mutedByRoom(source, true);
    if (source === "microphone") void local.setMicrophone(false);
    else if (source === "camera") void local.setCamera(false);
    else local.stopScreen();
  }

  /** Who is on a relay changes over before the former credentials run out and the relay lets go. */
  renewIceServers(servers: readonly IceServer[], isRelayed: boolean): void {
    for (const side of [this.publisher, this.subscriber]) {
      side.useIceServers(servers);
      if (isRelayed) side.watch.renew();
    }
  }

  /** Packets have stopped coming, or come again. */
  doubt(isDoubted: boolean): void {
    this.publisher.watch.doubt(isDoubted);
    this.subscriber.watch.doubt(isDoubted);
  }

  checkNow(): void {
    this.publisher.watch.check();
    this.subscriber.watch.check();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.publisher.stop();
    this.subscriber.stop();
    this.deps.meter.follow(null);
  }

  // ------------------------------------------------------------ inside

  /** What a moderator did while we were away counts; what we did ourselves meanwhile is told by publisher.resume(). */
  #followRoom(own: Participant | undefined): void {
    for (const track of own?.tracks ?? [])
      if (track.muted && this.publisher.toldMuted(track.source) === false) this.mutedByRoom(track.source);
  }

  #followActivity(): void {
    const { local, encryption } = this.deps;
    const captures = [local.microphone, local.camera, local.screen];
    encryption.setActive(captures.some((capture) => capture.get().state === "on"));
  }

  #followDevices(): void {
    if (this.#stops.length > 0) return;
    const { local, meter } = this.deps;
    const { publisher } = this;
    const outgoing = (capture: Capture): { track: MediaStreamTrack | null; muted: boolean } => ({
      track: capture.track,
      muted: capture.state !== "on",
    });
    let metered: MediaStreamTrack | null = null;
    const microphone = (): void => {
      const capture = local.microphone.get();
      publisher.send("microphone", outgoing(capture));
      if (capture.track !== metered) {
        metered = capture.track;
        meter.follow(metered);
      }
    };
    const camera = (): void => publisher.send("camera", outgoing(local.camera.get()));
    const screen = (): void => {
      const capture = local.screen.get();
      if (capture.state === "starting") return;
      publisher.send("screen_audio", { track: local.screenAudio.get(), muted: false });
      publisher.send("screen", outgoing(capture));
    };
    this.#stops.push(
      local.microphone.subscribe(microphone),
      local.camera.subscribe(camera),
      local.screen.subscribe(screen),
      ...[local.microphone, local.camera, local.screen].map((capture) =>
        capture.subscribe(() => this.#followActivity()),
      ),
    );
    this.#followActivity();
    microphone();
    camera();
    screen();
  }
}
