import type { Mark } from "../../../protocol.gen";
import { multiply, projectX, projectY } from "../../../ar/homography";
import type { Clock } from "../../clock";
import type { LocalMedia } from "../../media/local";
import { Store } from "../../store";
import type { OverlayMark } from "../overlay";
import type { MarkPose } from "../poses";
import type { Tracking } from "../tracking";
import type { TrackedFrame } from "../tracking-protocol";
import { Agreement } from "./agreement";
import { Anchors } from "./anchors";
import { distanceAlong, type Ray, rayThrough } from "./geometry";
import { CameraHistory, type Remembered } from "./history";
import type { OpenSurface, XrSurface } from "./surface";
import type { XrDepth, XrFrame, XrMakers, XrSession, XrSpace, XrSystem, XrView } from "./webxr";

/** offered: the phone can, and nobody asked yet. */
export type ArState = "none" | "offered" | "starting" | "running";

/** A session that shows no camera picture for so long is of no use. */
const FIRST_PICTURE_MS = 5_000;
/** The camera has some 30 frames a second; the display may have more. */
const FRAME_LEAST_MS = 25;
/** What the tracker saw of a mark, for solving its distance. */
const SIGHTS_MAX = 60;
/** Frames after which a mark without an anchor gets another try, once it is surely found. */
const AGAIN_FRAMES = 90;
/** dom-overlay: without it nothing of the page would be seen. */
const REQUIRED = ["camera-access", "hit-test", "dom-overlay"] as const;
const OPTIONAL = ["anchors", "depth-sensing"] as const;

export interface ArDeps {
  readonly system: XrSystem | null;
  readonly make: XrMakers;
  readonly openSurface: OpenSurface;
  readonly tracking: Pick<Tracking, "take" | "give" | "announce">;
  readonly local: Pick<LocalMedia, "lend" | "takeBack">;
  /** The room's marks. */
  readonly marks: () => Readonly<Record<string, Mark>>;
  readonly clock: Clock;
  /** Milliseconds since the page was opened. */
  readonly nowMs: () => number;
  readonly log: (what: string, cause: unknown) => void;
}

interface Follower {
  readonly madeAtMs: number;
  readonly agreement: Agreement;
  readonly centre: readonly [number, number];
  readonly sights: Ray[];
  /** As told last: what is drawn between two frames of the tracker. */
  told: MarkPose | null;
  relay: boolean;
  tried: number;
}

interface Running {
  readonly session: XrSession;
  readonly space: XrSpace;
  readonly surface: XrSurface;
  readonly anchors: Anchors;
}

/**
 * WebXR on site, where the phone has it: the session's camera takes the place of the plain one, its pose is kept with every
 * frame, and marks become anchors. Whatever fails or ends leads back to the plain camera.
 */
export class ArMode {
  readonly state = new Store<ArState>("none");
  /** It did not work: shown for a moment. */
  onFailure: () => void = () => undefined;

  readonly #history = new CameraHistory();
  readonly #followers = new Map<string, Follower>();
  #running: Running | null = null;
  #lastMs = -Infinity;
  #hasDepth = true;
  #cancelWait: (() => void) | null = null;
  #closed = false;

  constructor(private readonly deps: ArDeps) {
    void this.#offer();
  }

