import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock";
import { decodeStill, encodeStill, jpegSize, StillsFeed } from "./stills-feed";

/** Start of image, an application segment, a frame header of 640 x 360. */
const JPEG = Uint8Array.of(
  ...[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8, 0x01, 0x68, 0x02, 0x80, 1, 1, 0x11, 0],
);

describe("stills on the wire", () => {
  it("come back as they were sent", () => {
    const still = { rtpTimestamp: 4_000_000_000, width: 640, height: 360, jpeg: JPEG };
    expect(decodeStill(encodeStill(still))).toEqual(still);
    expect(jpegSize(JPEG)).toEqual({ width: 640, height: 360 });
  });

  it("are nothing when they are no JPEG or have no size", () => {
    const good = encodeStill({ rtpTimestamp: 1, width: 640, height: 360, jpeg: JPEG });
    for (let length = 0; length < 12; length++) expect(decodeStill(good.subarray(0, length))).toBeNull();
    expect(decodeStill(encodeStill({ rtpTimestamp: 1, width: 0, height: 360, jpeg: JPEG }))).toBeNull();
    expect(decodeStill(new Uint8Array(40))).toBeNull();
    expect(jpegSize(JPEG.subarray(0, 10))).toBeNull();
    expect(jpegSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0))).toBeNull();
  });
});

describe("the stills of a narrow line", () => {
  const settle = async (): Promise<void> => {
    for (let k = 0; k < 30; k++) await new Promise((resolve) => queueMicrotask(() => resolve(0)));
    await new Promise((resolve) => setImmediate(resolve));
  };

  it("follow one another, never two at a time, and tell how fast they went", async () => {
    const clock = new ManualClock();
    const sent: number[] = [];
    const qualities: number[] = [];
    const topics: string[] = [];
    const measured: number[] = [];
    let waiting = 0;
    let named = 0;
    const feed = new StillsFeed({
      clock,
      take: async () =>
        Promise.resolve({
          rtpTimestamp: ++named,
          poses: [{ id: "mark-0001", state: "ok", h: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) }],
          encode: async (quality: number) => {
            qualities.push(quality);
            const padding = new Uint8Array(quality > 0.5 ? 30_000 : 0);
            return Promise.resolve(new Blob([JPEG, padding]));
          },
        }),
      send: (topic, bytes) => {
        topics.push(topic);
        if (topic === "pose") return true;
        sent.push(bytes.length);
        waiting = bytes.length;
        return true;
      },
      waiting: () => waiting,
      measured: (bps) => measured.push(bps),
    });
    feed.start();
    feed.start();
    clock.advance(1);
    await settle();
    clock.advance(900);
    expect(sent).toHaveLength(1);
    waiting = 0;
    clock.advance(100);
    expect(measured).toEqual([(29 * 8_000) / 1_000]);
    clock.advance(1_500);
    await settle();
    expect(sent).toHaveLength(2);
    expect(topics).toEqual(["pose", "view", "pose", "view"]);
    expect(qualities).toEqual([0.6, 0.45, 0.6, 0.45]); // 30 kB are more than the line takes in two seconds
    feed.stop();
    clock.advance(60_000);
    await settle();
    expect(sent).toHaveLength(2);
    expect(named).toBe(2);
  });
});
