import { describe, expect, it } from "vitest";
import { decodeKeyframe, encodeKeyframe, shrink, THUMB_HEIGHT, THUMB_WIDTH } from "../../ar";
import { identity, projectX, projectY, type Homography } from "../../ar/homography";
import { Scene, shifted } from "../../ar/synthetic";
import { fitKeyframe, KEYFRAME_MAX_BYTES, packKeyframe } from "./keyframe-fit";
import type { MarkPose } from "./poses";
import { Sticking } from "./sticking";

const [W, H] = [240, 180];
const SIZE = { width: W, height: H };
/** The expert sees the camera's full picture, three times as large. */
const SHOWN = { width: 3 * W, height: 3 * H };

function camera(k: number): Homography {
  return shifted(9 * Math.sin(k / 6), 6 * Math.sin(k / 9));
}

/** Plays frames of a scene; poses of frame k by its own truth. */
function film(scene: Scene): (sticking: Sticking, from: number, to: number) => MarkPose[] {
  return (sticking, from, to) => {
    let poses: MarkPose[] = [];
    for (let k = from; k < to; k++)
      poses = sticking.step(scene.render(W, H, camera(k)), 90 * 33 * k, 33 * k, 1_000);
    return poses;
  };
}

function thumbOf(gray: Uint8Array): Uint8Array {
  const out = new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT);
  shrink(gray, W, H, out);
  return out;
}

/** How far, in the camera's working pixels, a mark drawn at (x, y) of frame `drawn` is from where it belongs in `now`. */
function miss(pose: MarkPose | undefined, x: number, y: number, drawn: number, now: number): number {
  if (!pose?.h) return Infinity;
  const h = Float64Array.from(pose.h);
  const dx = projectX(h, 3 * x, 3 * y) / 3 - x - ((camera(now)[2] ?? 0) - (camera(drawn)[2] ?? 0));
  const dy = projectY(h, 3 * x, 3 * y) / 3 - y - ((camera(now)[5] ?? 0) - (camera(drawn)[5] ?? 0));
  return Math.hypot(dx, dy);
}

function mark(id: string, x: number, y: number) {
  return { id, points: [3 * x, 3 * y, 3 * x + 30, 3 * y], frame: SHOWN };
}

function open(): Sticking {
  return new Sticking(SIZE, { now: () => 0, ringFrames: 24 });
}

