import { describe, expect, it } from "vitest";
import { lumaOfRgba, takeLuma, workingSize } from "./luma";

describe("the working size", () => {
  it("divides by whole steps, keeps the shape and stays under 640 x 480 pixels", () => {
    expect(workingSize(640, 480)).toEqual({ width: 640, height: 480, step: 1, turns: 0 });
    expect(workingSize(1280, 720)).toEqual({ width: 640, height: 360, step: 2, turns: 0 });
    expect(workingSize(720, 1280)).toEqual({ width: 360, height: 640, step: 2, turns: 0 });
    expect(workingSize(1920, 1080)).toEqual({ width: 640, height: 360, step: 3, turns: 0 });
    expect(workingSize(1280, 720, 90)).toEqual({ width: 360, height: 640, step: 2, turns: 1 });
    expect(workingSize(1280, 720, -90)?.turns).toBe(3);
    expect(workingSize(80, 60)).toBeNull();
  });
});

describe("luma", () => {
  const picture = (width: number, height: number): Uint8Array =>
    Uint8Array.from({ length: width * height }, (_, k) => (k % width) + 2 * Math.floor(k / width));

  it("is copied row by row where nothing is to be done, whatever the stride", () => {
    const out = new Uint8Array(100 * 96);
    const padded = new Uint8Array(128 * 96);
    for (let y = 0; y < 96; y++) for (let x = 0; x < 100; x++) padded[y * 128 + x] = x + y;
    takeLuma(padded, 128, { width: 100, height: 96, step: 1, turns: 0 }, out);
    expect(out[0]).toBe(0);
    expect(out[95 * 100 + 99]).toBe(194);
  });

  it("is the mean of each block", () => {
    const out = new Uint8Array(2 * 2);
    takeLuma(picture(4, 4), 4, { width: 2, height: 2, step: 2, turns: 0 }, out);
    expect([...out]).toEqual([2, 4, 6, 8]);
  });

  it("is turned clockwise", () => {
    const plane = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const turned = (turns: 1 | 2 | 3): number[] => {
      const out = new Uint8Array(6);
      const [width, height] = turns === 2 ? [3, 2] : [2, 3];
      takeLuma(plane, 3, { width, height, step: 1, turns }, out);
      return [...out];
    };
    expect(turned(1)).toEqual([4, 1, 5, 2, 6, 3]);
    expect(turned(2)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(turned(3)).toEqual([3, 6, 2, 5, 1, 4]);
  });

  it("of colours weighs green most", () => {
    const out = new Uint8Array(3);
    lumaOfRgba(Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 255, 255, 255, 255, 255), out);
    expect([...out]).toEqual([77, 149, 255]);
  });
});
