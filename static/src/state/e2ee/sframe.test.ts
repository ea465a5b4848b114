import { describe, expect, it } from "vitest";
import { hkdf, join, utf8, type Bytes } from "./bytes";
import { decodeHeader, deriveKey, deriveKeyBytes, encodeHeader, open, seal } from "./sframe";

const hex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** RFC 9605 appendix C.1: key id, counter, header. */
const HEADERS: readonly [number, number, string][] = [
  [0, 0, "00"],
  [0, 1, "01"],
  [255, 255, "88ffff"],
  [256, 256, "9901000100"],
  [65535, 65536, "9affff010000"],
  [65536, 65535, "a9010000ffff"],
  [16777215, 1, "a1ffffff"],
  [16777216, 4294967295, "bb01000000ffffffff"],
  [4294967295, 4294967296, "bcffffffff0100000000"],
  [1099511627775, 256, "c9ffffffffff0100"],
  [1099511627776, 65535, "d9010000000000ffff"],
  [281474976710655, 281474976710655, "ddffffffffffffffffffffffff"],
  [281474976710656, 0, "e001000000000000"],
];

/** RFC 9605 appendix C.3, the suite AES_128_GCM_SHA256_128. */
const VECTOR = {
  kid: 0x123,
  ctr: 0x4567,
  baseKey: hex("000102030405060708090a0b0c0d0e0f"),
  key: hex("d34f547f4ca4f9a7447006fe7fcbf768"),
  salt: hex("75234edefe07819026751816"),
  metadata: hex("4945544620534672616d65205747"),
  plaintext: hex("64726166742d696574662d736672616d652d656e63"),
  sealed: hex("9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb"),
};

describe("headers", () => {
  it.each(HEADERS)("key id %d and counter %d as in the RFC", (kid, ctr, encoded) => {
    expect(encodeHeader(kid, ctr)).toEqual(hex(encoded));
    expect(decodeHeader(join(hex(encoded), utf8("more")))).toEqual({ kid, ctr, length: encoded.length / 2 });
  });

  it("are refused when they are cut off or beyond what can be counted", () => {
    for (const [, , encoded] of HEADERS) {
      const bytes = hex(encoded);
      for (let length = 0; length < bytes.length; length += 1)
        expect(decodeHeader(bytes.subarray(0, length))).toBeNull();
    }
    expect(decodeHeader(hex("0effffffffffffff"))).toBeNull();
    expect(decodeHeader(hex("ffffffffffffffffffffffffffffffffff"))).toBeNull();
  });
});

describe("the suite AES_128_GCM_SHA256_128", () => {
  it("derives keys as in the RFC", async () => {
    expect(await deriveKeyBytes(VECTOR.baseKey, VECTOR.kid)).toEqual([VECTOR.key, VECTOR.salt]);
  });

  it("seals and opens as in the RFC", async () => {
    const key = await deriveKey(VECTOR.baseKey, VECTOR.kid);
    expect(await seal(key, VECTOR.ctr, VECTOR.metadata, VECTOR.plaintext)).toEqual(VECTOR.sealed);
    const header = decodeHeader(VECTOR.sealed);
    if (!header) throw new Error("no header");
    expect(await open(key, header, VECTOR.metadata, VECTOR.sealed)).toEqual(VECTOR.plaintext);
  });

  it("opens nothing that was touched", async () => {
    const key = await deriveKey(VECTOR.baseKey, VECTOR.kid);
    for (let at = 0; at < VECTOR.sealed.length; at += 1) {
      const touched = VECTOR.sealed.slice();
      touched[at] = (touched[at] ?? 0) ^ 1;
      const header = decodeHeader(touched);
      if (header) expect(await open(key, header, VECTOR.metadata, touched)).toBeNull();
    }
    const header = decodeHeader(VECTOR.sealed);
    if (!header) throw new Error("no header");
    expect(await open(key, header, utf8("other metadata"), VECTOR.sealed)).toBeNull();
    expect(await open(key, header, VECTOR.metadata, VECTOR.sealed.slice(0, 12))).toBeNull();
    const other = await deriveKey(await hkdf(VECTOR.baseKey, utf8("another"), 32), VECTOR.kid);
    expect(await open(other, header, VECTOR.metadata, VECTOR.sealed)).toBeNull();
  });
});
