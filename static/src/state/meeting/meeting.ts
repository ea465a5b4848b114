import type { AnyEvent, Code, EventMessage, JoinedMessage, Role, RoomView, Source } from "../../protocol.gen";
import { Chat } from "../chat";
import type { Clock } from "../clock";
import { Connection, Refusal } from "../connection";
import type { OpenSocket } from "../dialer";
import type { MediaHooks } from "../media/hooks";
import { Encryption, type EncryptionDeps } from "../e2ee/encryption";
import type { LevelMeter } from "../media/level";
import type { LocalMedia } from "../media/local";
import type { CreatePeer } from "../media/peer";
import { Pulse } from "../media/pulse";
import type { Preferences, StageLayout } from "../preferences";
import { applyEvent } from "../room";
import type { Seats } from "../seats";
import { Store } from "../store";
import { Toasts, type ToastTone } from "../toasts";
import { Wants } from "../wants";
import { isMediaAwaited } from "./awaited";
import { Controls } from "./controls";
import { MeetingMedia } from "./media";
import { Monitor } from "./monitor";
import { MutedHint } from "./muted-hint";
import { noticeOf, recordingAtJoin, type Notice } from "./notices";
import { Placement } from "./placement";
import type { Announcement, MeetingPhase, Panel, ShownReaction } from "./phase";

export interface MeetingDeps {
  readonly code: string;
  readonly openSocket: OpenSocket;
  /** What this browser has for encrypted meetings. */
  readonly sealing: Pick<EncryptionDeps, "access" | "createWorker" | "capabilities">;
  readonly createPeer: CreatePeer;
  readonly hooks: MediaHooks;
  readonly local: LocalMedia;
  readonly meter: LevelMeter;
  readonly preferences: Preferences;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newNonce: () => string;
  readonly log: (what: string, cause: unknown) => void;
}

const SHOW_AT_LATEST_MS = 300;
const REACTION_SHOWN_MS = 4_000;
const REACTIONS_MAX = 24;
const CROWD = 30;

/** One visit to one room: everything that the views of a meeting show and do, without a DOM. */
export class Meeting {
  readonly phase = new Store<MeetingPhase>({ kind: "away" });
  readonly view = new Store<RoomView | null>(null);
  /** This seat's participant id. */
  readonly me = new Store("");
  readonly publishable = new Store<readonly Source[]>([]);
  readonly speakers = new Store<readonly string[]>([]);
  readonly reactions = new Store<readonly ShownReaction[]>([]);
  readonly pinned = new Store<string | null>(null);
  readonly panel = new Store<Panel>(null);
  readonly layout: Store<StageLayout>;
  readonly announcement = new Store<Announcement | null>(null);
  /** The browser refuses to play sound before a gesture. */
  readonly soundBlocked = new Store(false);
  readonly toasts: Toasts<Notice>;

  /** Told of every event, after `view` has moved. */
  readonly listeners = new Set<(event: AnyEvent, before: RoomView) => void>();

  readonly connection: Connection;
  readonly encryption: Encryption;
  /** Whether who is inside, and when, is kept by the host's organization. */
  readonly attendanceKept = new Store(false);
  /** The id of the symposium that is live in this room, "" = none. */
  readonly symposium = new Store("");
  readonly media: MeetingMedia;
  readonly chat: Chat;
  readonly controls: Controls;
  readonly wants: Wants;
  readonly placement: Placement;
  readonly monitor: Monitor;
  readonly pulse: Pulse;
  readonly mutedHint: MutedHint;
  readonly local: LocalMedia;
  readonly meter: LevelMeter;
  readonly preferences: Preferences;

  #token = "";
  #name = "";
  #lastReaction = 0;
  #lastAnnouncement = 0;
  #talking = false;
  #videoPaused = false;
  #show: (() => void) | null = null;

