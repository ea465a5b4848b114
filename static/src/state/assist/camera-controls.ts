import type { Clock } from "../clock";
import type { LocalMedia } from "../media/local";
import { Store } from "../store";
import type { Encodable } from "./live-still";
import type { TrackedFrame } from "./tracking-protocol";

/** What the camera in use can do and does (W3C mediacapture-image). Zoom is a factor. */
export interface CameraState {
  readonly hasTorch: boolean;
  readonly torch: boolean;
  readonly zoom: number;
  readonly zoomMin: number;
  readonly zoomMax: number;
  readonly canFocus: boolean;
  readonly facing: "user" | "environment";
}

/** What TypeScript's library does not know of tracks yet. */
interface Abilities {
  readonly torch?: boolean;
  readonly zoom?: { readonly min: number; readonly max: number };
  readonly focusMode?: readonly string[];
  readonly pointsOfInterest?: unknown;
}
interface Wishes {
  readonly torch?: boolean;
  readonly zoom?: number;
  readonly focusMode?: string;
  readonly pointsOfInterest?: readonly { readonly x: number; readonly y: number }[];
}

const PLAIN: Omit<CameraState, "facing"> = {
  hasTorch: false,
  torch: false,
  zoom: 1,
  zoomMin: 1,
  zoomMax: 1,
  canFocus: false,
};
/** A still that takes longer than this is taken from the running picture instead. */
const STILL_MAX_MS = 4_000;
const FOCUS_HELD_MS = 5_000;
const STILL_QUALITY = 0.92;

export interface StillPort {
  /** A photograph at the sensor's full size; null where the browser has none. */
  takePhoto(track: MediaStreamTrack): Promise<Blob> | null;
  /** The running picture as a JPEG, at most `sideMax` pixels long. */
  grab(track: MediaStreamTrack, sideMax: number, quality: number): Promise<Blob>;
  /** A frame, copied at once, at most `sideMax` pixels long; null where it has no picture. */
  copy(frame: TrackedFrame, sideMax: number): Encodable | null;
}

/** Torch, zoom, focus, the other camera, and stills of the camera on site. */
export class CameraControls {
  readonly state: Store<CameraState>;
  #track: MediaStreamTrack | null = null;

  constructor(
    private readonly local: LocalMedia,
    private readonly stills: StillPort,
    private readonly clock: Clock,
    private readonly log: (what: string, cause: unknown) => void,
  ) {
    this.state = new Store<CameraState>({ ...PLAIN, facing: local.facing });
    local.camera.subscribe(() => this.#look());
    this.#look();
  }

  async setTorch(torch: boolean): Promise<void> {
    if (this.state.get().hasTorch && (await this.#apply({ torch })))
      this.state.update((before) => ({ ...before, torch }));
  }

  async setZoom(zoom: number): Promise<void> {
    const { zoomMin, zoomMax } = this.state.get();
    if (zoomMax <= zoomMin || !Number.isFinite(zoom)) return;
    const wanted = Math.max(zoomMin, Math.min(zoomMax, zoom));
    if (await this.#apply({ zoom: wanted })) this.state.update((before) => ({ ...before, zoom: wanted }));
  }

  /** Sharp at that place (0..1 of the picture), and then by itself again. */
  async focusAt(x: number, y: number): Promise<void> {
    if (!this.state.get().canFocus) return;
    if (!(await this.#apply({ focusMode: "single-shot", pointsOfInterest: [{ x, y }] }))) return;
    this.clock.after(FOCUS_HELD_MS, () => void this.#apply({ focusMode: "continuous" }));
  }

  async turn(): Promise<void> {
    const facing = this.state.get().facing === "environment" ? "user" : "environment";
    await this.local.face(facing);
    this.#look();
  }

  /** Fewer frames, where a phone must be spared. */
  async setFrameRate(framesPerS: number): Promise<void> {
    await this.#track
      ?.applyConstraints({
        ...this.#track.getConstraints(),
        frameRate: { ideal: framesPerS, max: framesPerS },
      })
      .catch((cause: unknown) => this.log("frame rate", cause));
  }

  /** A picture at the camera's full size; null without a camera. */
  async takeStill(): Promise<Blob | null> {
    const track = this.#track;
    if (!track) return null;
    try {
      const photo = this.stills.takePhoto(track);
      if (photo) return await this.#soon(photo);
    } catch (cause) {
      this.log("takePhoto", cause);
    }
    return this.stills.grab(track, Infinity, STILL_QUALITY);
  }

  /** A small picture for a narrow line, of a browser that gives no frames; null without a camera. */
  small(sideMax: number): Encodable | null {
    const track = this.#track;
    return track ? { encode: (quality) => this.stills.grab(track, sideMax, quality) } : null;
  }

  copy(frame: TrackedFrame, sideMax: number): Encodable | null {
    return this.stills.copy(frame, sideMax);
  }

  #soon(photo: Promise<Blob>): Promise<Blob> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(STILL_MAX_MS, () => reject(new Error("no photograph in time")));
      photo.then(resolve, reject).finally(cancel);
    });
  }

  #look(): void {
    const { track } = this.local.camera.get();
    const { facing } = this.local;
    if (track === this.#track && this.state.get().facing === facing) return;
    this.#track = track;
    // Firefox has had no capabilities of tracks for long.
    const can = (track && "getCapabilities" in track ? track.getCapabilities() : {}) as Abilities;
    const is = (track?.getSettings() ?? {}) as { zoom?: number };
    this.state.set({
      hasTorch: can.torch === true,
      torch: false,
      zoom: is.zoom ?? 1,
      zoomMin: can.zoom?.min ?? 1,
      zoomMax: can.zoom?.max ?? 1,
      canFocus: can.focusMode?.includes("single-shot") ?? false,
      facing,
    });
  }

  async #apply(wishes: Wishes): Promise<boolean> {
    try {
      await this.#track?.applyConstraints({ advanced: [wishes as MediaTrackConstraintSet] });
      return this.#track !== null;
    } catch (cause) {
      this.log("camera", cause);
      return false;
    }
  }
}
