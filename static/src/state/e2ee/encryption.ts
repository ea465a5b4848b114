import type { ChatMessage, JoinedMessage, Participant, RoomView, Source } from "../../protocol.gen";
import type { Clock } from "../clock";
import { Refusal } from "../connection";
import type { MediaHooks } from "../media/hooks";
import { Store } from "../store";
import { KeyAgreement, type AgreementPort, type KeySink } from "./agreement";
import { ChatCipher } from "./chat-cipher";
import { DeviceKey } from "./device-key";
import { FrameWorker, type FrameAccess, type WorkerLike } from "./frame-worker";
import type { MediaKind } from "./frames";
import { phraseOf } from "./phrase";

/** off: the meeting is not encrypted.  impossible: it is, and this browser cannot take part. */
export type EncryptionState = "off" | "on" | "impossible";

export interface EncryptionStatus {
  readonly state: EncryptionState;
  /** null while it is being worked out, for instance because somebody came. */
  readonly phrase: readonly string[] | null;
  /** Devices whose keys are in it, this one too. */
  readonly devices: number;
}

export interface EncryptionDeps {
  readonly access: FrameAccess;
  readonly createWorker: () => WorkerLike;
  readonly port: AgreementPort;
  /** What this browser can send. */
  readonly capabilities: (media: MediaKind) => RTCRtpCapabilities | null;
  readonly clock: Clock;
  readonly log: (what: string, cause: unknown) => void;
}

/** A received line and whose it is; "" = of whoever speaks. */
export interface ReceivedLine {
  readonly receiver: RTCRtpReceiver;
  readonly participantId: string;
}

const PHRASE_AFTER_MS = 200;
/** A message whose key does not come within this time will not be read. */
const KEY_WAIT_MS = 6_000;
/** What frames can be sealed of without packetizers losing their way: they read into those of H264 and AV1. */
const VIDEO_TYPES: ReadonlySet<string> = new Set(["video/VP8", "video/rtx"]);
/** Not RED: the server could not take it apart for receivers who do not know it. */
const AUDIO_TYPES: ReadonlySet<string> = new Set(["audio/opus"]);

/** One seat of an encrypted room. */
interface Sealing {
  readonly participantId: string;
  readonly agreement: KeyAgreement;
  readonly chat: ChatCipher;
  readonly joinedAtMs: number;
}

/**
 * End-to-end encryption of one visit: keys with the other devices, every frame through the worker, chat.  Nothing of it
 * is there until `require`, and then nothing is sent in the clear any more, whatever the server says later.
 */
export class Encryption {
  readonly status = new Store<EncryptionStatus>({ state: "off", phrase: null, devices: 0 });
  #worker: FrameWorker | null = null;
  #sealing: Promise<Sealing> | null = null;
  #joined: ((sealing: Promise<Sealing>) => void) | null = null;
  #first: Promise<Sealing> | null = null;
  #participants: Readonly<Record<string, Participant>> = {};
  #lines: readonly ReceivedLine[] = [];
  #active = false;
  #phrase = 0;
  /** Messages whose key is not there yet: tried again with every key that comes. */
  readonly #waiting = new Set<() => void>();
  readonly #texts = new Map<string, Promise<string | null>>();

  constructor(private readonly deps: EncryptionDeps) {}

  get isRequired(): boolean {
    return this.status.get().state !== "off";
  }

