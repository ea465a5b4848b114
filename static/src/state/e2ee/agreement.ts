import type { KeyEnvelope, Participant } from "../../protocol.gen";
import { ENVELOPES_MAX } from "../../protocol.gen";
import type { Clock } from "../clock";
import { Refusal } from "../connection";
import { Store } from "../store";
import { bigEndian, join, numberOf, type Bytes } from "./bytes";
import type { DeviceKey, Pair } from "./device-key";
import { fromKid, senderNumber } from "./key-id";
import { BASE_KEY_BYTES } from "./keyring";
import type { Device } from "./phrase";
import { SenderKey, type GivenKey } from "./sender-key";

export interface AgreementPort {
  showKey(publicKey: string): Promise<unknown>;
  sendKeys(envelopes: readonly KeyEnvelope[]): Promise<unknown>;
}

/** Where keys are used. */
export interface KeySink {
  own(sender: number, key: GivenKey): void;
  add(sender: number, key: GivenKey, participantId: string): void;
  forget(sender: number): void;
}

/** Those who come, or leave, within this time are one change. */
export const JOIN_MS = 100;
export const LEAVE_MS = 400;
/** A new key is used this much later than it was given out, so that nobody misses a frame. */
export const SWITCH_MS = 300;
/** A key that is missing may be on its way; then it is asked for, and again. */
export const ASK_AFTER_MS = 600;
const ASK_AGAIN_MS = 2_000;
/** Answers to one device that asks and asks. */
const ANSWER_MS = 500;
const RETRY_MS = 1_000;
/** In a room of more, who sends nothing gives out no key before they do: a change costs senders x people envelopes. */
const EAGER_MAX_PEOPLE = 50;

const enum Kind {
  Key = 1,
  Ask = 2,
}

interface Member {
  readonly id: string;
  readonly publicKey: string;
  /** The name of this very device, as SenderKey knows it. */
  readonly receiver: string;
  readonly ways: Promise<Ways | null>;
  asking: boolean;
  answeredAtMs: number;
}

interface Ways {
  readonly pair: Pair;
  readonly sender: number;
}

/**
 * Who has which key.  Every device gives the key of what it sends to every other, in envelopes that only the two can
 * open, and moves it on when somebody comes or leaves.  The server passes envelopes on and says who is there.
 */
export class KeyAgreement {
  /** Whose keys are in use: this device and the others; what the phrase is made of. */
  readonly devices: Store<readonly Device[]>;
  readonly #key: SenderKey;
  readonly #members = new Map<string, Member>();
  /** Made once for each device, also for one that left and came back: an envelope's number must not be used twice. */
  readonly #ways = new Map<string, Promise<Ways | null>>();
  readonly #bySender = new Map<number, Member>();
  #outgoing: Promise<void> = Promise.resolve();
  #incoming: Promise<void> = Promise.resolve();
  #due: "nothing" | "step" | "renew" = "nothing";
  #switching = false;
  #started = false;
  #active = false;
  #stopped = false;
  #retrying = false;