  /** Must be called by a touch: browsers ask for one. `root` is what is seen over the camera. */
  async start(root: Element): Promise<void> {
    const { system, local, log } = this.deps;
    if (!system || this.state.get() !== "offered") return;
    this.state.set("starting");
    let session: XrSession | null = null;
    try {
      const asked = system.requestSession("immersive-ar", {
        requiredFeatures: REQUIRED,
        optionalFeatures: OPTIONAL,
        domOverlay: { root },
        depthSensing: {
          usagePreference: ["cpu-optimized"],
          dataFormatPreference: ["luminance-alpha", "float32"],
        },
      });
      // The camera cannot be had twice; asked for in the touch itself, let go of while the person is asked.
      local.lend(null);
      session = await asked;
      await this.#open(session);
    } catch (cause) {
      log("immersive-ar", cause);
      this.#end(true);
      await session?.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    const session = this.#running?.session;
    this.#end(false);
    await session?.end().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    void this.stop();
    this.state.set("none");
  }

  /** A mark was looked for in the past: `capturedMs` is the time of the frame that it was drawn on, null where it was not found. */
  placed(mark: Mark, capturedMs: number | null): boolean {
    const running = this.#running;
    const frame = capturedMs === null ? null : this.#history.find(capturedMs);
    if (!running || !frame) return false;
    const { centre } = this.#follower(mark);
    running.anchors.seek(mark.id, { frame, u: centre[0], v: centre[1], fromMark: null });
    return true;
  }

  /** What the tracker says of a frame, with what the device knows of space. */
  correct(frame: TrackedFrame): TrackedFrame {
    const running = this.#running;
    const camera = running ? this.#history.find(frame.capturedMs) : null;
    if (!running || !camera) return frame;
    const marks = this.deps.marks();
    this.#forget(marks, running.anchors);
    const tracked = new Map(frame.poses.map((pose) => [pose.id, pose]));
    const poses = Object.values(marks).flatMap((mark) => {
      const seen = tracked.get(mark.id) ?? null;
      tracked.delete(mark.id);
      if (!seen && running.anchors.stateOf(mark.id) === "none") return [];
      return [this.#agree(running.anchors, mark, seen, camera)];
    });
    return { ...frame, poses: [...poses, ...tracked.values()] };
  }

  // ------------------------------------------------------------ inside

  async #offer(): Promise<void> {
    try {
      const can = (await this.deps.system?.isSessionSupported("immersive-ar")) ?? false;
      if (can && !this.#closed && this.state.get() === "none") this.state.set("offered");
    } catch (cause) {
      this.deps.log("immersive-ar", cause);
    }
  }

  async #open(session: XrSession): Promise<void> {
    const { openSurface, tracking, local, make, log, clock } = this.deps;
    const space = await session.requestReferenceSpace("local");
    const surface = openSurface(session);
    if (this.#closed) {
      surface.close();
      throw new Error("closed meanwhile");
    }
    const running = { session, space, surface, anchors: new Anchors(session, space, make, log) };
    this.#running = running;
    this.#hasDepth = true;
    const ended = (): void => {
      if (this.#running === running) this.#end(false);
    };
    session.addEventListener("end", ended, { once: true });
    tracking.take(surface.track);
    let isFirst = true;
    this.#cancelWait = clock.after(FIRST_PICTURE_MS, () => this.#fail(new Error("no camera picture")));
    const step = (_: number, frame: XrFrame): void => {
      if (this.#running !== running) return;
      session.requestAnimationFrame(step);
      try {
        if (this.#step(running, frame) && isFirst) {
          isFirst = false;
          this.#cancelWait?.();
          local.lend(surface.track);
          this.state.set("running");
        }
      } catch (cause) {
        this.#fail(cause);
      }
    };
    session.requestAnimationFrame(step);
  }

  /** One frame of the session; true when its camera's picture was passed on. */
  #step({ surface, anchors, space }: Running, frame: XrFrame): boolean {
    const { tracking, nowMs } = this.deps;
    const now = nowMs();
    const pose = frame.getViewerPose(space);
    const view = pose?.views.find((other) => other.camera) ?? pose?.views[0];
    let passed = false;
    if (view && now - this.#lastMs >= FRAME_LEAST_MS && surface.publish(view, now)) {
      this.#lastMs = now;
      passed = true;
      tracking.announce(now);
      // A guessed position is none: for such frames the tracker alone decides.
      if (pose && !pose.emulatedPosition) this.#history.push(now, view, this.#depthOf(frame, view));
    }
    const luma = surface.read();
    if (luma) tracking.give(luma.gray, luma.width, luma.height, luma.atMs);
    anchors.update(frame);
    this.#relay(anchors, frame);
    if (view) surface.drawMarks(frame, view, this.#drawn(anchors, view));
    return passed;
  }

  /** Depth is a bonus: browsers throw where it was not granted, or is on the graphics card only. */
  #depthOf(frame: XrFrame, view: XrView): XrDepth | null {
    if (!this.#hasDepth) return null;
    try {
      return frame.getDepthInformation?.(view) ?? null;
    } catch {
      this.#hasDepth = false;
      return null;
    }
  }

  #agree(anchors: Anchors, mark: Mark, seen: MarkPose | null, camera: Remembered): MarkPose {
    const follower = this.#follower(mark);
    const { width, height } = mark.frame;
    const [u, v] = follower.centre;
    const map = seen?.h ? scaled(seen.h, 1 / width, 1 / height) : null;
    const state = seen?.state ?? "lost";
    if (map && state === "ok") {
      follower.sights.push(rayThrough(camera, projectX(map, u, v), projectY(map, u, v)));
      if (follower.sights.length > SIGHTS_MAX) follower.sights.shift();
      if (anchors.stateOf(mark.id) === "none" && follower.tried++ % AGAIN_FRAMES === 0) {
        const [x, y] = [projectX(map, u, v), projectY(map, u, v)];
        if (x > 0 && y > 0 && x < 1 && y < 1)
          anchors.seek(mark.id, { frame: camera, u: x, v: y, fromMark: map.slice() });
      }
    }
    const agreed = follower.agreement.decide(anchors.mapTo(mark.id, camera), { state, map });
    if (agreed.wish === "relay") follower.relay = true;
    if (agreed.wish === "drop") {
      anchors.remove(mark.id);
      follower.agreement.begin();
      follower.tried = 1;
    }
    const told = {
      id: mark.id,
      state: agreed.state,
      h: agreed.map ? Float32Array.from(scaled(agreed.map, width, height)) : null,
    };
    follower.told = told;
    return told;
  }

  /** Distances that were found wrong are solved from what the tracker saw since. */
  #relay(anchors: Anchors, frame: XrFrame): void {
    for (const [markId, follower] of this.#followers) {
      if (!follower.relay) continue;
      follower.relay = false;
      const ray = anchors.rayOf(markId);
      const distance = ray ? distanceAlong(ray, follower.sights) : null;
      if (distance === null) continue;
      anchors.relay(markId, distance, frame);
      follower.agreement.begin();
    }
  }

  /** Where the marks are for the camera as it stands now: anchors as they are, the others as told last. */
  #drawn(anchors: Anchors, view: XrView): OverlayMark[] {
    const camera = { projection: view.projectionMatrix, transform: view.transform.matrix };
    return Object.values(this.deps.marks()).flatMap((mark) => {
      const follower = this.#followers.get(mark.id);
      const told = follower?.told;
      if (!follower || !told || told.state === "lost") return [];
      const anchored = anchors.mapTo(mark.id, camera);
      const h = anchored
        ? Float32Array.from(
            scaled(follower.agreement.corrected(anchored), mark.frame.width, mark.frame.height),
          )
        : told.h;
      return h
        ? [{ mark, h, state: told.state, isSelected: mark.confirmed_at_ms > 0, name: mark.author_name }]
        : [];
    });
  }

