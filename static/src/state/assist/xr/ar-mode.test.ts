import { beforeEach, describe, expect, it } from "vitest";
import type { Mark } from "../../../protocol.gen";
import { projectX, projectY } from "../../../ar/homography";
import { Scene } from "../../../ar/synthetic";
import { ManualClock } from "../../clock";
import { Sticking } from "../sticking";
import { tracked } from "../tracked";
import { Tracking, type TrackingWorker } from "../tracking";
import type { FromTracking, ToTracking, TrackedFrame } from "../tracking-protocol";
import { ArMode, type ArDeps } from "./ar-mode";
import { EmulatedPhone, HEIGHT, type Wall, type Walk, WIDTH } from "./emulated-phone";

const WALL: Wall = { middle: [0.05, 1.5, -0.95], yaw: 0.35 };
const SCENE = new Scene(31);
/** What the expert sees: twice as large as what is tracked. */
const SHOWN = { width: 2 * WIDTH, height: 2 * HEIGHT };
/** Pixels of the shown picture. */
const NEAR_PX = 5;
/** The mark is drawn 400 ms behind. */
const BEHIND = 12;

/** All six ways at once, about the wall's middle. */
function walk(k: number): Walk {
  const t = k / 30;
  const turn = (a: number, b: number, c: number): Walk["orientation"] => {
    const length = Math.hypot(a, b, c, 1);
    return [a / length, b / length, c / length, 1 / length];
  };
  return {
    position: [0.16 * Math.sin(1.3 * t), 1.5 + 0.09 * Math.sin(1.9 * t), 0.08 * Math.sin(1.1 * t)],
    orientation: turn(0.04 * Math.sin(1.7 * t), -0.06 * Math.sin(1.2 * t), 0.06 * Math.sin(0.9 * t)),
  };
}

interface Stage {
  readonly phone: EmulatedPhone;
  readonly ar: ArMode;
  readonly clock: ManualClock;
  readonly frames: TrackedFrame[];
  readonly camera: (MediaStreamTrack | null | "own")[];
  readonly failures: string[];
  /** Draws a mark in the middle of the picture of `BEHIND` frames ago. */
  mark(drawnAt: number): Promise<void>;
  play(from: number, to: number): Promise<void>;
  /** Pixels between where the marks are told or drawn and where they belong. */
  miss(h: Float32Array | null | undefined, drawnAt: number, now: number): number;
}