  constructor(
    private readonly deps: {
      readonly roomId: string;
      readonly me: string;
      readonly device: DeviceKey;
      readonly port: AgreementPort;
      readonly sink: KeySink;
      readonly clock: Clock;
      readonly log: (what: string, cause: unknown) => void;
    },
  ) {
    this.#key = new SenderKey(crypto.getRandomValues(new Uint16Array(1))[0] ?? 0);
    this.devices = new Store<readonly Device[]>([this.#own]);
  }

  /** The room as it is now: at joining, after a resume, and whenever somebody comes, leaves or shows a new key. */
  follow(participants: Readonly<Record<string, Participant>>): void {
    const { me, device } = this.deps;
    const own = participants[me];
    if (own && own.public_key !== device.publicKey && !this.#started) this.show();
    let [came, left] = [false, false];
    for (const member of [...this.#members.values()]) {
      if (participants[member.id]?.public_key === member.publicKey) continue;
      this.#drop(member);
      left = true;
    }
    for (const { id, public_key } of Object.values(participants)) {
      if (id === me || public_key === "" || this.#members.has(id)) continue;
      this.#take(id, public_key);
      came = true;
    }
    if (!this.#started) {
      this.#started = true;
      void this.#enqueue(async () => {
        await this.#use();
        await this.#give();
      });
    } else if (came || left) {
      this.#plan(left ? "renew" : "step");
    }
    if (came || left) this.#showDevices();
  }

  /** The public key of this device, to everybody. */
  show(): void {
    this.deps.port.showKey(this.deps.device.publicKey).catch((cause: unknown) => {
      // Without a line it is shown again when the line is back.
      if (this.#stopped || (cause instanceof Refusal && cause.code === "unavailable")) return;
      this.deps.log("show_key", cause);
      this.deps.clock.after(retryMs(cause), () => !this.#stopped && this.show());
    });
  }

  /** The line is back for the same seat. */
  resume(participants: Readonly<Record<string, Participant>>): void {
    if (participants[this.deps.me]?.public_key !== this.deps.device.publicKey) this.show();
    this.follow(participants);
    void this.#enqueue(() => this.#give());
  }

  /** This device sends, or is about to: its key must be with the others.  Resolves when it was given out. */
  async activate(active: boolean): Promise<void> {
    this.#active = active;
    if (active) await this.#enqueue(() => this.#give());
  }

  onKeys(from: string, sealed: string): void {
    this.#incoming = this.#incoming.then(async () => {
      const member = this.#members.get(from);
      const ways = await member?.ways;
      const message = await ways?.pair.open(sealed);
      if (!member || !ways || message?.length !== MESSAGE_BYTES || this.#members.get(from) !== member) return;
      const [kind, epoch, step] = [message[0], numberOf(message.subarray(1, 3)), message[3] ?? 0];
      if (kind === Kind.Key) {
        this.deps.sink.add(ways.sender, { epoch, step, baseKey: message.slice(4) }, member.id);
      } else if (kind === Kind.Ask) {
        this.#answer(member, epoch);
      }
    });
  }

  /** All keys that have arrived until now are in use. */
  settled(): Promise<void> {
    return this.#incoming;
  }

  /** A frame or message came that is sealed with a key that this device does not have. */
  missing(kid: number): void {
    const { sender, epoch } = fromKid(kid);
    const member = this.#bySender.get(sender);
    if (!member || member.asking) return;
    member.asking = true;
    this.deps.clock.after(ASK_AFTER_MS, () => {
      this.#send([member], () =>
        message(Kind.Ask, { epoch, step: 0, baseKey: new Uint8Array(BASE_KEY_BYTES) }),
      );
      this.deps.clock.after(ASK_AGAIN_MS, () => {
        member.asking = false;
      });
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  // ------------------------------------------------------------ people

  get #own(): Device {
    return { participantId: this.deps.me, publicKey: this.deps.device.publicKey };
  }

  #take(id: string, publicKey: string): void {
    const receiver = `${id} ${publicKey}`;
    let ways = this.#ways.get(receiver);
    if (!ways) {
      ways = this.#waysTo(id, publicKey);
      this.#ways.set(receiver, ways);
    }
    const member: Member = { id, publicKey, receiver, ways, asking: false, answeredAtMs: 0 };
    this.#members.set(id, member);
    void ways.then((found) => {
      if (found && this.#members.get(id) === member) this.#bySender.set(found.sender, member);
    });
  }

  async #waysTo(id: string, publicKey: string): Promise<Ways | null> {
    const { device, roomId, me } = this.deps;
    const found = await device.pairWith(roomId, me, id, publicKey);
    return found && { pair: found.pair, sender: await senderNumber(id, found.publicBytes) };
  }

  #drop(member: Member): void {
    this.#members.delete(member.id);
    void member.ways.then((found) => {
      if (!found || this.#bySender.get(found.sender) !== member) return;
      this.#bySender.delete(found.sender);
      this.deps.sink.forget(found.sender);
    });
  }

  #showDevices(): void {
    const others = [...this.#members.values()].map(({ id, publicKey }) => ({ participantId: id, publicKey }));
    this.devices.set([this.#own, ...others]);
  }

  // ------------------------------------------------------------ the key of this device

  #plan(change: "step" | "renew"): void {
    const planned = this.#due !== "nothing";
    if (this.#due !== "renew") this.#due = change;
    if (planned) return;
    this.deps.clock.after(change === "renew" ? LEAVE_MS : JOIN_MS, () => {
      const due = this.#due;
      this.#due = "nothing";
      void this.#enqueue(() => (due === "renew" ? this.#renew() : this.#step()));
    });
  }

  async #step(): Promise<void> {
    if (!this.#key.isSecret) await this.#key.step();
    if (!this.#switching) await this.#use();
    await this.#give();
  }

  async #renew(): Promise<void> {
    this.#key.renew();
    this.#switching = true;
    this.deps.clock.after(SWITCH_MS, () => {
      this.#switching = false;
      void this.#use();
    });
    await this.#give();
  }

  async #use(): Promise<void> {
    const { me, device, sink } = this.deps;
    const key = this.#key.current;
    const sender = await senderNumber(me, device.publicBytes);
    if (!this.#stopped) sink.own(sender, key);
  }

  /** To all who do not have it yet. */
  async #give(): Promise<void> {
    if (!this.#active && this.#members.size >= EAGER_MAX_PEOPLE) return;
    const key = this.#key.current;
    const lacking = [...this.#members.values()].filter(({ receiver }) => !this.#key.isGivenTo(receiver));
    for (let at = 0; at < lacking.length; at += ENVELOPES_MAX) {
      const some = lacking.slice(at, at + ENVELOPES_MAX);
      try {
        await this.deps.port.sendKeys(await envelopes(some, () => message(Kind.Key, key)));
        for (const { receiver } of some) this.#key.give(receiver, key);
      } catch (cause) {
        this.#giveLater(cause);
        return;
      }
    }
  }

  #giveLater(cause: unknown): void {
    this.deps.log("send_keys", cause);
    if (this.#retrying) return;
    this.#retrying = true;
    this.deps.clock.after(retryMs(cause), () => {
      this.#retrying = false;
      if (!this.#stopped) void this.#enqueue(() => this.#give());
    });
  }

  /** What the other asks for as far as it may have it, and the key that is in use. */
  #answer(member: Member, epoch: number): void {
    const now = this.deps.clock.now();
    if (now - member.answeredAtMs < ANSWER_MS) return;
    member.answeredAtMs = now;
    void this.#enqueue(async () => {
      const { current } = this.#key;
      const asked = this.#key.entitled(member.receiver, epoch);
      this.#key.give(member.receiver, current);
      if (asked && asked.epoch !== current.epoch)
        await this.#sendNow([member], () => message(Kind.Key, asked));
      const key = this.#key.entitled(member.receiver, current.epoch) ?? current;
      await this.#sendNow([member], () => message(Kind.Key, key));
    });
  }

  #send(members: readonly Member[], make: () => Bytes): void {
    void this.#enqueue(() => this.#sendNow(members, make));
  }

  async #sendNow(members: readonly Member[], make: () => Bytes): Promise<void> {
    const present = members.filter((member) => this.#members.get(member.id) === member);
    const sealed = await envelopes(present, make);
    if (sealed.length > 0) await this.deps.port.sendKeys(sealed);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#outgoing = this.#outgoing
      .then(() => (this.#stopped ? undefined : work()))
      .catch((cause: unknown) => this.deps.log("keys", cause));
    return this.#outgoing;
  }
}

/** kind (1), epoch (2), step (1), key (32): the same length whatever it says. */
const MESSAGE_BYTES = 4 + BASE_KEY_BYTES;

function message(kind: Kind, { epoch, step, baseKey }: GivenKey): Bytes {
  return join(Uint8Array.of(kind), bigEndian(epoch, 2), Uint8Array.of(step), baseKey);
}

async function envelopes(members: readonly Member[], make: () => Bytes): Promise<readonly KeyEnvelope[]> {
  const sealed = await Promise.all(
    members.map(async ({ id, ways }) => {
      const found = await ways;
      return found && { to: id, sealed: await found.pair.seal(make()) };
    }),
  );
  return sealed.filter((envelope) => envelope !== null);
}

function retryMs(cause: unknown): number {
  return Math.max(RETRY_MS, cause instanceof Refusal ? cause.retryAfterMs : 0);
}
