/* eslint-disable @typescript-eslint/no-non-null-assertion -- Matrices have their sixteen numbers. */
import { XRDevice, XRRay, XRRigidTransform, XRView, XRWebGLLayer, type XRSession } from "iwer";
import { type Homography, multiply } from "../../../ar/homography";
import { Scene } from "../../../ar/synthetic";
import { after, inverse, type Vector } from "./geometry";
import type { OpenSurface, XrLuma } from "./surface";
import type { XrMakers, XrSystem, XrView } from "./webxr";

/** The camera's picture, pixels; also what the tracker gets. */
export const WIDTH = 240;
export const HEIGHT = 180;
/** Pixels of the scene in a metre of the wall, and the scene's pixel in the wall's middle. */
const SCALE = 300;
const MIDDLE = 230;
const FRAME_MS = 33;

/** A wall in the room: its middle, and how it is turned about its upright axis. */
export interface Wall {
  readonly middle: Vector;
  readonly yaw: number;
}

export interface Walk {
  readonly position: Vector;
  /** x, y, z, w. */
  readonly orientation: readonly [number, number, number, number];
}

/** What Node has not and the emulator asks for: a page, which shows nothing here. */
function setTheStage(): { callbacks: (() => void)[] } {
  const callbacks: (() => void)[] = [];
  const element = () => ({
    dataset: {},
    style: {},
    width: WIDTH,
    height: HEIGHT,
    parentElement: null,
    appendChild: () => undefined,
    removeChild: () => undefined,
  });
  const stage = {
    document: { createElement: element, body: element() },
    window: { innerWidth: WIDTH, innerHeight: HEIGHT, dispatchEvent: () => true },
    navigator: {},
    localStorage: { getItem: () => null, setItem: () => undefined },
    WebGL2RenderingContext: class {
      readonly isEmulated = true;
    },
    DOMPointReadOnly: class {
      constructor(
        readonly x = 0,
        readonly y = 0,
        readonly z = 0,
        readonly w = 1,
      ) {}
    },
    requestAnimationFrame: (call: () => void) => callbacks.push(call),
    cancelAnimationFrame: () => callbacks.splice(0),
  };
  for (const [name, value] of Object.entries(stage))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return { callbacks };
}

/** Of the emulator 2.5: the axis of a ray's matrix, which points the wrong way there (W3C WebXR Hit Test 4.1: z x direction). */
class Ray extends XRRay {
  override get matrix(): Float32Array {
    const { origin, direction: d } = this;
    const across = Math.abs(d.y) < 0.99 ? [0, 1, 0] : [1, 0, 0];
    const back = [-d.x, -d.y, -d.z] as const;
    const side = normal(cross(across as unknown as Vector, back));
    const up = cross(back, side);
    return Float32Array.of(...side, 0, ...up, 0, ...back, 0, origin.x, origin.y, origin.z, 1);
  }
}

/** A phone of the emulator before a textured wall, and the little that the emulator lacks: camera access, and a room. */
export class EmulatedPhone {
  readonly make: XrMakers = {
    ray: (origin, direction) => new Ray(origin, direction),
    transform: ({ x, y, z, w }) => new XRRigidTransform(new DOMPointReadOnly(x, y, z, w)),
  };
  /** What hit tests meet; not what the camera sees, where a test says so. Null: nothing. */
  met: Wall | null;
  hasPicture = true;
  nowMs = 1_000;
  readonly drawn: { id: string; h: Float32Array | null; state: string }[] = [];
  readonly track = { kind: "video", stop: () => undefined } as unknown as MediaStreamTrack;

  readonly #device: XRDevice;
  readonly #callbacks: (() => void)[];
  #given: XrLuma[] = [];
  #now: Walk = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

