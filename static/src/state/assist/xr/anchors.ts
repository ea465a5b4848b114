import {
  after,
  add,
  type Camera,
  faced,
  inverse,
  move,
  place,
  planeMap,
  type Plane,
  type Ray,
  rayThrough,
  seenAt,
  turn,
  type Vector,
} from "./geometry";
import { surfaceAt } from "./depth";
import { kept, type Remembered } from "./history";
import { type Homography, identity, multiply } from "../../../ar/homography";
import type {
  XrAnchor,
  XrFrame,
  XrHit,
  XrHitSource,
  XrMakers,
  XrSession,
  XrSpace,
  XrTransform,
} from "./webxr";

/** Frames that a ray waits for a surface, before the depth of its frame is taken. */
const PATIENCE_FRAMES = 30;
/** Rays that are cast at the same time; the others wait. */
const MOST_RAYS = 4;
const NEAREST_M = 0.05;
const FURTHEST_M = 30;

export type AnchorState = "seeking" | "laid" | "none";

/** Where a mark was drawn: a frame and a place in it (0..1), and how the mark's own frame maps to that one. */
export interface Origin {
  readonly frame: Remembered;
  readonly u: number;
  readonly v: number;
  readonly fromMark: Homography | null;
}

interface Laid {
  /** Both in the anchor's space, or in reference space where the device has no anchors. */
  readonly base: Camera;
  readonly plane: Plane;
  anchor: XrAnchor | null;
  /** The anchor in reference space, as told last. */
  now: ArrayLike<number>;
}

interface Entry {
  readonly base: Camera;
  readonly u: number;
  readonly v: number;
  readonly ray: Ray;
  readonly fromMark: Homography;
  /** By the depth of its frame; for when no ray meets anything. */
  readonly surface: Plane | null;
  source: XrHitSource | null;
  asked: boolean;
  waited: number;
  state: AnchorState;
  laid: Laid | null;
}

const STAYS = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