  #follower(mark: Mark): Follower {
    const known = this.#followers.get(mark.id);
    if (known?.madeAtMs === mark.made_at_ms) return known;
    const centre = centreOf(mark);
    const follower: Follower = {
      madeAtMs: mark.made_at_ms,
      agreement: new Agreement(centre, mark.frame.width / mark.frame.height),
      centre,
      sights: [],
      told: null,
      relay: false,
      tried: 0,
    };
    this.#followers.set(mark.id, follower);
    return follower;
  }

  #forget(marks: Readonly<Record<string, Mark>>, anchors: Anchors): void {
    for (const markId of this.#followers.keys())
      if (!marks[markId]) {
        this.#followers.delete(markId);
        anchors.remove(markId);
      }
  }

  #fail(cause: unknown): void {
    this.deps.log("immersive-ar", cause);
    const session = this.#running?.session;
    this.#end(true);
    void session?.end().catch(() => undefined);
  }

  /** Back to the plain camera. */
  #end(failed: boolean): void {
    if (this.state.get() === "none" || this.state.get() === "offered") return;
    this.#cancelWait?.();
    this.#cancelWait = null;
    const running = this.#running;
    this.#running = null;
    running?.anchors.close();
    running?.surface.close();
    this.#followers.clear();
    this.deps.tracking.take(null);
    void this.deps.local.takeBack();
    this.state.set(this.#closed ? "none" : "offered");
    if (failed) this.onFailure();
  }
}

/** H of pixels to that of other pixels: `across` and `down` times as many. */
function scaled(h: ArrayLike<number>, across: number, down: number): Float64Array {
  const out = Float64Array.from(h);
  const back = Float64Array.of(1 / across, 0, 0, 0, 1 / down, 0, 0, 0, 1);
  multiply(out, back, out);
  multiply(Float64Array.of(across, 0, 0, 0, down, 0, 0, 0, 1), out, out);
  return out;
}

function centreOf({ points, frame }: Mark): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let k = 0; k + 1 < points.length; k += 2) {
    x += points[k] ?? 0;
    y += points[k + 1] ?? 0;
  }
  const count = Math.max(1, points.length / 2);
  return [x / count / frame.width, y / count / frame.height];
}