  constructor(
    readonly wall: Wall,
    private readonly scene: Scene | null,
    features: readonly string[] = ["camera-access", "hit-test", "dom-overlay", "anchors", "viewer", "local"],
  ) {
    this.met = wall;
    this.#callbacks = setTheStage().callbacks;
    this.#device = new XRDevice(
      {
        name: "A phone",
        controllerConfig: undefined,
        supportedSessionModes: ["inline", "immersive-ar"],
        supportedFeatures: [...features],
        supportedFrameRates: [30],
        isSystemKeyboardSupported: false,
        internalNominalFrameRate: 30,
        environmentBlendModes: { "immersive-ar": "alpha-blend" },
        interactionMode: "screen-space",
        userAgent: "",
      } as unknown as ConstructorParameters<typeof XRDevice>[0],
      { ipd: 0, fovy: 1 },
    );
    // The emulator has no camera access: the one adapter is that a view tells its camera's size.
    Object.defineProperty(XRView.prototype, "camera", {
      get: () => (this.hasPicture ? { width: WIDTH, height: HEIGHT } : null),
      configurable: true,
    });
    const met = (ray: Float32Array): Float32Array[] => this.#meet(ray);
    class Room {
      environmentCanvas = { style: {} };
      trackedPlanes = new Set();
      trackedMeshes = new Set();
      render = (): void => undefined;
      computeHitTestResults = met;
    }
    this.#device.installSEM(Room as unknown as Parameters<XRDevice["installSEM"]>[0]);
    this.#device.installRuntime({ forceInstall: true });
  }

  get system(): XrSystem {
    return (globalThis.navigator as unknown as { xr: XrSystem }).xr;
  }

  get session(): XRSession | undefined {
    return this.#device.activeSession;
  }

  /** The graphics card's part, in plain arithmetic: the wall as the pose of the frame shows it, told one frame late. */
  openSurface: OpenSurface = (session) => {
    const context = new Proxy(
      {},
      {
        get: (_, name) =>
          name === "canvas"
            ? { width: WIDTH, height: HEIGHT, style: {}, parentElement: null }
            : () => [0, 0, 0, 0],
      },
    );
    const layer = new XRWebGLLayer(
      session as unknown as XRSession,
      context as unknown as WebGL2RenderingContext,
    );
    (session as unknown as XRSession).updateRenderState({ baseLayer: layer });
    return {
      track: this.track,
      publish: (view, atMs) => {
        if (!view.camera) return false;
        this.#given.push({ gray: this.#picture(view), width: WIDTH, height: HEIGHT, atMs });
        return true;
      },
      read: () => (this.#given.length > 1 ? (this.#given.shift() ?? null) : null),
      drawMarks: (_frame, _view, marks) => {
        this.drawn.length = 0;
        for (const { mark, h, state } of marks)
          this.drawn.push({
            id: (mark as { id?: string }).id ?? "",
            h: h ? Float32Array.from(h) : null,
            state,
          });
      },
      close: () => undefined,
    };
  };

  /** The next frame of the session, taken from there. */
  async frame(now: Walk): Promise<void> {
    const { position, orientation } = now;
    this.#now = now;
    this.#device.position.set(...position);
    this.#device.quaternion.set(...orientation);
    this.nowMs += FRAME_MS;
    for (const call of this.#callbacks.splice(0)) call();
    // Hit sources and anchors are promises.
    for (let k = 0; k < 6; k++) await Promise.resolve();
  }

  /** Where a point of the wall (scene pixels) is in the camera's picture: the truth. */
  truth({ position, orientation }: Walk, x: number, y: number): readonly [number, number] {
    const h = this.#homography(poseOf(position, orientation), projection());
    const w = h[6]! * x + h[7]! * y + h[8]!;
    return [(h[0]! * x + h[1]! * y + h[2]!) / w, (h[3]! * x + h[4]! * y + h[5]!) / w];
  }

  #picture(view: XrView): Uint8Array<ArrayBuffer> {
    if (!this.scene) return new Uint8Array(WIDTH * HEIGHT).fill(128);
    // Reference space begins where the phone stood; the wall is where it is in the room.
    const { position, orientation } = this.#now;
    const h = this.#homography(poseOf(position, orientation), view.projectionMatrix);
    return this.scene.render(WIDTH, HEIGHT, shiftedToCentres(h)) as Uint8Array<ArrayBuffer>;
  }

  /** Scene pixels to the picture's, from its edge: a sum of its own, not the one under test. */
  #homography(transform: ArrayLike<number>, p: ArrayLike<number>): Homography {
    const [mx, my, mz] = this.wall.middle;
    const [c, s] = [Math.cos(this.wall.yaw) / SCALE, Math.sin(this.wall.yaw) / SCALE];
    // Columns: where a pixel to the right, a pixel down and the origin lie in the room.
    const room = Float64Array.of(c, 0, -s, 0, 0, -1 / SCALE, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    room.set([mx - c * MIDDLE, my + MIDDLE / SCALE, mz + s * MIDDLE], 12);
    const seen = after(inverse(transform), room);
    const out = new Float64Array(9);
    [0, 1, 3].forEach((column, k) => {
      const [x, y, z] = [seen[4 * column]!, seen[4 * column + 1]!, seen[4 * column + 2]!];
      out[k] = (WIDTH / 2) * (p[0]! * x + p[8]! * z - z);
      out[3 + k] = (HEIGHT / 2) * (-z - p[5]! * y - p[9]! * z);
      out[6 + k] = -z;
    });
    return out;
  }

  #meet(ray: Float32Array): Float32Array[] {
    if (!this.met) return [];
    const { middle, yaw } = this.met;
    const n: Vector = [Math.sin(yaw), 0, Math.cos(yaw)];
    const d: Vector = [-ray[8]!, -ray[9]!, -ray[10]!];
    const o: Vector = [ray[12]!, ray[13]!, ray[14]!];
    const slope = d[0] * n[0] + d[2] * n[2];
    const t = ((middle[0] - o[0]) * n[0] + (middle[2] - o[2]) * n[2]) / slope;
    if (!(t > 0)) return [];
    const right: Vector = [Math.cos(yaw), 0, -Math.sin(yaw)];
    const at = [o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]] as const;
    // Y is the normal, as a device tells it.
    return [Float32Array.of(...right, 0, ...n, 0, 0, -1, 0, 0, ...at, 1)];
  }
}

function shiftedToCentres(h: Homography): Homography {
  const out = new Float64Array(9);
  multiply(Float64Array.of(1, 0, -0.5, 0, 1, -0.5, 0, 0, 1), h, out);
  return out;
}

/** As the emulator makes it of one radian and the picture's sides. */
function projection(): Float64Array {
  const f = 1 / Math.tan(0.5);
  return Float64Array.of((f * HEIGHT) / WIDTH, 0, 0, 0, 0, f, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0);
}

function poseOf([x, y, z]: Vector, [a, b, c, d]: Walk["orientation"]): Float64Array {
  return Float64Array.of(
    1 - 2 * (b * b + c * c),
    2 * (a * b + c * d),
    2 * (a * c - b * d),
    0,
    2 * (a * b - c * d),
    1 - 2 * (a * a + c * c),
    2 * (b * c + a * d),
    0,
    2 * (a * c + b * d),
    2 * (b * c - a * d),
    1 - 2 * (a * a + b * b),
    0,
    x,
    y,
    z,
    1,
  );
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normal(a: Vector): Vector {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}
