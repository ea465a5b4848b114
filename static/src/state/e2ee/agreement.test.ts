import { describe, expect, it } from "vitest";
import type { KeyEnvelope, Participant } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { Refusal } from "../connection";
import { participant } from "../scripted-server";
import { KeyAgreement, LEAVE_MS, SWITCH_MS, type KeySink } from "./agreement";
import { DeviceKey } from "./device-key";
import { FrameCipher } from "./frames";
import type { GivenKey } from "./sender-key";

const SOUND = Uint8Array.from({ length: 40 }, (_, at) => at);

/** A device in the room, with the cipher that its keys go to. */
class Person implements KeySink {
  readonly cipher = new FrameCipher();
  readonly ownKeys: GivenKey[] = [];
  agreement!: KeyAgreement;

  constructor(
    readonly id: string,
    readonly device: DeviceKey,
  ) {}

  own(sender: number, key: GivenKey): void {
    this.ownKeys.push(key);
    this.cipher.own.use(sender, key.epoch, key.step, key.baseKey);
  }

  add(sender: number, key: GivenKey): void {
    this.cipher.others.add(sender, key.epoch, key.step, key.baseKey);
  }

  forget(sender: number): void {
    this.cipher.others.forget(sender);
  }

  get key(): GivenKey {
    const key = this.ownKeys.at(-1);
    if (!key) throw new Error("no key yet");
    return key;
  }

  async says(): Promise<Uint8Array<ArrayBuffer>> {
    const frame = await this.cipher.seal("audio", SOUND);
    if (!frame) throw new Error("no key yet");
    return frame;
  }

  async hears(frame: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const read = await this.cipher.open("audio", frame, null);
    if (read.kind === "missing") this.agreement.missing(read.kid);
    return read.kind === "read";
  }
}

/** The server as far as keys go: says who is there, and passes envelopes on. */
class Relay {
  readonly clock = new ManualClock();
  readonly people = new Map<string, Person>();
  readonly envelopes: { from: string; envelope: KeyEnvelope }[] = [];
  /** Envelopes to these are lost. */
  readonly deaf = new Set<string>();
  refuses: Refusal | null = null;
  #view: Record<string, Participant> = {};

  async enter(id: string): Promise<Person> {
    const person = new Person(id, await DeviceKey.make());
    this.#view = { ...this.#view, [id]: participant(id) };
    person.agreement = new KeyAgreement({
      roomId: "room",
      me: id,
      device: person.device,
      sink: person,
      clock: this.clock,
      log: () => undefined,
      port: {
        showKey: (public_key) => {
          this.#view = { ...this.#view, [id]: participant(id, { public_key }) };
          this.#tell();
          return Promise.resolve();
        },
        sendKeys: (envelopes) => this.#relay(id, envelopes),
      },
    });
    this.people.set(id, person);
    this.#tell();
    return person;
  }

  /** Somebody of whom no more is wanted than to be there. */
  async seat(id: string): Promise<void> {
    const { publicKey: public_key } = await DeviceKey.make();
    this.#view = { ...this.#view, [id]: participant(id, { public_key }) };
  }

  leave(id: string): void {
    this.people.get(id)?.agreement.stop();
    this.people.delete(id);
    this.#view = Object.fromEntries(Object.entries(this.#view).filter(([other]) => other !== id));
    this.#tell();
  }