  constructor(private readonly deps: MeetingDeps) {
    const { clock, local, preferences, meter, log } = deps;
    this.local = local;
    this.meter = meter;
    this.preferences = preferences;
    this.layout = new Store(preferences.get().layout);
    this.toasts = new Toasts<Notice>(clock);
    this.connection = new Connection(deps.openSocket, clock, deps.random, {
      joined: (message) => this.#onJoined(message),
      waiting: (message) => {
        deps.seats.hold(deps.code, { resume: message.resume, token: this.#token, name: this.#name });
        if (this.phase.get().kind !== "waiting") this.phase.set({ kind: "waiting", sinceMs: clock.now() });
      },
      event: (message) => this.#onEvent(message),
      offer: (message) => this.media.subscriber.onOffer(message),
      speakers: (ids) => this.#onSpeakers(ids),
      encodings: ({ track_id, rids }) => this.media.publisher.askEncodings(track_id, rids),
      codec: ({ track_id, codec, backup }) => this.media.publisher.askCodec(track_id, { codec, backup }),
      iceServers: (servers) =>
        this.media.renewIceServers(servers, this.monitor.measurements.get()?.transport === "relay"),
      closed: (code) => this.#over(code),
    });
    this.encryption = new Encryption({
      ...deps.sealing,
      port: {
        showKey: (public_key) => this.connection.request({ type: "show_key", public_key }),
        sendKeys: (envelopes) => this.connection.request({ type: "send_keys", envelopes }),
      },
      clock,
      log,
    });
    this.media = new MeetingMedia({
      encryption: this.encryption,
      connection: this.connection,
      local,
      meter,
      createPeer: deps.createPeer,
      hooks: deps.hooks,
      clock,
      log,
    });
    this.media.subscriber.onAnswered = () => this.#show?.();
    this.controls = new Controls(this.connection, (refusal) => this.#refused(refusal));
    this.chat = new Chat(
      {
        send: async (text, nonce) => {
          const sealed = this.encryption.isRequired ? await this.encryption.sealChat(text, nonce) : text;
          return this.connection.request({ type: "send_chat", text: sealed, nonce });
        },
        remove: (message_id) => this.connection.request({ type: "delete_chat", message_id }),
        older: (before_id, limit) => this.connection.request({ type: "read_chat", before_id, limit }),
      },
      clock,
      deps.newNonce,
      { isOn: () => this.encryption.isRequired, open: (message) => this.encryption.openChat(message) },
    );
    this.placement = new Placement(clock);
    this.wants = new Wants(clock, (wants) => this.connection.request({ type: "subscribe", wants }));
    const follow = (): void => {
      const { incomingVideo } = preferences.get();
      this.wants.setIncoming(incomingVideo);
      this.media.publisher.save(incomingVideo !== "all");
    };
    preferences.subscribe(follow);
    follow();
    this.monitor = new Monitor(
      {
        publishing: () => this.media.publisher.peer,
        subscribing: () => this.media.subscriber.peer,
        remoteTracks: () => this.media.subscriber.tracks.get(),
        sourceOf: (mid) => this.media.publisher.sourceOf(mid),
        report: ({ quality, cause }) => this.connection.request({ type: "report_quality", quality, cause }),
      },
      clock,
    );
    this.pulse = new Pulse(
      {
        publishing: () => this.media.publisher.peer,
        subscribing: () => this.media.subscriber.peer,
        uplink: (availableBps, pictures) => this.media.publisher.feelUplink(availableBps, pictures),
        // The line to the server takes the same way: if it answers, only the way of the media is broken.
        silent: (unanswered) => {
          const isBroken = unanswered || this.#isMediaAwaited();
          this.media.doubt(isBroken);
          this.connection.probe(isBroken ? () => this.media.checkNow() : null);
        },
        flowing: () => this.media.doubt(false),
        woke: () => this.networkChanged(),
      },
      clock,
    );
    this.mutedHint = new MutedHint(
      meter.level,
      () => this.phase.get().kind === "inside" && local.microphone.get().state === "off",
      clock,
    );
    this.connection.bandwidth.subscribe(() => this.#onBandwidth());
    local.onLost = (device) => this.notify({ kind: "device_lost", device }, "notice");
    this.connection.line.subscribe(() => this.#onLine());
  }

  get code(): string {
    return this.deps.code;
  }

  /** Goes in: as a member with token "", as a guest with theirs; `resume` takes a seat that was left behind. */
  enter({
    token,
    name,
    resume = "",
    early,
  }: {
    token: string;
    name: string;
    resume?: string;
    early: boolean;
  }): void {
    this.#token = token;
    this.#name = name;
    this.phase.set({ kind: "entering" });
    this.connection.prepare(token);
    this.connection.join(this.deps.code, resume);
    if (early && resume === "") this.media.startEarly();
  }

  leave(): void {
    this.connection.leave();
    this.#over("left");
  }

  /** The page goes away (reload, closed tab): the seat waits for whoever comes back. */
  leaveBehind(): void {
    if (this.phase.get().kind === "inside" || this.phase.get().kind === "waiting")
      this.deps.seats.leaveBehind(this.deps.code, this.deps.clock.now());
  }

  /** The network changed, or the page is in front again. */
  networkChanged(): void {
    this.connection.probe();
    if (this.phase.get().kind === "inside") this.media.checkNow();
  }

  // ------------------------------------------------------------ what people do

  toggleMicrophone = (): Promise<void> => this.setMicrophone(this.local.microphone.get().state !== "on");
  toggleCamera = async (): Promise<void> => {
    const { state } = this.local.camera.get();
    await this.local.setCamera(state !== "on" && state !== "starting");
    this.#tellFailure("camera");
  };

  async setMicrophone(on: boolean): Promise<void> {
    await this.local.setMicrophone(on);
    this.#tellFailure("microphone");
  }

  /** On a phone: from the camera at the face to the one at the back, or the other way. */
  async flipCamera(): Promise<void> {
    const { local, preferences } = this;
    const looks = local.camera.get().track?.getSettings().facingMode ?? local.facing;
    preferences.change({ cameraId: "" }); // a chosen device would stay the choice
    await local.face(looks === "environment" ? "user" : "environment");
    this.#tellFailure("camera");
  }

  /** A button that could do nothing says why.  Before the meeting the door does. */
  #tellFailure(device: "microphone" | "camera" | "screen"): void {
    const { state, problem } = this.local[device].get();
    if (state === "failed" && problem && this.phase.get().kind === "inside")
      this.notify({ kind: "device_fails", device, problem }, "trouble");
  }

  async toggleShare(): Promise<void> {
    if (this.local.screen.get().state === "on") this.local.stopScreen();
    else if (this.publishable.get().includes("screen")) {
      await this.local.startScreen();
      this.#tellFailure("screen");
    } else this.#refused(new Refusal("forbidden"));
  }

  async toggleHand(): Promise<void> {
    const raised = (this.view.get()?.participants[this.me.get()]?.hand_raised_at_ms ?? 0) === 0;
    if (await this.controls.raiseHand(raised)) this.announce({ kind: "hand_is", raised });
  }

  /** Space held down: heard as long as it is. */
  pushToTalk(down: boolean): void {
    if (down && !this.#talking && this.local.microphone.get().state === "off") {
      this.#talking = true;
      void this.setMicrophone(true);
    } else if (!down && this.#talking) {
      this.#talking = false;
      void this.local.setMicrophone(false);
    }
  }

  togglePanel(panel: Exclude<Panel, null>): void {
    this.showPanel(this.panel.get() === panel ? null : panel);
  }

  showPanel(panel: Panel): void {
    this.panel.set(panel);
    if (panel === "chat")
      for (const toast of this.toasts.list.get())
        if (toast.message.kind === "chat") this.toasts.dismiss(toast.id);
    this.chat.setVisible(panel === "chat");
  }

  setLayout(layout: StageLayout): void {
    this.layout.set(layout);
    this.preferences.change({ layout });
    this.pinned.set(null);
  }

  pin(participantId: string | null): void {
    this.pinned.set(participantId);
  }

  notify(notice: Notice, tone: ToastTone = "quiet", action: (() => void) | null = null): void {
    this.toasts.show(notice, tone, action);
    this.announce(notice);
  }

  announce(notice: Notice): void {
    this.announcement.set({ id: ++this.#lastAnnouncement, notice });
  }

  // ------------------------------------------------------------ what the server says

  #onJoined(message: JoinedMessage): void {
    const { seats, code } = this.deps;
    seats.hold(code, { resume: message.resume, token: this.#token, name: this.#name });
    if (!message.resumed) this.monitor.reset();
    if (!this.#seal(message)) return;
    this.me.set(message.participant_id);
    this.publishable.set(message.publish);
    this.view.set(message.room);
    this.chat.restore(message.room.chat, message.participant_id);
    this.media.onJoined(message, message.room.participants[message.participant_id]);
    this.#showTracks();
    this.monitor.start();
    this.pulse.start();
    // The first offer is right behind.  Drawing the meeting takes a while: it is done while the browser connects.
    if (this.phase.get().kind === "inside") {
      this.notify({ kind: "back" });
      return;
    }
    const cancel = this.deps.clock.after(SHOW_AT_LATEST_MS, () => this.#show?.());
    this.#show = () => {
      this.#show = null;
      cancel();
      if (this.phase.get().kind === "over") return;
      this.phase.set({ kind: "inside" });
      const { recording, participants } = message.room;
      const notice = recordingAtJoin(recording, (id) => participants[id]?.name ?? "");
      if (notice) this.notify(notice, "notice");
    };
  }

  /** What an encrypted room needs before anything is sent or shown; false when this browser cannot be in it. */
  #seal(message: JoinedMessage): boolean {
    const { encryption, media } = this;
    const { state: before } = encryption.status.get();
    encryption.onJoined(message);
    const { state } = encryption.status.get();
    if (state === "impossible") {
      this.connection.leave();
      this.#over("encrypted");
      return false;
    }
    media.publisher.data.isShut = state === "on";
    if (before === "off" && state === "on") {
      // Begun before this page knew: nothing of that may be used.
      media.publisher.stop();
      media.subscriber.stop();
    }
    return true;
  }

  #onEvent({ seq, event }: EventMessage): void {
    const before = this.view.get();
    if (!before || seq <= before.seq) return;
    const notice = noticeOf(before, event, this.me.get());
    const after = applyEvent(before, seq, event);
    this.view.set(after);
    this.#follow(before, event);
    this.encryption.follow(after);
    if (notice) this.#tellOpened(notice, event);
    if (after.participants !== before.participants) this.#showTracks();
    for (const listener of this.listeners) listener(event, before);
  }

  /** What an event asks of this page beyond showing it. */
  #follow(before: RoomView, event: AnyEvent): void {
    const me = this.me.get();
    switch (event.event) {
      case "track_muted": {
        if (event.participant_id !== me || event.by === me || !event.muted) return;
        const track = before.participants[me]?.tracks.find((other) => other.id === event.track_id);
        if (track) this.media.mutedByRoom(track.source);
        return;
      }
      case "reacted": {
        const id = ++this.#lastReaction;
        const shown = { id, participantId: event.participant_id, reaction: event.reaction };
        this.reactions.update((list) => [...list, shown].slice(-REACTIONS_MAX));
        this.deps.clock.after(REACTION_SHOWN_MS, () =>
          this.reactions.update((list) => list.filter((other) => other.id !== id)),
        );
        return;
      }
      case "chat_sent":
        this.chat.onSent(event.message);
        return;
      case "keys_received":
        this.encryption.onKeys(event.participant_id, event.sealed);
        return;
      case "chat_deleted":
        this.chat.onDeleted(event.message_id);
        return;
      case "lobby_left":
        this.#forgetAsking((entryId) => entryId === event.entry_id);
        return;
      case "participant_left":
        if (this.pinned.get() === event.participant_id) this.pinned.set(null);
        return;
      default:
        return;
    }
  }

  #tellOpened(notice: Notice, event: AnyEvent): void {
    if (notice.kind !== "chat" || event.event !== "chat_sent" || !this.encryption.isRequired) {
      this.#tell(notice);
      return;
    }
    void this.encryption.openChat(event.message).then((text) => {
      if (text !== null) this.#tell({ ...notice, text });
    });
  }

  #tell(notice: Notice): void {
    // In a crowd people come and go all the time.
    const isCrowd = Object.keys(this.view.get()?.participants ?? {}).length > CROWD;
    if (isCrowd && (notice.kind === "joined" || notice.kind === "left")) return;
    // An open chat shows the message itself; a screen reader hears it either way.
    if (notice.kind === "chat" && this.panel.get() === "chat") {
      this.announce(notice);
      return;
    }
    const tone: ToastTone =
      notice.kind === "muted_by" || notice.kind === "asks_to_enter" || notice.kind === "role_is"
        ? "notice"
        : "quiet";
    const action =
      notice.kind === "chat"
        ? () => this.showPanel("chat")
        : notice.kind === "asks_to_enter"
          ? notice.doubt
            ? () => this.showPanel("people")
            : () => void this.controls.admit(notice.entryId)
          : null;
    this.notify(notice, tone, action);
  }

  /** Whoever is in, or gone, does not ask any more. */
  #forgetAsking(isGone: (entryId: string) => boolean): void {
    for (const { id, message } of this.toasts.list.get())
      if (message.kind === "asks_to_enter" && isGone(message.entryId)) this.toasts.dismiss(id);
  }

  #onSpeakers(ids: readonly string[]): void {
    this.speakers.set(ids);
    const view = this.view.get();
    if (view) this.placement.arrange(view, this.me.get(), ids);
  }

  #showTracks(): void {
    const view = this.view.get();
    if (!view) return;
    const me = this.me.get();
    this.wants.setTracks(
      Object.values(view.participants)
        .filter((participant) => participant.id !== me)
        .flatMap((participant) => participant.tracks),
    );
    this.placement.arrange(view, me, this.speakers.get());
  }

