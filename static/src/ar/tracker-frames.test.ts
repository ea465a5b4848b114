import { describe, expect, it } from "vitest";
import { type Homography, multiply, projectX, projectY } from "./homography";
import { lampAt, Panel } from "./panel";
import { Scene, shifted } from "./synthetic";
import { createTracker, type Tracker } from "./tracker";

/** The scene is some 440 pixels wide: as large as the frame, and swaying with it. */
function view(width: number, k: number): Homography {
  const size = width / 440;
  const a = 0.03 * Math.sin(k / 4);
  const out = Float64Array.of(
    Math.cos(a),
    -Math.sin(a),
    0.02 * width * Math.sin(k / 5),
    Math.sin(a),
    Math.cos(a),
    0.015 * width * Math.sin(k / 3),
    0,
    0,
    1,
  );
  multiply(out, Float64Array.of(size, 0, 0, 0, size, 0, 0, 0, 1), out);
  return out;
}

function miss(points: Float32Array, from: Homography, to: Homography, x: number, y: number): number {
  // `from` and `to` are a turn, a size and a shift: undone by hand.
  const [a, b] = [from[0] ?? 1, from[3] ?? 0];
  const det = a * a + b * b;
  const [dx, dy] = [x - (from[2] ?? 0), y - (from[5] ?? 0)];
  const [u, v] = [(a * dx + b * dy) / det, (a * dy - b * dx) / det];
  return Math.hypot((points[0] ?? NaN) - projectX(to, u, v), (points[1] ?? NaN) - projectY(to, u, v));
}

describe("frames of any size", { timeout: 60_000 }, () => {
  it.each([
    [320, 240],
    [640, 480],
    [641, 479],
    [480, 640],
    [133, 97],
    [1280, 720],
  ])("%d x %d: a mark is followed, the same way twice", (width, height) => {
    const scene = new Scene(31);
    const frames = Array.from({ length: 7 }, (_, k) => scene.render(width, height, view(width, k)));
    const [x, y] = [0.52 * width, 0.45 * height];
    const run = (): string[] => {
      const tracker = createTracker(width, height);
      expect(tracker.setKeyframe(frames[0] ?? new Uint8Array(0), Float32Array.of(x, y))).toBe(true);
      return frames.map((frame, k) => {
        const { state, points } = tracker.track(frame);
        expect(miss(points, view(width, 0), view(width, k), x, y)).toBeLessThan(Math.max(0.5, width / 900));
        if (k > 2) expect(state).toBe("ok");
        return `${state} ${points.join(" ")}`;
      });
    };
    expect(run()).toEqual(run());
  });

  it("marks at the very border are followed or not shown, never shown elsewhere", () => {
    const [width, height] = [320, 240];
    const scene = new Scene(31);
    const frames = Array.from({ length: 12 }, (_, k) => scene.render(width, height, view(width, k)));
    for (const [x, y] of [
      [0, 0],
      [319, 239],
      [160, 1],
      [2, 120],
    ] as const) {
      const tracker = createTracker(width, height);
      expect(tracker.setKeyframe(frames[0] ?? new Uint8Array(0), Float32Array.of(x, y))).toBe(true);
      for (const [k, frame] of frames.entries()) {
        const { state, points, H } = tracker.track(frame);
        if (state === "lost") continue;
        expect(miss(points, view(width, 0), view(width, k), x, y)).toBeLessThan(3);
        expect(H?.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it("a keyframe without texture is refused, and nothing is tracked then", () => {
    const [width, height] = [321, 241];
    const size = width * height;
    let seed = 1;
    const noise = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 4294967296;
    const pictures = [
      new Uint8Array(size),
      new Uint8Array(size).fill(255),
      Uint8Array.from({ length: size }, (_, k) => ((k % width) * 200) / width + 20),
      Uint8Array.from({ length: size }, () => 128 + 6 * (noise() - 0.5)),
    ];
    for (const gray of pictures) {
      const tracker = createTracker(width, height);
      expect(tracker.setKeyframe(gray, Float32Array.of(100, 100))).toBe(false);
      const { state, H } = tracker.track(gray);
      expect([state, H]).toEqual(["lost", null]);
    }
  });
});

describe("a panel of equal lamps", { timeout: 60_000 }, () => {
  const [width, height] = [320, 240];
  const [x, y] = lampAt(4, 2);
  const around = (k: number): Homography => shifted(-60 + 2 * Math.sin(k / 4), -30 + 2 * Math.cos(k / 5));

  function leave(): Tracker {
    const panel = new Panel(5);
    const tracker = createTracker(width, height);
    tracker.setKeyframe(panel.render(width, height, around(0)), Float32Array.of(x - 60, y - 28));
    for (let k = 1; k < 12; k++) tracker.track(panel.render(width, height, around(k)));
    for (let k = 0; k < 4; k++)
      expect(tracker.track(new Uint8Array(width * height).fill(120)).state).toBe("lost");
    return tracker;
  }

  it("is found again on the right lamp, by its small print", () => {
    const panel = new Panel(5);
    const tracker = leave();
    // Another stance: two lamps to the left and turned a little.
    const at = Float64Array.of(0.995, -0.1, -110, 0.1, 0.995, -50, 0, 0, 1);
    let found = -1;
    for (let k = 0; k < 20 && found < 0; k++) {
      const { state, points } = tracker.track(panel.render(width, height, at));
      if (state === "lost") continue;
      expect(
        Math.hypot((points[0] ?? 0) - projectX(at, x, y), (points[1] ?? 0) - projectY(at, x, y)),
      ).toBeLessThan(3);
      if (state === "ok") found = k;
    }
    expect(found).toBeGreaterThanOrEqual(0);
  });

  it("is not found on another panel with the same lamps", () => {
    const other = new Panel(6);
    const tracker = leave();
    for (let k = 0; k < 16; k++)
      expect(tracker.track(other.render(width, height, around(k))).state).toBe("lost");
  });
});