  /** Let time and ciphers run until it holds. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 400; turn += 1) {
      if (await holds()) return;
      this.clock.advance(20);
      await new Promise((resolve) => setTimeout(resolve));
    }
    throw new Error("it never held");
  }

  #tell(): void {
    for (const person of this.people.values()) person.agreement.follow(this.#view);
  }

  #relay(from: string, envelopes: readonly KeyEnvelope[]): Promise<void> {
    if (this.refuses) return Promise.reject(this.refuses);
    for (const envelope of envelopes) {
      this.envelopes.push({ from, envelope });
      if (!this.deaf.has(envelope.to)) this.people.get(envelope.to)?.agreement.onKeys(from, envelope.sealed);
    }
    return Promise.resolve();
  }
}

async function threeInARoom(): Promise<{ relay: Relay; ann: Person; bo: Person; cy: Person }> {
  const relay = new Relay();
  const [ann, bo, cy] = [await relay.enter("ann"), await relay.enter("bo"), await relay.enter("cy")];
  await relay.until(async () => {
    const [a, b, c] = [await ann.says(), await bo.says(), await cy.says()].map((frame) => frame);
    return !!a && !!b && !!c && (await bo.hears(a)) && (await cy.hears(b)) && (await ann.hears(c));
  });
  return { relay, ann, bo, cy };
}

describe("keys", () => {
  it("reach everybody who is there", async () => {
    const { relay, ann, bo, cy } = await threeInARoom();
    await relay.until(async () => {
      const frame = await ann.says();
      return (await bo.hears(frame)) && (await cy.hears(frame));
    });
    expect(
      ann.agreement.devices
        .get()
        .map(({ participantId }) => participantId)
        .sort(),
    ).toEqual(["ann", "bo", "cy"]);
  });

  it("are never seen by the server", async () => {
    const { relay, ann } = await threeInARoom();
    const seen = relay.envelopes.map(({ envelope }) => envelope.sealed);
    for (const { baseKey } of ann.ownKeys)
      for (const sealed of seen)
        expect(Buffer.from(sealed, "base64url").includes(Buffer.from(baseKey))).toBe(false);
    for (const sealed of seen) expect(sealed).toMatch(/^[A-Za-z0-9_-]{32,256}$/);
  });

  it("move a step when somebody comes, who cannot read what was before", async () => {
    const { relay, ann, bo } = await threeInARoom();
    const before = await ann.says();
    const formerly = ann.key;
    const dan = await relay.enter("dan");
    await relay.until(async () => dan.hears(await ann.says()));
    expect([ann.key.epoch, ann.key.step > formerly.step]).toEqual([formerly.epoch, true]);
    expect(await dan.hears(before)).toBe(false);
    expect(await bo.hears(await ann.says())).toBe(true);
    // asked for, it is not given either
    for (let asked = 0; asked < 3; asked += 1) {
      relay.clock.advance(3_000);
      expect(await dan.hears(before)).toBe(false);
    }
  });

  it("are new when somebody left, who cannot read what comes", async () => {
    const { relay, ann, bo, cy } = await threeInARoom();
    const formerly = ann.key;
    const startedAt = relay.clock.now();
    relay.leave("cy");
    await relay.until(() => ann.key.epoch !== formerly.epoch);
    expect(relay.clock.now() - startedAt).toBeLessThan(LEAVE_MS + SWITCH_MS + 300);
    const frame = await ann.says();
    expect(await bo.hears(frame)).toBe(true);
    expect(await cy.hears(frame)).toBe(false);
    expect(relay.envelopes.filter(({ envelope }) => envelope.to === "cy").length).toBeLessThan(8);
  });

  it("change once for several who leave together", async () => {
    const { relay, ann } = await threeInARoom();
    const { epoch } = ann.key;
    const before = ann.ownKeys.length;
    relay.leave("bo");
    relay.leave("cy");
    await relay.until(() => ann.key.epoch !== epoch);
    expect(ann.ownKeys.length - before).toBe(1);
  });

  it("are new for a page that was loaded again, as for somebody who left and came", async () => {
    const { relay, ann, bo, cy } = await threeInARoom();
    const { epoch } = ann.key;
    cy.agreement.stop();
    const again = await relay.enter("cy");
    await relay.until(() => ann.key.epoch !== epoch);
    await relay.until(async () => {
      const frame = await ann.says();
      return (await bo.hears(frame)) && (await again.hears(frame));
    });
    expect(await cy.hears(await ann.says())).toBe(false);
  });

  it("are asked for by who missed them", async () => {
    const { relay, ann, bo } = await threeInARoom();
    relay.deaf.add("bo");
    const { epoch } = ann.key;
    relay.leave("cy");
    await relay.until(() => ann.key.epoch !== epoch);
    expect(await bo.hears(await ann.says())).toBe(false);
    relay.deaf.clear();
    await relay.until(async () => bo.hears(await ann.says()));
  });

  it("are given out again when the server was busy", async () => {
    const { relay, ann, bo } = await threeInARoom();
    relay.refuses = new Refusal("rate_limited", 2_000);
    const { epoch } = ann.key;
    relay.leave("cy");
    await relay.until(() => ann.key.epoch !== epoch);
    expect(await bo.hears(await ann.says())).toBe(false);
    relay.refuses = null;
    await relay.until(async () => bo.hears(await ann.says()));
  });

  it("of envelopes that are played again, sent back or passed to another change nothing", async () => {
    const { relay, ann, bo, cy } = await threeInARoom();
    const played = relay.envelopes.splice(0);
    const frames = [await ann.says(), await bo.says()] as const;
    for (const { from, envelope } of played)
      for (const person of [ann, bo, cy]) {
        person.agreement.onKeys(from, envelope.sealed);
        person.agreement.onKeys(envelope.to, envelope.sealed);
      }
    await Promise.all([ann, bo, cy].map(({ agreement }) => agreement.settled()));
    expect(await bo.hears(frames[0])).toBe(true);
    expect(await cy.hears(frames[1])).toBe(true);
    expect(relay.envelopes).toEqual([]);
  });
});

describe("a large room", () => {
  it("gets keys of those who send only", async () => {
    const relay = new Relay();
    for (let number = 0; number < 70; number += 1) await relay.seat(`p${number}`);
    const [ann, bo] = [await relay.enter("ann"), await relay.enter("bo")];
    await relay.until(() => ann.ownKeys.length > 0);
    relay.envelopes.length = 0;
    const { epoch } = ann.key;
    relay.leave("p0");
    await relay.until(() => ann.key.epoch !== epoch);
    expect(relay.envelopes).toEqual([]);
    await Promise.all([ann.agreement.activate(true), relay.until(() => relay.envelopes.length > 0)]);
    expect(relay.envelopes.every(({ from }) => from === "ann")).toBe(true);
    expect(new Set(relay.envelopes.map(({ envelope }) => envelope.to)).size).toBe(70);
    expect(await bo.hears(await ann.says())).toBe(true);
  });
});
