import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock";
import { decodeLaser, encodeLaser, LASER_GONE_MS, Lasers } from "./laser";

describe("a laser pointer", () => {
  it("is told by eight bytes and nothing else", () => {
    expect(decodeLaser(encodeLaser({ x: 0.25, y: 1 }))).toEqual({ x: 0.25, y: 1 });
    for (const [x, y] of [
      [-0.1, 0],
      [0, 1.01],
      [NaN, 0],
    ] as const)
      expect(decodeLaser(encodeLaser({ x, y }))).toBeNull();
    expect(decodeLaser(new Uint8Array(7))).toBeNull();
    expect(decodeLaser(new Uint8Array(9))).toBeNull();
  });

  it("is sent at most thirty times a second and shown here at once", () => {
    const clock = new ManualClock();
    const send = vi.fn();
    const lasers = new Lasers(clock, send);
    for (let k = 0; k < 100; k++) {
      lasers.move({ x: k / 100, y: 0.5 });
      clock.advance(10);
    }
    expect(send.mock.calls.length).toBeLessThanOrEqual(30);
    expect(lasers.points.get().get("")?.x).toBeCloseTo(0.99);
  });

  it("is gone when nothing is heard of it, each by itself", () => {
    const clock = new ManualClock();
    const lasers = new Lasers(clock, () => undefined);
    lasers.received(encodeLaser({ x: 0.5, y: 0.5 }), "a");
    clock.advance(LASER_GONE_MS - 100);
    lasers.received(encodeLaser({ x: 0.1, y: 0.1 }), "b");
    clock.advance(100);
    expect([...lasers.points.get().keys()]).toEqual(["b"]);
    for (let k = 0; k < 40; k++) lasers.received(encodeLaser({ x: 0, y: 0 }), `p${k}`);
    expect(lasers.points.get().size).toBe(16);
    lasers.stop();
    expect(lasers.points.get().size).toBe(0);
  });
});
