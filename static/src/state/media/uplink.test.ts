import { describe, expect, it } from "vitest";
import { EVERYTHING, Uplink } from "./uplink";

const LOOK_MS = 150;

/** A line that is looked at as the pulse does. */
class Line {
  readonly uplink = new Uplink();
  nowMs = 0;
  readonly seen: string[] = [];

  carries(bps: number | null, seconds: number, isBehind = false): this {
    for (const endMs = this.nowMs + seconds * 1_000; this.nowMs < endMs; this.nowMs += LOOK_MS)
      if (this.uplink.feel(this.nowMs, bps, isBehind)) {
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

  it("comes back at once, the largest tried beside the one that is sure", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1).carries(3e6, 10);
    expect(line.seen).toEqual(["0", "0+2", "2"]);
    expect(line.uplink.carried).toEqual(EVERYTHING);
  });

  it("is tried seldom where it stays narrow, and nothing is given up for it", () => {
    const line = new Line().carries(2e6, 10).carries(320_000, 60);
    expect(new Set(line.seen)).toEqual(new Set(["0", "0+2"]));
    expect(line.seen.filter((one) => one === "0+2").length).toBeLessThan(7);
    line.seen.length = 0;
    line.carries(320_000, 300);
    expect(line.seen.filter((one) => one === "0+2").length).toBeGreaterThan(20); // but it never gives up
  });

  it("is tried sooner once the estimate grows by itself, and has left what is sent behind", () => {
    const tried = (bps: number): boolean => {
      const line = new Line().carries(2e6, 10).carries(300_000, 20);
      while (line.seen.at(-1) !== "0+2") line.carries(300_000, LOOK_MS / 1_000);
      line.carries(210_000, 3);
      line.seen.length = 0;
      return line.carries(bps, 5).seen.includes("0+2");
    };
    expect(tried(350_000)).toBe(true);
    expect(tried(220_000)).toBe(false); // it has not grown
    expect(tried(310_000)).toBe(false); // what is sent fills it
  });

  it("stays at a middle that pays, until it sinks again", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1).carries(600_000, 40);
    expect(line.uplink.carried.sure).toBe(1);
    line.carries(200_000, 1);
    expect(line.uplink.carried).toEqual({ highest: 0, sure: 0 });
  });

  it("is the next size when the encoder of a larger one leaves most pictures out for want of bits", () => {
    const line = new Line().carries(2e6, 10).carries(1e6, LOOK_MS / 1_000, true);
    expect(line.seen).toEqual(["1"]);
    line.carries(1.1e6, 20);
    expect(line.seen).toEqual(["1"]); // as much as was too little is not tried again
    line.carries(1.4e6, 10);
    expect(line.seen).toEqual(["1", "1+2", "2"]);
  });

  it("forgets after a while that it was too little", () => {
    const line = new Line()
      .carries(2e6, 10)
      .carries(1e6, LOOK_MS / 1_000, true)
      .carries(1e6, 40);
    expect(line.seen).toEqual(["1", "1+2", "2"]);
  });

  it("is not the reason where there are bits enough", () => {
    expect(new Line().carries(3e6, 20, true).seen).toEqual([]);
  });

  it("is not known of another connection", () => {
    const line = new Line().carries(2e6, 10).carries(300_000, 1);
    line.uplink.reset();
    expect(line.uplink.carried).toEqual(EVERYTHING);
    line.seen.length = 0;
    expect(line.carries(300_000, 2).carries(2e6, 10).seen).toEqual([]);
  });
});