  /** The room is encrypted.  False when this browser cannot take part. */
  require(): boolean {
    if (this.isRequired) return this.status.get().state === "on";
    if (this.deps.access === "none") {
      this.status.set({ state: "impossible", phrase: null, devices: 0 });
      return false;
    }
    this.#worker = new FrameWorker(this.deps.createWorker(), this.deps.access);
    this.#worker.onMissing = (kid) => void this.#sealing?.then(({ agreement }) => agreement.missing(kid));
    this.#first = new Promise((resolve) => {
      this.#joined = resolve;
    });
    this.status.set({ state: "on", phrase: null, devices: 0 });
    return true;
  }

  // ------------------------------------------------------------ media

  /** For the connections that are made from now on. */
  configure(configuration: RTCConfiguration): RTCConfiguration {
    // Chromium before it knew RTCRtpScriptTransform; nothing passes such a connection until its streams are taken.
    const early = { encodedInsertableStreams: true };
    return this.#worker && this.deps.access === "encoded_streams"
      ? { ...configuration, ...early }
      : configuration;
  }

  /** The hooks with this between: once the meeting is encrypted every line passes the worker. */
  around(plain: MediaHooks): MediaHooks {
    return {
      ...plain,
      codecs: (source) => this.#codecs(mediaOf(source)) ?? plain.codecs(source),
      attachSender: (sender, source) => {
        plain.attachSender(sender, source);
        this.#worker?.attachSender(sender, mediaOf(source));
      },
      attachReceiver: (receiver) => {
        plain.attachReceiver(receiver);
        this.#worker?.attachReceiver(receiver);
      },
    };
  }

  #codecs(media: MediaKind): RTCRtpCodec[] | null {
    if (!this.#worker) return null;
    const wanted = media === "video" ? VIDEO_TYPES : AUDIO_TYPES;
    return (this.deps.capabilities(media)?.codecs ?? []).filter(({ mimeType }) => wanted.has(mimeType));
  }

  /** Whose frames each line carries, as the latest offer has it: nobody's picture comes under another's name. */
  assign(lines: Iterable<ReceivedLine>): void {
    this.#lines = [...lines];
    for (const { receiver, participantId } of this.#lines) {
      const publicKey = this.#participants[participantId]?.public_key ?? "";
      const expected = participantId === "" ? null : { participantId, publicKey };
      void this.#worker?.expect(receiver, expected);
    }
  }

  /** Something of this person can be heard or seen: the key must be with the others. */
  setActive(active: boolean): void {
    if (active === this.#active) return;
    this.#active = active;
    void this.#sealing?.then(({ agreement }) => agreement.activate(active));
  }

  // ------------------------------------------------------------ the room

  /** Before anything else is done with a snapshot. */
  onJoined({ participant_id, room, resumed }: JoinedMessage): void {
    if (room.encrypted) this.require();
    if (!this.#worker) return;
    const former = this.#sealing;
    this.#participants = room.participants;
    this.#sealing = this.#take(former, participant_id, room, resumed);
    this.#joined?.(this.#sealing);
    this.#joined = null;
    this.#sealing.catch((cause: unknown) => this.deps.log("encryption", cause));
  }

  /** After every event that changes who is there or with which key. */
  follow({ participants }: RoomView): void {
    if (!this.#worker || participants === this.#participants) return;
    this.#participants = participants;
    void this.#sealing?.then(({ agreement }) => agreement.follow(this.#participants));
    this.assign(this.#lines);
  }

  onKeys(from: string, sealed: string): void {
    void this.#sealing?.then(async ({ agreement }) => {
      agreement.onKeys(from, sealed);
      await agreement.settled();
      for (const again of [...this.#waiting]) again();
    });
  }

  stop(): void {
    void this.#sealing?.then(({ agreement }) => agreement.stop());
    this.#worker?.close();
  }

  // ------------------------------------------------------------ chat

  async sealChat(text: string, nonce: string): Promise<string> {
    const sealing = await (this.#sealing ?? this.#first);
    await sealing?.agreement.activate(true);
    const sealed = await sealing?.chat.seal(text, nonce);
    if (!sealed) throw new Refusal("internal");
    if (!this.#active) void sealing?.agreement.activate(false);
    return sealed;
  }

  /** The text of a message of somebody else, once its key is there; null when it will not be read. */
  openChat(message: ChatMessage): Promise<string | null> {
    let text = this.#texts.get(message.id);
    if (!text) {
      text = this.#open(message);
      this.#texts.set(message.id, text);
    }
    return text;
  }

  async #open(message: ChatMessage): Promise<string | null> {
    const sealing = await (this.#sealing ?? this.#first);
    if (!sealing || message.sent_at_ms < sealing.joinedAtMs) return null;
    const { agreement, chat } = sealing;
    return new Promise((resolve) => {
      const tryNow = async (): Promise<void> => {
        await agreement.settled();
        const read = await chat.open(message);
        if (read.kind === "missing") {
          agreement.missing(read.kid);
          return;
        }
        done(read.kind === "read" ? read.text : null);
      };
      const again = (): void => void tryNow();
      const cancel = this.deps.clock.after(KEY_WAIT_MS, () => done(null));
      const done = (text: string | null): void => {
        cancel();
        this.#waiting.delete(again);
        resolve(text);
      };
      this.#waiting.add(again);
      again();
    });
  }

  // ------------------------------------------------------------ inside

  async #take(
    former: Promise<Sealing> | null,
    me: string,
    room: RoomView,
    resumed: boolean,
  ): Promise<Sealing> {
    const kept = await former;
    if (kept && resumed && kept.participantId === me) {
      kept.agreement.resume(this.#participants);
      return kept;
    }
    kept?.agreement.stop();
    const device = await DeviceKey.make();
    const chat = new ChatCipher(room.id, me);
    const { port, clock, log } = this.deps;
    const sink = both(this.#worker, chat);
    const agreement = new KeyAgreement({ roomId: room.id, me, device, port, sink, clock, log });
    agreement.devices.subscribe(() => this.#renewPhrase(room.id, agreement));
    agreement.follow(this.#participants);
    if (this.#active) void agreement.activate(true);
    this.#renewPhrase(room.id, agreement);
    return { participantId: me, agreement, chat, joinedAtMs: this.#participants[me]?.joined_at_ms ?? 0 };
  }

  #renewPhrase(roomId: string, agreement: KeyAgreement): void {
    const number = ++this.#phrase;
    const devices = agreement.devices.get();
    this.status.set({ state: "on", phrase: null, devices: devices.length });
    this.deps.clock.after(PHRASE_AFTER_MS, () => {
      if (number !== this.#phrase) return;
      phraseOf(roomId, devices).then(
        (phrase) => {
          if (number === this.#phrase) this.status.set({ state: "on", phrase, devices: devices.length });
        },
        (cause: unknown) => this.deps.log("phrase", cause),
      );
    });
  }
}

function mediaOf(source: Source): MediaKind {
  return source === "camera" || source === "screen" ? "video" : "audio";
}

function both(worker: FrameWorker | null, chat: ChatCipher): KeySink {
  return {
    own: (sender, key) => {
      worker?.own(sender, key);
      chat.own(sender, key);
    },
    add: (sender, key, participantId) => {
      worker?.add(sender, key);
      chat.add(sender, key, participantId);
    },
    forget: (sender) => worker?.forget(sender),
  };
}