/** Marks as anchors of the device: their rays are cast from where the camera was, and what they meet is held in space. */
export class Anchors {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly session: Pick<XrSession, "requestHitTestSource">,
    private readonly space: XrSpace,
    private readonly make: XrMakers,
    private readonly log: (what: string, cause: unknown) => void,
  ) {}

  /** Begins anew with the mark's ray from that frame. */
  seek(markId: string, { frame, u, v, fromMark }: Origin): void {
    this.remove(markId);
    this.#entries.set(markId, {
      base: kept(frame),
      u,
      v,
      ray: rayThrough(frame, u, v),
      fromMark: fromMark ?? identity(),
      surface: surfaceAt(frame, u, v),
      source: null,
      asked: false,
      waited: 0,
      state: "seeking",
      laid: null,
    });
  }

  stateOf(markId: string): AnchorState {
    return this.#entries.get(markId)?.state ?? "none";
  }

  /** The mark's ray as it would be cast now: an anchor that was moved takes the place of its camera along. */
  rayOf(markId: string): Ray | null {
    const entry = this.#entries.get(markId);
    return entry ? rayThrough(baseOf(entry), entry.u, entry.v) : null;
  }

  remove(markId: string): void {
    const entry = this.#entries.get(markId);
    if (!entry) return;
    this.#entries.delete(markId);
    this.#stopRay(entry);
    entry.laid?.anchor?.delete();
  }

  /** Every frame of the session: rays that met something become anchors, and anchors tell where they are. */
  update(frame: XrFrame): void {
    let rays = 0;
    for (const [markId, entry] of this.#entries) {
      if (entry.state === "laid") this.#follow(entry, frame);
      else if (entry.state === "seeking" && rays++ < MOST_RAYS) this.#look(markId, entry, frame);
    }
  }

  /** The distance became known in another way: the anchor is laid anew at that place of the ray. */
  relay(markId: string, distance: number, frame: XrFrame): void {
    const entry = this.#entries.get(markId);
    const ray = this.rayOf(markId);
    if (!entry || !ray) return;
    const point = add(ray.origin, ray.direction, distance);
    const normal = entry.laid ? turn(entry.laid.now, entry.laid.plane.normal) : null;
    const base = baseOf(entry);
    entry.laid?.anchor?.delete();
    this.#lay(entry, base, faced(ray, point, normal), frame, null);
  }

  /** From the mark's frame to the frame taken by `camera`, both 0..1; null: not anchored, or behind the camera. */
  mapTo(markId: string, camera: Camera): Homography | null {
    const entry = this.#entries.get(markId);
    const laid = entry?.laid;
    if (!entry || !laid || entry.state !== "laid") return null;
    const here = { ...camera, transform: after(inverse(laid.now), camera.transform) };
    if (!seenAt(here, laid.plane.point)) return null;
    const map = planeMap(laid.base, here, laid.plane);
    if (map) multiply(map, entry.fromMark, map);
    return map;
  }

  close(): void {
    for (const markId of [...this.#entries.keys()]) this.remove(markId);
  }

  // ------------------------------------------------------------ inside

  #look(markId: string, entry: Entry, frame: XrFrame): void {
    entry.waited += 1;
    if (!entry.asked) this.#cast(markId, entry);
    const hit = entry.source ? firstHit(frame, entry.source) : null;
    const pose = hit?.getPose(this.space);
    if (hit && pose) {
      const { matrix } = pose.transform;
      const point = place(matrix);
      const distance = Math.hypot(...add(point, entry.ray.origin, -1));
      if (distance >= NEAREST_M && distance <= FURTHEST_M) {
        // The hit's Y axis is the surface's normal (W3C WebXR Hit Test 5). Its point is put back on the ray.
        const on = add(entry.ray.origin, entry.ray.direction, distance);
        this.#lay(entry, entry.base, faced(entry.ray, on, turn(matrix, [0, 1, 0])), frame, hit);
        return;
      }
    }
    if (entry.waited < PATIENCE_FRAMES) return;
    if (entry.surface) this.#lay(entry, entry.base, entry.surface, frame, null);
    else {
      this.#stopRay(entry);
      entry.state = "none";
    }
  }

  #cast(markId: string, entry: Entry): void {
    entry.asked = true;
    const { origin, direction } = entry.ray;
    const offsetRay = this.make.ray(point4(origin, 1), point4(direction, 0));
    void this.session
      .requestHitTestSource?.({ space: this.space, offsetRay, entityTypes: ["plane", "point"] })
      .then((source) => {
        const isWanted = this.#entries.get(markId) === entry && entry.state === "seeking";
        if (isWanted) entry.source = source;
        else source.cancel();
      })
      .catch((cause: unknown) => this.log("hit test", cause));
  }

  #stopRay(entry: Entry): void {
    try {
      entry.source?.cancel();
    } catch {
      // It ended with its session.
    }
    entry.source = null;
  }

  #lay(
    entry: Entry,
    base: Camera,
    plane: Plane,
    frame: XrFrame,
    hit: { createAnchor?(): Promise<XrAnchor> } | null,
  ): void {
    this.#stopRay(entry);
    const laid: Laid = { base, plane, anchor: null, now: STAYS };
    entry.laid = laid;
    entry.state = "laid";
    const made = hit?.createAnchor
      ? hit.createAnchor()
      : frame.createAnchor?.(this.#at(plane.point), this.space);
    made
      ?.then((anchor) => {
        // Until its first pose is told, the place in reference space is the truth.
        if (entry.laid === laid) laid.anchor = anchor;
        else anchor.delete();
      })
      .catch((cause: unknown) => this.log("anchor", cause));
  }

  #follow(entry: Entry, frame: XrFrame): void {
    const { laid } = entry;
    if (!laid?.anchor) return;
    const pose = frame.getPose(laid.anchor.anchorSpace, this.space);
    if (!pose) return;
    const now = Float64Array.from(pose.transform.matrix);
    if (laid.now !== STAYS) {
      laid.now = now;
      return;
    }
    const back = inverse(now);
    entry.laid = {
      base: { ...laid.base, transform: after(back, laid.base.transform) },
      plane: { point: move(back, laid.plane.point), normal: turn(back, laid.plane.normal) },
      anchor: laid.anchor,
      now,
    };
  }

  #at(point: Vector): XrTransform {
    return this.make.transform(point4(point, 1));
  }
}

function firstHit(frame: XrFrame, source: XrHitSource): XrHit | null {
  try {
    return frame.getHitTestResults(source)[0] ?? null;
  } catch {
    // Asked for since this frame began: there are results from the next one on.
    return null;
  }
}

/** The camera that the mark was drawn by, in reference space as it is now. */
function baseOf({ base, laid }: Entry): Camera {
  return laid ? { ...base, transform: after(laid.now, laid.base.transform) } : base;
}

function point4([x, y, z]: Vector, w: number): { x: number; y: number; z: number; w: number } {
  return { x, y, z, w };
}