/** The tracker's worker without the thread, and everything else as on the page. */
function setUp(
  scene: Scene | null = SCENE,
  changes: Partial<ArDeps> = {},
  features?: readonly string[],
): Stage {
  const phone = new EmulatedPhone(WALL, scene, features);
  const clock = new ManualClock();
  const sticking = new Sticking({ width: WIDTH, height: HEIGHT }, { now: () => 0, ringFrames: 60 });
  const frames: TrackedFrame[] = [];
  const camera: Stage["camera"] = [];
  const failures: string[] = [];
  const marks: Record<string, Mark> = {};
  let said: FromTracking[] = [];
  const worker: TrackingWorker = {
    onmessage: null,
    terminate: () => undefined,
    postMessage: (message: ToTracking) => {
      if (message.kind === "luma") {
        const { capturedMs, width, height } = message;
        const poses = sticking.step(message.gray, 90 * capturedMs, capturedMs, 1_000);
        said.push({
          kind: "frame",
          picture: null,
          poses,
          rtpTimestamp: 90 * capturedMs,
          capturedMs,
          size: { width, height },
          costMs: 1,
        });
      } else if (message.kind === "place") {
        const placing = sticking.place(message.mark, message.rtpTimestamp);
        said.push({ kind: "placed", markId: message.mark.id, ...placing });
      }
    },
  };
  const tracking = new Tracking({
    access: "canvas",
    createWorker: () => worker,
    createStampsWorker: null,
    clock,
    log: () => undefined,
  });
  const ar = new ArMode({
    system: phone.system,
    make: phone.make,
    openSurface: phone.openSurface,
    tracking,
    local: {
      lend: (track) => {
        camera.push(track);
        tracking.follow(track);
      },
      takeBack: async () => {
        camera.push("own");
        return Promise.resolve();
      },
    },
    marks: () => marks,
    clock,
    nowMs: () => phone.nowMs,
    log: () => undefined,
    ...changes,
  });
  ar.onFailure = () => failures.push("failed");
  tracking.onFrame = (frame) => frames.push(ar.correct(frame));
  const deliver = (): void => {
    for (const data of said.splice(0)) worker.onmessage?.({ data } as MessageEvent<FromTracking>);
    said = [];
  };
  const timeOf = (k: number): number => 1_000 + 33 * (k + 1);
  return {
    phone,
    ar,
    clock,
    frames,
    camera,
    failures,
    play: async (from, to) => {
      for (let k = from; k < to; k++) {
        await phone.frame(walk(k));
        deliver();
      }
    },
    mark: async (drawnAt) => {
      const drawn: Mark = {
        id: "mark-0001",
        author_id: "a",
        author_name: "Li",
        kind: "circle",
        color: "red",
        width: 4,
        points: [SHOWN.width / 2 - 20, SHOWN.height / 2 - 20, SHOWN.width / 2 + 20, SHOWN.height / 2 + 20],
        text: "",
        number: 0,
        frame: { rtp_timestamp: 90 * timeOf(drawnAt), ...SHOWN },
        made_at_ms: 5,
        state: "placing",
        confirmed_at_ms: 0,
        still_id: "",
        region: null,
        earlier_at_ms: 0,
      };
      marks[drawn.id] = drawn;
      const placing = tracking.place(tracked(drawn), drawn.frame.rtp_timestamp);
      deliver();
      const { capturedMs } = await placing;
      expect(capturedMs).toBe(timeOf(drawnAt));
      ar.placed(drawn, capturedMs);
    },
    miss: (h, drawnAt, now) => {
      if (!h) return Infinity;
      // The middle of the picture then, on the wall, and where that is now.
      const [x, y] = onWall(phone, walk(drawnAt), WIDTH / 2, HEIGHT / 2);
      const [u, v] = phone.truth(walk(now), x, y);
      const map = Float64Array.from(h);
      return Math.hypot(
        projectX(map, SHOWN.width / 2, SHOWN.height / 2) - 2 * u,
        projectY(map, SHOWN.width / 2, SHOWN.height / 2) - 2 * v,
      );
    },
  };
}

/** Scene pixels at a place of the picture, by Newton's steps through the truth. */
function onWall(phone: EmulatedPhone, from: Walk, px: number, py: number): readonly [number, number] {
  let [x, y] = [230, 230];
  for (let k = 0; k < 12; k++) {
    const [u, v] = phone.truth(from, x, y);
    const [ux, vx] = phone.truth(from, x + 1, y);
    const [uy, vy] = phone.truth(from, x, y + 1);
    const [a, b, c, d] = [ux - u, uy - u, vx - v, vy - v];
    const det = a * d - b * c;
    x += (d * (px - u) - b * (py - v)) / det;
    y += (a * (py - v) - c * (px - u)) / det;
  }
  return [x, y];
}

async function settled(): Promise<void> {
  for (let k = 0; k < 20; k++) await Promise.resolve();
}

async function begin(stage: Stage): Promise<void> {
  await settled();
  const started = stage.ar.start({} as Element);
  await settled();
  await started;
}

