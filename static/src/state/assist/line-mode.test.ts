import { describe, expect, it } from "vitest";
import { LineMode } from "./line-mode";

function read(line: LineMode, ...kbits: number[]): string[] {
  return kbits.map((value) => line.read({ availableBps: value * 1_000 }));
}

describe("the line's mode", () => {
  it("becomes stills on a line that stays narrow, and video on one that stays wide", () => {
    const line = new LineMode();
    expect(read(line, 900, 120, 100, 160, 90, 80, 70)).toEqual([...Array<string>(6).fill("video"), "stills"]);
    expect(read(line, 200, 400, 400, 250, 400, 400, 400).at(-1)).toBe("video");
  });

  it("tries again later and later", () => {
    const line = new LineMode();
    read(line, 90, 90, 90, 500, 500, 500);
    expect(line.mode).toBe("video");
    read(line, 90, 90, 90);
    expect(read(line, 500, 500, 500, 500, 500).at(-1)).toBe("stills");
    expect(read(line, 500).at(-1)).toBe("video");
  });

  it("is what was chosen until that is taken back", () => {
    const line = new LineMode();
    expect(line.choose("stills")).toBe("stills");
    expect(read(line, 900, 900, 900, 900).at(-1)).toBe("stills");
    expect(line.choose("auto")).toBe("stills");
    expect(read(line, 900, 900, 900).at(-1)).toBe("video");
    expect(line.choose("video")).toBe("video");
    expect(read(line, 50, 50, 50, 50).at(-1)).toBe("video");
    expect(line.read({ availableBps: null })).toBe("video");
  });
});
