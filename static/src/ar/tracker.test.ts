import { describe, expect, test } from "vitest";
import { type Homography, identity, projectX, projectY } from "./homography";
import { decodeKeyframe, encodeKeyframe } from "./storage";
import { Scene, shifted } from "./synthetic";
import { createTracker } from "./tracker";

const [W, H] = [240, 180];
const MARK = Float32Array.of(118, 92);

/** A hand-held sway: shift, turn, size and a little slant at frame k. */
function sway(k: number): Homography {
  const a = 0.05 * Math.sin(k / 9);
  const size = 1 + 0.08 * Math.sin(k / 14);
  const [c, s] = [size * Math.cos(a), size * Math.sin(a)];
  const g = 2e-4 * Math.sin(k / 11);
  return Float64Array.of(c, -s, 14 * Math.sin(k / 7), s, c, 9 * Math.sin(k / 5), g, 0, 1);
}

function errorOf(points: Float32Array, h: Homography): number {
  const [x, y] = [MARK[0] ?? 0, MARK[1] ?? 0];
  return Math.hypot((points[0] ?? 0) - projectX(h, x, y), (points[1] ?? 0) - projectY(h, x, y));
}

describe("tracker", { timeout: 60_000 }, () => {
  test("a mark stays on a moving plane to a fraction of a pixel, and H is the plane's map", () => {
    const scene = new Scene(31);
    const tracker = createTracker(W, H);
    expect(tracker.setKeyframe(scene.render(W, H, sway(0)), MARK)).toBe(true);
    for (let k = 1; k < 40; k++) {
      const seen = tracker.track(scene.render(W, H, sway(k)));
      if (k > 1) expect(seen.state).toBe("ok");
      expect(errorOf(seen.points, sway(k))).toBeLessThan(0.5);
      expect(seen.uncertainty).toBeLessThan(1);
      expect(projectX(seen.H ?? identity(), 60, 60)).toBeCloseTo(projectX(sway(k), 60, 60), 0);
    }
  });

  test("new marks of a keyframe go on from where another tracker has it", () => {
    const scene = new Scene(35);
    const first = createTracker(W, H);
    const key = scene.render(W, H, sway(0));
    first.setKeyframe(key, Float32Array.of(60, 60));
    for (let k = 1; k < 12; k++) first.track(scene.render(W, H, sway(k)));
    const now = scene.render(W, H, sway(12));
    const known = first.track(now).H;
    const second = createTracker(W, H);
    expect(second.setKeyframe(key, MARK)).toBe(true);
    second.goOn(now, known ?? identity());
    expect(errorOf(second.track(now).points, sway(12))).toBeLessThan(0.5);
    const seen = second.track(scene.render(W, H, sway(13)));
    expect(seen.state).toBe("ok");
    expect(errorOf(seen.points, sway(13))).toBeLessThan(0.5);
  });

  test("the same frames give the same answers", () => {
    const scene = new Scene(32);
    const frames = Array.from({ length: 8 }, (_, k) => scene.render(W, H, sway(k)));
    const run = (): number[] => {
      const tracker = createTracker(W, H);
      tracker.setKeyframe(frames[0] ?? new Uint8Array(0), MARK);
      return frames.flatMap((f) => [...tracker.track(f).points]);
    };
    expect(run()).toEqual(run());
  });

  test("a picture with nothing in it is refused, so are marks that are none", () => {
    const tracker = createTracker(W, H);
    expect(tracker.setKeyframe(new Uint8Array(W * H).fill(120), MARK)).toBe(false);
    const gray = new Scene(33).render(W, H, identity());
    expect(tracker.setKeyframe(gray, new Float32Array(0))).toBe(false);
    expect(tracker.setKeyframe(gray, Float32Array.of(NaN, 3))).toBe(false);
    expect(tracker.track(gray).state).toBe("lost");
    expect(() => createTracker(10, 10)).toThrow(RangeError);
  });

  test("a mark is hidden when its sight is covered, and found again at another place", () => {
    const scene = new Scene(34);
    const other = new Scene(90);
    const tracker = createTracker(W, H);
    tracker.setKeyframe(scene.render(W, H, identity()), MARK);
    for (let k = 0; k < 4; k++) tracker.track(scene.render(W, H, identity()));
    const states = [];
    for (let k = 0; k < 15; k++) states.push(tracker.track(other.render(W, H, identity())).state);
    expect(states.slice(1)).not.toContain("ok");
    expect(states.at(-1)).toBe("lost");
    const moved = Float64Array.of(0.98, -0.17, 40, 0.17, 0.98, -22, 0, 0, 1);
    let back = tracker.track(scene.render(W, H, moved));
    for (let k = 0; k < 6; k++) back = tracker.track(scene.render(W, H, moved));
    expect(back.state).toBe("ok");
    expect(errorOf(back.points, moved)).toBeLessThan(0.5);
  });

  /** A fingertip on the mark and `radius` pixels around it: smooth, with an edge, the rest of the picture free. */
  function touched(gray: Uint8Array, radius: number): Uint8Array {
    const out = gray.slice();
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const far = Math.hypot(x - (MARK[0] ?? 0), y - (MARK[1] ?? 0));
        if (far < radius) out[y * W + x] = 170 - Math.round(60 * (far / radius) ** 2);
      }
    }
    return out;
  }

  test.each([
    [14, 1],
    [28, 1],
    [60, 1],
    [28, 3],
  ])(
    "a mark of which only the part is covered, %d px around it, is hidden (each %dth frame looked at)",
    (radius, passed) => {
      const scene = new Scene(38);
      const tracker = createTracker(W, H);
      const gray = scene.render(W, H, identity());
      tracker.setKeyframe(gray, MARK);
      for (let k = 0; k < 4; k++) expect(tracker.track(gray, passed).state).toBe(k > 0 ? "ok" : "weak");
      const covered = touched(gray, radius);
      const states = Array.from({ length: 12 }, () => tracker.track(covered, passed).state);
      // Dashed for six frames of the camera, of which a look counts for three at most.
      const dashed = Math.floor(6 / passed);
      expect(states).toEqual([
        ...Array<string>(dashed).fill("weak"),
        ...Array<string>(12 - dashed).fill("lost"),
      ]);
      expect(tracker.track(gray, passed).state).toBe("weak");
      const back = tracker.track(gray, passed);
      expect(back.state).toBe("ok");
      expect(errorOf(back.points, identity())).toBeLessThan(0.5);
    },
  );

  test("a reflection that wanders over the marked part does not hide it while the part shows through", () => {
    const scene = new Scene(39);
    const tracker = createTracker(W, H);
    const gray = scene.render(W, H, identity(), 1, 0.6, 0);
    tracker.setKeyframe(gray, MARK);
    for (let k = 0; k < 40; k++) {
      const shone = gray.map((value, i) => {
        const far2 = ((i % W) - 3 * k - 58) ** 2 + (Math.floor(i / W) - 86) ** 2;
        return Math.min(255, value + Math.round(110 * Math.exp(-far2 / 400)));
      });
      const seen = tracker.track(shone);
      expect(seen.state, `frame ${k}`).not.toBe("lost");
      expect(errorOf(seen.points, identity())).toBeLessThan(3);
    }
  });

  test("a large jump between two frames does not put a mark on the wrong lamp", () => {
    // Equal lamps in rows, told apart by what stands between them.
    const scene = new Scene(35, 350);
    const lamps = (h: Homography): Uint8Array => {
      const gray = scene.render(W, H, h);
      for (let r = 0; r < 4; r++) {
        for (let c = 0; c < 6; c++) {
          const [x, y] = [projectX(h, 20 + 40 * c, 20 + 40 * r), projectY(h, 20 + 40 * c, 20 + 40 * r)];
          for (let v = -9; v <= 9; v++) {
            for (let u = -9; u <= 9; u++) {
              const [px, py] = [Math.round(x) + u, Math.round(y) + v];
              if (u * u + v * v > 81 || px < 0 || py < 0 || px >= W || py >= H) continue;
              gray[py * W + px] = u * u + v * v > 40 ? 30 : 235;
            }
          }
        }
      }
      return gray;
    };
    const tracker = createTracker(W, H);
    const mark = Float32Array.of(100, 100);
    tracker.setKeyframe(lamps(identity()), mark);
    for (let k = 0; k < 3; k++) tracker.track(lamps(identity()));
    for (let k = 0; k < 6; k++) {
      const seen = tracker.track(lamps(shifted(24, 0)));
      if (seen.state === "ok") expect(Math.abs((seen.points[0] ?? 0) - 124)).toBeLessThan(5);
    }
  });

  test("a later session finds the mark from the stored keyframe", () => {
    const scene = new Scene(36);
    const first = createTracker(W, H);
    first.setKeyframe(scene.render(W, H, identity()), MARK);
    const bytes = encodeKeyframe({ width: W, height: H, views: first.views() });
    const stored = decodeKeyframe(bytes);
    expect(stored?.views.length).toBe(1);
    const second = createTracker(W, H);
    expect(second.restore(stored?.views ?? [])).toBe(true);
    const now = Float64Array.of(1.05, 0.1, -20, -0.1, 1.05, 18, 0, 0, 1);
    let seen = second.track(scene.render(W, H, now, 2, 0.8, 10));
    for (let k = 0; k < 5; k++) seen = second.track(scene.render(W, H, now, 2, 0.8, 10));
    expect(seen.state).toBe("ok");
    expect(errorOf(seen.points, now)).toBeLessThan(0.6);
  });

  test("stored bytes that are cut or changed are refused", () => {
    const gray = new Scene(37).render(W, H, identity());
    const bytes = encodeKeyframe({
      width: W,
      height: H,
      views: [{ gray, points: MARK, fromKey: identity() }],
    });
    expect(decodeKeyframe(bytes)).not.toBeNull();
    expect(decodeKeyframe(bytes.slice(0, -1))).toBeNull();
    expect(decodeKeyframe(bytes.slice(0, 7))).toBeNull();
    for (const at of [0, 4, 8, 16, 20]) {
      const changed = bytes.slice();
      changed[at] = 0xff;
      expect(decodeKeyframe(changed)).toBeNull();
    }
    expect(createTracker(320, 240).restore([{ gray, points: MARK, fromKey: identity() }])).toBe(false);
  });
});