describe("a session in space on an emulated phone", { timeout: 60_000 }, () => {
  let stage: Stage;

  describe("before a wall with texture", () => {
    beforeEach(async () => {
      stage = setUp();
      await begin(stage);
    });

    it("holds a mark drawn 400 ms behind where it belongs while the phone walks in all six ways", async () => {
      await stage.play(0, 20);
      expect(stage.ar.state.get()).toBe("running");
      expect(stage.camera).toEqual([null, stage.phone.track]);
      const drawnAt = 20 - BEHIND;
      await stage.mark(drawnAt);
      stage.frames.length = 0;
      const drawn: number[] = [];
      for (let k = 20; k < 80; k++) {
        await stage.play(k, k + 1);
        const [shown] = stage.phone.drawn;
        if (shown) drawn.push(stage.miss(shown.h, drawnAt, k));
      }
      const told = stage.frames.map(({ capturedMs, poses: [pose] }) => ({
        state: pose?.state,
        miss: stage.miss(pose?.h, drawnAt, Math.round((capturedMs - 1_033) / 33)),
      }));
      expect(drawn.length).toBeGreaterThan(50);
      expect(Math.max(...drawn)).toBeLessThan(NEAR_PX);
      expect(Math.max(...told.map(({ miss }) => miss))).toBeLessThan(NEAR_PX);
      expect(told.slice(8).filter(({ state }) => state === "ok").length).toBeGreaterThan(45);
    });

    it("finds the distance itself where the device met a wall behind the machine", async () => {
      stage.phone.met = { middle: [0.05, 1.5, -1.75], yaw: 0 };
      await stage.play(0, 20);
      const drawnAt = 20 - BEHIND;
      await stage.mark(drawnAt);
      stage.frames.length = 0;
      await stage.play(20, 110);
      const told = stage.frames.map(({ capturedMs, poses: [pose] }) => ({
        state: pose?.state,
        miss: stage.miss(pose?.h, drawnAt, Math.round((capturedMs - 1_033) / 33)),
      }));
      // Never shown as sure in a wrong place, and both agree in the end, the anchor alone included.
      for (const { state, miss } of told)
        if (state === "ok") expect(miss).toBeLessThan(6 * (SHOWN.width / 640) + 2);
      expect(told.at(-1)?.state).toBe("ok");
      for (let k = 110; k < 125; k++) {
        await stage.play(k, k + 1);
        expect(stage.miss(stage.phone.drawn[0]?.h, drawnAt, k)).toBeLessThan(NEAR_PX);
      }
    });

    it("leaves the marks to the tracker where the ray meets nothing", async () => {
      stage.phone.met = null;
      await stage.play(0, 20);
      await stage.mark(8);
      stage.frames.length = 0;
      await stage.play(20, 70);
      const last = stage.frames.at(-1)?.poses[0];
      expect(last?.state).toBe("ok");
      expect(stage.miss(last?.h, 8, 68)).toBeLessThan(NEAR_PX);
    });

    it("goes back to the plain camera when the session ends, and can be begun again", async () => {
      await stage.play(0, 5);
      await stage.phone.session?.end();
      await settled();
      expect(stage.camera.at(-1)).toBe("own");
      expect(stage.ar.state.get()).toBe("offered");
      expect(stage.failures).toEqual([]);
      await begin(stage);
      await stage.play(5, 8);
      expect(stage.ar.state.get()).toBe("running");
    });
  });

  it("shows a mark on bare metal as weak, from the anchor alone, since no picture confirms it", async () => {
    stage = setUp(null);
    await begin(stage);
    await stage.play(0, 20);
    await stage.mark(8);
    stage.frames.length = 0;
    await stage.play(20, 60);
    const poses = stage.frames.slice(6).map(({ capturedMs, poses: [pose] }) => {
      expect(stage.miss(pose?.h, 8, Math.round((capturedMs - 1_033) / 33))).toBeLessThan(NEAR_PX);
      return pose?.state;
    });
    expect(poses.length).toBeGreaterThan(25);
    expect(new Set(poses)).toEqual(new Set(["weak"]));
  });

  it("falls back to the plain camera where the session is refused", async () => {
    // The phone knows immersive-ar, but gives no camera picture.
    stage = setUp(SCENE, {}, ["hit-test", "anchors", "viewer", "local"]);
    await begin(stage);
    expect(stage.camera).toEqual([null, "own"]);
    expect(stage.failures).toEqual(["failed"]);
    expect(stage.ar.state.get()).toBe("offered");
  });

  it("ends a session that shows no picture", async () => {
    stage = setUp();
    stage.phone.hasPicture = false;
    await begin(stage);
    await stage.play(0, 10);
    stage.clock.advance(5_000);
    await settled();
    expect(stage.camera).toEqual([null, "own"]);
    expect(stage.failures).toEqual(["failed"]);
  });

  it("is not offered where there is no immersive-ar, and never begins by itself", async () => {
    stage = setUp(SCENE, { system: null });
    await settled();
    expect(stage.ar.state.get()).toBe("none");
    stage = setUp();
    await settled();
    expect(stage.ar.state.get()).toBe("offered");
    expect(stage.camera).toEqual([]);
  });
});