describe("marks that stick", { timeout: 30_000 }, () => {
  const play = film(new Scene(51));

  it("land on the present frame though they were drawn on a past one, and stay", () => {
    const sticking = open();
    play(sticking, 0, 30);
    expect(sticking.place(mark("one-mark", 110, 80), 90 * 33 * 18 + 40).placed).toBe("placed");
    for (let k = 30; k < 40; k++) {
      const [pose] = play(sticking, k, k + 1);
      expect(pose?.state).toBe("ok");
      expect(miss(pose, 110, 80, 18, k)).toBeLessThan(0.6);
    }
    sticking.remove("one-mark");
    expect(play(sticking, 40, 41)).toEqual([]);
    expect(sticking.isNeeded).toBe(false);
  });

  it("are had back after they were removed, when their frame is long gone", () => {
    const sticking = open();
    play(sticking, 0, 30);
    const rtp = 90 * 33 * 18;
    expect(sticking.place(mark("one-mark", 110, 80), rtp).placed).toBe("placed");
    play(sticking, 30, 60);
    sticking.remove("one-mark");
    play(sticking, 60, 90);
    expect(sticking.place(mark("one-mark", 60, 80), rtp).placed).toBe("unplaced");
    expect(sticking.place(mark("one-mark", 110, 80), rtp).placed).toBe("placed");
    const [pose] = play(sticking, 90, 100);
    expect(pose?.state).toBe("ok");
    expect(miss(pose, 110, 80, 18, 99)).toBeLessThan(0.6);
  });

  it("are held from the first touch, however long the stroke takes, and by the picture alone", () => {
    const scene = new Scene(51);
    const sticking = open();
    play(sticking, 0, 20);
    const gray = thumbOf(scene.render(W, H, camera(14), 4));
    expect(sticking.hold({ markId: "slow-one", rtpTimestamp: null, gray })).toBe(true);
    play(sticking, 20, 50);
    expect(sticking.place(mark("slow-one", 110, 80), null).placed).toBe("placed");
    const [pose] = play(sticking, 50, 52);
    expect(pose?.state).toBe("ok");
    expect(miss(pose, 110, 80, 14, 51)).toBeLessThan(0.6);
  });

  it("share one picture when they were drawn on one frame, each with its own place", () => {
    const sticking = open();
    play(sticking, 0, 20);
    for (const [k, id] of ["mark-aaa", "mark-bbb", "mark-ccc"].entries())
      expect(sticking.place(mark(id, 60 + 40 * k, 70), 90 * 33 * 12).placed).toBe("placed");
    expect(sticking.followed).toBe(1);
    const poses = play(sticking, 20, 24);
    expect(poses.map((pose) => pose.id)).toEqual(["mark-aaa", "mark-bbb", "mark-ccc"]);
    poses.forEach((pose, k) => expect(miss(pose, 60 + 40 * k, 70, 12, 23)).toBeLessThan(0.6));
    sticking.remove("mark-bbb");
    expect(play(sticking, 24, 26).map((pose) => pose.id)).toEqual(["mark-aaa", "mark-ccc"]);
  });

  it("are carried along with others when the budget does not reach for all", () => {
    const sticking = new Sticking(SIZE, { now: () => performance.now() });
    const scene = new Scene(51);
    const step = (k: number): MarkPose[] =>
      sticking.step(scene.render(W, H, camera(k)), 90 * 33 * k, 33 * k, 0);
    for (let k = 0; k < 20; k++) step(k);
    for (const [k, id] of ["mark-aaa", "mark-bbb", "mark-ccc"].entries())
      sticking.place(mark(id, 60 + 40 * k, 70), 90 * 33 * (10 + k));
    for (let k = 20; k < 34; k++) {
      const poses = step(k);
      if (k > 25)
        poses.forEach((pose, n) => expect(miss(pose, 60 + 40 * n, 70, 10 + n, k), pose.id).toBeLessThan(1));
    }
  });

  it("are not placed by guess", () => {
    const sticking = open();
    play(sticking, 0, 20);
    expect(sticking.place(mark("unknown-1", 100, 80), 12_345_678).placed).toBe("unplaced");
    expect(sticking.place(mark("unknown-2", 100, 80), null).placed).toBe("unplaced");
    const other = thumbOf(new Scene(8).render(W, H, identity()));
    expect(sticking.hold({ markId: "unknown-3", rtpTimestamp: 90 * 33 * 12, gray: other })).toBe(false);
    expect(sticking.isNeeded).toBe(false);
  });

  it("are lost when they are covered, and come back", () => {
    const sticking = open();
    play(sticking, 0, 20);
    sticking.place(mark("one-mark", 110, 80), 90 * 33 * 12);
    play(sticking, 20, 24);
    let poses = film(new Scene(9))(sticking, 24, 38);
    expect(poses.map((pose) => [pose.state, pose.h])).toEqual([["lost", null]]);
    poses = play(sticking, 38, 46);
    expect(poses[0]?.state).toBe("ok");
    expect(miss(poses[0], 110, 80, 12, 45)).toBeLessThan(0.6);
  });

  it("are found again by what was kept of them, in a camera of another size too", () => {
    const before = open();
    play(before, 0, 20);
    before.place(mark("one-mark", 110, 80), 90 * 33 * 12);
    play(before, 20, 30);
    const [kept] = before.store();
    if (!kept) throw new Error("nothing was kept");
    const bytes = encodeKeyframe(packKeyframe(kept.keyframe));
    expect(bytes.length).toBeLessThan(KEYFRAME_MAX_BYTES);
    const stored = decodeKeyframe(bytes);
    if (!stored) throw new Error("it cannot be read");

    const after = open();
    expect(after.restore("of-yesterday", stored, kept.marks)).toBe(true);
    expect(after.restore("of-yesterday", stored, kept.marks)).toBe(false);
    const [pose] = play(after, 40, 48);
    expect(pose?.state).toBe("ok");
    expect(miss(pose, 110, 80, 12, 47)).toBeLessThan(1.5);
  });

  it("land where they belong when they were drawn on a still that was shown long ago", () => {
    const sticking = open();
    play(sticking, 0, 5);
    sticking.keep(777, 33 * 3);
    sticking.keep(778, null);
    play(sticking, 5, 40);
    expect(sticking.place(mark("on-still", 110, 80), 777).placed).toBe("placed");
    const [pose] = play(sticking, 40, 46);
    expect(pose?.state).toBe("ok");
    expect(miss(pose, 110, 80, 3, 45)).toBeLessThan(0.6);
    expect(sticking.place(mark("on-newest", 110, 80), 778).placed).toBe("placed");
    const newest = play(sticking, 46, 52).find(({ id }) => id === "on-newest");
    expect(miss(newest, 110, 80, 4, 51)).toBeLessThan(0.6);
  });

  it("are looked for anew when the camera is turned", () => {
    const scene = new Scene(51);
    const sticking = open();
    play(sticking, 0, 20);
    sticking.place(mark("one-mark", 110, 80), 90 * 33 * 12);
    play(sticking, 20, 30);
    sticking.resize({ width: H, height: W });
    // Upright, the frame shows 30 pixels less on either side and 30 more above and below.
    const upright = (k: number): Homography => shifted((camera(k)[2] ?? 0) - 30, (camera(k)[5] ?? 0) + 30);
    let poses: MarkPose[] = [];
    for (let k = 30; k < 50; k++) poses = sticking.step(scene.render(H, W, upright(k)), -1, 33 * k, 1_000);
    const [pose] = poses;
    expect(pose?.state).toBe("ok");
    const h = Float64Array.from(pose?.h ?? identity());
    const x = (projectX(h, 330, 240) / SHOWN.width) * H;
    const y = (projectY(h, 330, 240) / SHOWN.height) * W;
    expect(
      Math.hypot(
        x - 110 + 30 - 9 * (Math.sin(49 / 6) - Math.sin(2)),
        y - 80 - 30 - 6 * (Math.sin(49 / 9) - Math.sin(12 / 9)),
      ),
    ).toBeLessThan(1.5);
  });

  it("are bounded: few are followed at a time, the rest wait their turn", () => {
    const sticking = open();
    play(sticking, 0, 40);
    for (let k = 0; k < 9; k++) sticking.place(mark(`mark-${k}-xx`, 60 + 10 * k, 70), 90 * 33 * (20 + k));
    expect(sticking.followed).toBe(6);
    expect(play(sticking, 40, 41)).toHaveLength(9);
    expect(play(sticking, 41, 44).filter((pose) => pose.state === "ok").length).toBeGreaterThanOrEqual(5);
  });
});

describe("a keyframe of another size", () => {
  it("keeps its place when it is fitted there and back", () => {
    const gray = new Scene(3).render(W, H, identity(), 0);
    const keyframe = { ...SIZE, views: [{ gray, points: Float32Array.of(100, 60), fromKey: identity() }] };
    const large = fitKeyframe(packKeyframe(keyframe), SIZE);
    expect([large.width, large.height]).toEqual([W, H]);
    expect(large.views[0]?.points[0]).toBeCloseTo(100, 4);
    let difference = 0;
    large.views[0]?.gray.forEach((value, k) => (difference += Math.abs(value - (gray[k] ?? 0))));
    expect(difference / gray.length).toBeLessThan(4);
  });
});