  #isMediaAwaited(): boolean {
    const view = this.view.get();
    return view !== null && isMediaAwaited(view, this.me.get(), this.wants.list(), this.#videoPaused);
  }

  #onLine(): void {
    const { state } = this.connection.line.get();
    this.wants.setActive(state === "joined");
    if (state === "lost") this.speakers.set([]);
  }

  /** Less or more picture is seen by itself; that all of it stops needs a word, and that it is back. */
  #onBandwidth(): void {
    const paused = this.connection.bandwidth.get() === "audio_only";
    if (paused === this.#videoPaused) return;
    this.#videoPaused = paused;
    if (this.preferences.get().incomingVideo !== "none") this.notify({ kind: "video_is", paused }, "notice");
  }

  #refused(refusal: Refusal): void {
    this.notify({ kind: "refused", code: refusal.code }, "trouble");
  }

  #over(end: "left" | Code): void {
    const { kind } = this.phase.get();
    if (kind === "over" || kind === "away") return;
    this.deps.seats.drop(this.deps.code);
    this.monitor.stop();
    this.pulse.stop();
    this.media.stop();
    this.encryption.stop();
    this.wants.setActive(false);
    this.local.stop();
    this.phase.set({ kind: "over", end });
  }

  get role(): Role | undefined {
    return this.view.get()?.participants[this.me.get()]?.role;
  }
}
