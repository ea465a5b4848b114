import { describe, expect, it } from "vitest";
import { THUMB_HEIGHT, THUMB_WIDTH } from "../../ar";
import { decodePoses, decodeThumb, encodePoses, encodeThumb, type MarkPose } from "./poses";

const H = Float32Array.of(1, 0.5, -3, 0, 1.25, 7, 0, 0, 1);

function pose(id: string, state: MarkPose["state"] = "ok"): MarkPose {
  return { id, state, h: state === "lost" ? null : H };
}

describe("poses on the wire", () => {
  it("come back as they were sent", () => {
    const frame = { rtpTimestamp: 4_000_000_000, poses: [pose("mark-0001"), pose("mark_2", "lost")] };
    expect(encodePoses(frame).map(decodePoses)).toEqual([frame]);
  });

  it("take several messages when they do not fit one packet, and none when there are none", () => {
    const poses = Array.from({ length: 60 }, (_, k) => pose(`mark-${k}`.padEnd(32, "x"), "weak"));
    const messages = encodePoses({ rtpTimestamp: 7, poses });
    expect(messages.length).toBeGreaterThan(3);
    for (const message of messages) expect(message.length).toBeLessThanOrEqual(1_150);
    expect(messages.flatMap((message) => decodePoses(message)?.poses ?? [])).toEqual(poses);
    expect(encodePoses({ rtpTimestamp: 7, poses: [] })).toEqual([]);
  });

  it("are nothing when a byte is missing, too many or wrong", () => {
    const [good] = encodePoses({ rtpTimestamp: 7, poses: [pose("mark-0001")] });
    if (!good) throw new Error("no message");
    for (let length = 0; length < good.length; length++)
      expect(decodePoses(good.subarray(0, length))).toBeNull();
    expect(decodePoses(Uint8Array.of(...good, 0))).toBeNull();
    for (const [at, value] of [
      [5, 0],
      [5, 33],
      [6, 0x20],
      [15, 3],
      [19, 0x7f],
    ] as const) {
      const bad = good.slice();
      bad[at] = value;
      if (at === 19) bad[18] = 0x80; // an infinite coefficient
      expect(decodePoses(bad), `${at}`).toBeNull();
    }
  });
});

describe("thumbnails on the wire", () => {
  const gray = Uint8Array.from({ length: THUMB_WIDTH * THUMB_HEIGHT }, (_, k) => k % 251);

  it("come back with the timestamp, or with none", () => {
    for (const rtpTimestamp of [0xffff_fffe, null]) {
      const thumb = { markId: "mark-0001", rtpTimestamp, gray };
      expect(decodeThumb(encodeThumb(thumb))).toEqual(thumb);
    }
  });

  it("are nothing when they are not exactly that", () => {
    const good = encodeThumb({ markId: "mark-0001", rtpTimestamp: 5, gray });
    expect(decodeThumb(good.subarray(1))).toBeNull();
    expect(decodeThumb(good.subarray(0, -1))).toBeNull();
    expect(decodeThumb(new Uint8Array(0))).toBeNull();
    const bad = good.slice();
    bad[10] = 2;
    expect(decodeThumb(bad)).toBeNull();
    expect(() => encodeThumb({ markId: "a b", rtpTimestamp: 5, gray })).toThrow(RangeError);
  });
});
