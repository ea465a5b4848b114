import { describe, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { clearBytes, FrameCipher } from "./frames";
import { fromKid, toKid } from "./key-id";
import { ratchet } from "./keyring";
import { ReplayWindow } from "./replay";

const KEY_FRAME = Uint8Array.from({ length: 400 }, (_, at) => (at * 7) & 0xfe);
const DELTA_FRAME = Uint8Array.from({ length: 100 }, (_, at) => (at * 5) | 1);
const SOUND = Uint8Array.from({ length: 60 }, (_, at) => at + 1);
const KEY = new Uint8Array(32).fill(9);
const SENDER = 0xfedcba98;

async function pair(): Promise<{ sender: FrameCipher; receiver: FrameCipher }> {
  const [sender, receiver] = [new FrameCipher(), new FrameCipher()];
  sender.own.use(SENDER, 4095, 0, KEY);
  receiver.others.add(SENDER, 4095, 0, KEY);
  return Promise.resolve({ sender, receiver });
}

async function sealed(cipher: FrameCipher, media: "audio" | "video", frame: Bytes): Promise<Bytes> {
  const bytes = await cipher.seal(media, frame);
  if (!bytes) throw new Error("there is no key");
  return bytes;
}

describe("key ids", () => {
  it("hold sender, epoch and step, and are exact numbers", () => {
    for (const id of [
      { sender: 0, epoch: 0, step: 0 },
      { sender: 0xffffffff, epoch: 4095, step: 255 },
      { sender: SENDER, epoch: 17, step: 3 },
    ]) {
      expect(Number.isSafeInteger(toKid(id))).toBe(true);
      expect(fromKid(toKid(id))).toEqual(id);
    }
  });
});

describe("frames", () => {
  it("stay readable as far as a forwarder looks, and no further", async () => {
    const { sender } = await pair();
    for (const [media, frame, clear] of [
      ["video", KEY_FRAME, 10],
      ["video", DELTA_FRAME, 3],
      ["audio", SOUND, 1],
    ] as const) {
      expect(clearBytes(media, frame)).toBe(clear);
      const bytes = await sealed(sender, media, frame);
      expect(bytes.slice(0, clear)).toEqual(frame.slice(0, clear));
      const rest = Buffer.from(frame.subarray(clear, clear + 12));
      expect(Buffer.from(bytes).includes(rest)).toBe(false);
    }
  });

  it("come out as they went in", async () => {
    const { sender, receiver } = await pair();
    for (const [media, frame] of [
      ["video", KEY_FRAME],
      ["video", DELTA_FRAME],
      ["audio", SOUND],
      ["audio", SOUND.slice(0, 1)],
      ["video", KEY_FRAME.slice(0, 4)],
    ] as const)
      expect(await receiver.open(media, await sealed(sender, media, frame), SENDER)).toEqual({
        kind: "read",
        frame,
      });
  });

  it("are dropped when a single bit was changed anywhere", async () => {
    const { sender, receiver } = await pair();
    const bytes = await sealed(sender, "audio", SOUND);
    for (let at = 0; at < bytes.length; at += 1) {
      const touched = bytes.slice();
      touched[at] = (touched[at] ?? 0) ^ 0x40;
      expect((await receiver.open("audio", touched, null)).kind).not.toBe("read");
    }
    for (let length = 0; length < bytes.length; length += 1)
      expect((await receiver.open("audio", bytes.slice(0, length), null)).kind).not.toBe("read");
    // none of that kept the genuine one out
    expect((await receiver.open("audio", bytes, null)).kind).toBe("read");
  });

  it("are taken once, in any order", async () => {
    const { sender, receiver } = await pair();
    const all: Bytes[] = [];
    for (let count = 0; count < 20; count += 1) all.push(await sealed(sender, "audio", SOUND));
    for (const bytes of all.toReversed())
      expect((await receiver.open("audio", bytes, null)).kind).toBe("read");
    for (const bytes of all) expect((await receiver.open("audio", bytes, null)).kind).toBe("bad");
    const twice = await sealed(sender, "audio", SOUND);
    const both = await Promise.all([
      receiver.open("audio", twice, null),
      receiver.open("audio", twice, null),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(["bad", "read"]);
  });

  it("of one kind are not taken for the other, nor under another's name", async () => {
    const { sender, receiver } = await pair();
    expect((await receiver.open("video", await sealed(sender, "audio", SOUND), null)).kind).toBe("bad");
    expect((await receiver.open("audio", await sealed(sender, "audio", SOUND), SENDER + 1)).kind).toBe(
      "foreign",
    );
  });

  it("are not sent before there is a key, and not read without one", async () => {
    expect(await new FrameCipher().seal("audio", SOUND)).toBeNull();
    const { sender } = await pair();
    const kid = toKid({ sender: SENDER, epoch: 4095, step: 0 });
    const stranger = new FrameCipher();
    expect(await stranger.open("audio", await sealed(sender, "audio", SOUND), null)).toEqual({
      kind: "missing",
      kid,
    });
    // plain frames of somebody who does not seal are no frames
    expect((await stranger.open("audio", SOUND, null)).kind).not.toBe("read");
  });

  it("never share a counter, also when the same key is given again", async () => {
    const { sender } = await pair();
    const first = await sealed(sender, "audio", SOUND);
    sender.own.use(SENDER, 4095, 0, KEY);
    const second = await sealed(sender, "audio", SOUND);
    expect(second).not.toEqual(first);
  });
});

describe("steps and epochs", () => {
  it("are followed forwards by who has the key, and never backwards", async () => {
    const { sender, receiver } = await pair();
    const before = await sealed(sender, "audio", SOUND);
    const next = await ratchet(await ratchet(KEY));
    sender.own.use(SENDER, 4095, 2, next);
    const after = await sealed(sender, "audio", SOUND);
    const late = new FrameCipher();
    late.others.add(SENDER, 4095, 2, next);
    expect((await late.open("audio", after, null)).kind).toBe("read");
    expect((await late.open("audio", before, null)).kind).toBe("missing");
    expect((await receiver.open("audio", after, null)).kind).toBe("read");
    expect((await receiver.open("audio", before, null)).kind).toBe("read");
  });

  it("need a new key after an epoch, and keep a few of the former", async () => {
    const { sender, receiver } = await pair();
    const before = await sealed(sender, "audio", SOUND);
    const renewed = new Uint8Array(32).fill(4);
    sender.own.use(SENDER, 0, 0, renewed);
    const after = await sealed(sender, "audio", SOUND);
    expect((await receiver.open("audio", after, null)).kind).toBe("missing");
    receiver.others.add(SENDER, 0, 0, renewed);
    expect((await receiver.open("audio", after, null)).kind).toBe("read");
    expect((await receiver.open("audio", before, null)).kind).toBe("read");
    for (let epoch = 1; epoch < 6; epoch += 1) receiver.others.add(SENDER, epoch, 0, renewed);
    expect((await receiver.open("audio", await sealed(sender, "audio", SOUND), null)).kind).toBe("missing");
  });

  it("far ahead in forged headers push nothing out", async () => {
    const { sender, receiver } = await pair();
    const forger = new FrameCipher();
    for (let step = 20; step < 40; step += 1) {
      forger.own.use(SENDER, 4095, step, new Uint8Array(32));
      expect((await receiver.open("audio", await sealed(forger, "audio", SOUND), null)).kind).toBe("bad");
    }
    forger.own.use(SENDER, 4095, 200, new Uint8Array(32));
    expect((await receiver.open("audio", await sealed(forger, "audio", SOUND), null)).kind).toBe("missing");
    expect((await receiver.open("audio", await sealed(sender, "audio", SOUND), null)).kind).toBe("read");
  });

  it("forgotten with the sender", async () => {
    const { sender, receiver } = await pair();
    receiver.others.forget(SENDER);
    expect((await receiver.open("audio", await sealed(sender, "audio", SOUND), null)).kind).toBe("missing");
  });
});

describe("the window of counters", () => {
  it("takes each counter once and nothing that is far behind", () => {
    const window = new ReplayWindow();
    for (const ctr of [0, 5, 3, 4_000, 1]) expect(window.take(ctr)).toBe(true);
    for (const ctr of [0, 5, 3, 4_000, 1]) expect(window.take(ctr)).toBe(false);
    expect(window.take(10_000)).toBe(true);
    expect(window.take(10_000 - 4_096)).toBe(false);
    expect(window.take(10_000 - 4_095)).toBe(true);
    expect(window.take(9_999)).toBe(true);
    expect(window.take(9_999)).toBe(false);
  });
});
