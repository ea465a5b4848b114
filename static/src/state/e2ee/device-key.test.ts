import { describe, expect, it } from "vitest";
import { utf8 } from "./bytes";
import { DeviceKey, type Pair } from "./device-key";

async function pairOf(
  room: string,
  me: DeviceKey,
  mySeat: string,
  other: DeviceKey,
  seat: string,
): Promise<Pair> {
  const paired = await me.pairWith(room, mySeat, seat, other.publicKey);
  if (!paired) throw new Error("no key");
  return paired.pair;
}

describe("envelopes", () => {
  it("are opened by the other device, once, and by nobody else", async () => {
    const [ann, bo, eve] = await Promise.all([DeviceKey.make(), DeviceKey.make(), DeviceKey.make()]);
    const toBo = await pairOf("room", ann, "a", bo, "b");
    const fromAnn = await pairOf("room", bo, "b", ann, "a");
    const envelope = await toBo.seal(utf8("key"));
    // given back to who wrote it, to another device, in another room, under other names
    expect(await toBo.open(envelope)).toBeNull();
    for (const wrong of [
      await pairOf("room", eve, "b", ann, "a"),
      await pairOf("other room", bo, "b", ann, "a"),
      await pairOf("room", bo, "c", ann, "a"),
      await pairOf("room", bo, "b", ann, "c"),
      await pairOf("room", bo, "b", eve, "a"),
    ])
      expect(await wrong.open(envelope)).toBeNull();
    expect(await fromAnn.open(envelope)).toEqual(utf8("key"));
    expect(await fromAnn.open(envelope)).toBeNull();
  });

  it("come in their order or not at all", async () => {
    const [ann, bo] = await Promise.all([DeviceKey.make(), DeviceKey.make()]);
    const toBo = await pairOf("room", ann, "a", bo, "b");
    const fromAnn = await pairOf("room", bo, "b", ann, "a");
    const [first, second, third] = [
      await toBo.seal(utf8("1")),
      await toBo.seal(utf8("2")),
      await toBo.seal(utf8("3")),
    ];
    expect(await fromAnn.open(second)).toEqual(utf8("2"));
    expect(await fromAnn.open(first)).toBeNull();
    expect(await fromAnn.open(third)).toEqual(utf8("3"));
  });

  it("that were touched are no envelopes", async () => {
    const [ann, bo] = await Promise.all([DeviceKey.make(), DeviceKey.make()]);
    const envelope = await (await pairOf("room", ann, "a", bo, "b")).seal(utf8("key"));
    const fromAnn = await pairOf("room", bo, "b", ann, "a");
    for (let at = 0; at < envelope.length - 1; at += 1) {
      const touched = envelope.slice(0, at) + (envelope[at] === "A" ? "B" : "A") + envelope.slice(at + 1);
      expect(await fromAnn.open(touched)).toBeNull();
    }
    for (const rubbish of ["", "AAAA", "not base64!", envelope + "A", envelope.slice(1)])
      expect(await fromAnn.open(rubbish)).toBeNull();
    expect(await fromAnn.open(envelope)).toEqual(utf8("key"));
  });
});

describe("the key of a device", () => {
  it("has the form that the server takes", async () => {
    expect((await DeviceKey.make()).publicKey).toMatch(/^B[A-Za-z0-9_-]{86}$/);
  });

  it("pairs with points of the curve only", async () => {
    const device = await DeviceKey.make();
    for (const key of ["", "B" + "A".repeat(86), "not base64!", device.publicKey.slice(0, -1)])
      expect(await device.pairWith("room", "a", "b", key)).toBeNull();
  });
});
