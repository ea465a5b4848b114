import { describe, expect, it } from "vitest";
import { EVERYTHING, Uplink } from "./uplink";

const LOOK_MS = 150;

/** A line that is looked at as the pulse does. */
class Line {
  readonly uplink = new Uplink();
  nowMs = 0;
  readonly seen: string[] = [];

  carries(bps: number | null, seconds: number): this {
    for (const endMs = this.nowMs + seconds * 1_000; this.nowMs < endMs; this.nowMs += LOOK_MS)
      if (this.uplink.feel(this.nowMs, bps)) {
        const { highest, sure } = this.uplink.carried;
        this.seen.push(highest === sure ? `${sure}` : `${sure}+${highest}`);
      }
    return this;
  }
}

describe("what a line out carries", () => {
  it("is everything on a good one, on a young one, and where the browser says nothing", () => {
    expect(new Line().carries(3e6, 60).seen).toEqual([]);
    expect(new Line().carries(300_000, 2.5).carries(2e6, 60).seen).toEqual([]);
    const silent = new Line().carries(null, 60);
    expect([silent.seen, silent.uplink.carried]).toEqual([[], EVERYTHING]);
  });

  it("is the lowest encoding as soon as it sinks", () => {
    const line = new Line().carries(2e6, 10);
    expect(line.carries(550_000, LOOK_MS / 1_000).seen).toEqual(["0"]);
  });

  it("comes back step by step, each tried beside the one that is sure", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1).carries(3e6, 10);
    expect(line.seen).toEqual(["0", "0+1", "1", "1+2", "2"]);
    expect(line.uplink.carried).toEqual(EVERYTHING);
  });

  it("is tried more and more seldom where it stays narrow, and nothing is given up for it", () => {
    const line = new Line().carries(2e6, 10).carries(320_000, 60);
    expect(new Set(line.seen)).toEqual(new Set(["0", "0+1"]));
    expect(line.seen.filter((one) => one === "0+1").length).toBeLessThan(8);
    line.seen.length = 0;
    line.carries(320_000, 300);
    expect(line.seen.filter((one) => one === "0+1").length).toBeGreaterThan(4); // but it never gives up
  });

  it("stays at a middle that pays, until it sinks again", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1).carries(600_000, 40);
    expect(line.uplink.carried.sure).toBe(1);
    line.carries(200_000, 1);
    expect(line.uplink.carried).toEqual({ highest: 0, sure: 0 });
  });

  it("is not known of another connection", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1);
    line.uplink.reset();
    expect(line.uplink.carried).toEqual(EVERYTHING);
    line.seen.length = 0;
    expect(line.carries(300_000, 2).carries(2e6, 10).seen).toEqual([]);
  });
});
