import type { Clock } from "../clock";
import type { Preferences } from "../preferences";
import { Store } from "../store";

/** Why a device cannot be used; each has a sentence and a cure in the catalogue. */
export const MEDIA_PROBLEMS = [
  "insecure_context",
  "unsupported",
  "permission_denied",
  "permission_dismissed",
  "system_denied",
  "not_found",
  "in_use",
  "overconstrained",
  "unknown",
] as const;
export type MediaProblem = (typeof MEDIA_PROBLEMS)[number];

export type DeviceKind = "microphone" | "camera";

/** off: not captured (camera) or captured and silent (microphone).  starting: asking.  on.  failed: see `problem`. */
export type CaptureState = "off" | "starting" | "on" | "failed";

export interface Capture {
  readonly state: CaptureState;
  readonly track: MediaStreamTrack | null;
  readonly problem: MediaProblem | null;
}

export interface Devices {
  readonly microphones: readonly Device[];
  readonly cameras: readonly Device[];
  readonly speakers: readonly Device[];
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

/** The part of navigator that capture needs. */
export interface CapturePort {
  readonly mediaDevices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  readonly isSecureContext: boolean;
}

const NOTHING: Capture = { state: "off", track: null, problem: null };
const CAMERA_WIDTH = 1280;
const CAMERA_HEIGHT = 720;
const CAMERA_FPS = 30;

/**
 * This person's microphone, camera and screen.  A muted microphone stays captured (unmuting is instant, and the page can
 * say "you are muted"); a camera that is off is stopped, so that its light goes out.
 */
export class LocalMedia {
  readonly microphone = new Store<Capture>(NOTHING);
  readonly camera = new Store<Capture>(NOTHING);
  readonly screen = new Store<Capture>(NOTHING);
  readonly screenAudio = new Store<MediaStreamTrack | null>(null);
  readonly devices = new Store<Devices>({ microphones: [], cameras: [], speakers: [] });
  /** Set by whoever shows it: a device went away in use. */
  onLost: (kind: DeviceKind) => void = () => undefined;

  /** Which way the camera looks, where this is not chosen by the device: at the person, or at what is before them. */
  facing: "user" | "environment" = "user";
  #asked: Record<DeviceKind, number> = { microphone: 0, camera: 0 };
  #watching = false;

  constructor(
    private readonly port: CapturePort,
    private readonly preferences: Preferences,
    private readonly clock: Clock,
  ) {}

  get canShareScreen(): boolean {
    return typeof this.port.mediaDevices?.getDisplayMedia === "function";
  }

  /** Asks once for both, as the preferences have them; then for each alone if both together fail. */
  async startPreview(): Promise<void> {
    this.#watchDevices();
    const { microphoneOn, cameraOn } = this.preferences.get();
    const wantMicrophone = this.microphone.get().track === null;
    const wantCamera = cameraOn && this.camera.get().track === null;
    if (wantMicrophone && wantCamera && this.port.mediaDevices) {
      this.microphone.set({ ...NOTHING, state: "starting" });
      this.camera.set({ ...NOTHING, state: "starting" });
      try {
        const stream = await this.port.mediaDevices.getUserMedia({
          audio: this.#constraints("microphone"),
          video: this.#constraints("camera"),
        });
        const [audio] = stream.getAudioTracks();
        const [video] = stream.getVideoTracks();
        if (audio) this.#took("microphone", audio, microphoneOn);
        if (video) this.#took("camera", video, true);
        await this.#listDevices();
        return;
      } catch {
        // One of them is to blame; asking for each alone tells which.
      }
    }
    await Promise.all([
      wantMicrophone ? this.#capture("microphone", microphoneOn) : undefined,
      wantCamera ? this.#capture("camera", true) : undefined,
    ]);
    await this.#listDevices();
  }

  async setMicrophone(on: boolean): Promise<void> {
    const { track } = this.microphone.get();
    if (track && track.readyState === "live") {
      track.enabled = on;
      this.microphone.set({ state: on ? "on" : "off", track, problem: null });
    } else if (on) {
      await this.#capture("microphone", true);
      await this.#listDevices();
    }
    this.preferences.change({ microphoneOn: on });
  }

  async setCamera(on: boolean): Promise<void> {
    this.preferences.change({ cameraOn: on });
    if (on) {
      await this.#capture("camera", true);
      await this.#listDevices();
    } else {
      this.#asked.camera += 1;
      this.#release("camera");
    }
  }

  /** Turns from the camera at the person to that at what is before them, or back. */
  async face(facing: "user" | "environment"): Promise<void> {
    this.facing = facing;
    // Many phones give one camera at a time only.
    if (this.camera.get().track) this.#release("camera");
    await this.#capture("camera", true);
  }

  /** Something else is the camera for a while; null: the device is let go of already, what follows is not there yet. */
  lend(track: MediaStreamTrack | null): void {
    this.#asked.camera += 1;
    const before = this.camera.get();
    if (before.track && before.track !== track) {
      before.track.onended = null;
      before.track.stop();
    }
    if (track) this.#took("camera", track, true);
    else this.camera.set({ ...before, state: "starting", problem: null });
  }

  /** The device is the camera again. */
  async takeBack(): Promise<void> {
    await this.#capture("camera", true);
  }

  /** Chooses another device, also in the middle of a meeting. */
  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    this.preferences.change(kind === "microphone" ? { microphoneId: deviceId } : { cameraId: deviceId });
    const capture = this[kind].get();
    if (kind === "camera" && capture.state === "off") return;
    await this.#capture(kind, kind === "camera" || capture.state !== "off");
  }

  /** Processing settings changed: capture the microphone again with them. */
  async refreshMicrophone(): Promise<void> {
    const { state, track } = this.microphone.get();
    if (track) await this.#capture("microphone", state === "on");
  }

  /** Resolves with false when the person changed their mind or the browser refused. */
  async startScreen(): Promise<boolean> {
    if (!this.port.mediaDevices || !this.canShareScreen) {
      this.screen.set({ state: "failed", track: null, problem: "unsupported" });
      return false;
    }
    this.screen.set({ state: "starting", track: null, problem: null });
    try {
      const stream = await this.port.mediaDevices.getDisplayMedia({
        video: { frameRate: { max: 15 } },
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      this.present(stream);
      return true;
    } catch (cause) {
      const problem = await this.#problemOf(cause, null);
      const changedMind = problem === "permission_dismissed" || problem === "permission_denied";
      this.screen.set(changedMind ? NOTHING : { state: "failed", track: null, problem });
      return false;
    }
  }

  /** Shares pictures and sound that are there: of a screen, or made by the page (slides, a film). */
  present(stream: MediaStream): void {
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (!video) throw new DOMException("no video", "NotFoundError");
    if (this.screen.get().track) this.stopScreen();
    video.contentHint = "detail";
    if (audio) audio.contentHint = "music";
    video.onended = () => this.stopScreen();
    this.screenAudio.set(audio ?? null);
    this.screen.set({ state: "on", track: video, problem: null });
  }

  stopScreen(): void {
    for (const track of [this.screen.get().track, this.screenAudio.get()]) track?.stop();
    this.screenAudio.set(null);
    this.screen.set(NOTHING);
  }

  /** Lets go of every device. */
  stop(): void {
    this.stopScreen();
    this.#asked.microphone += 1;
    this.#asked.camera += 1;
    this.#release("microphone");
    this.#release("camera");
  }

  // ------------------------------------------------------------ inside

  #constraints(kind: DeviceKind): MediaTrackConstraints {
    const preferences = this.preferences.get();
    if (kind === "camera")
      return {
        width: { ideal: CAMERA_WIDTH },
        height: { ideal: CAMERA_HEIGHT },
        frameRate: { ideal: CAMERA_FPS, max: CAMERA_FPS },
        ...(this.facing === "environment"
          ? { facingMode: { ideal: "environment" } }
          : preferences.cameraId
            ? { deviceId: { ideal: preferences.cameraId } }
            : { facingMode: "user" }),
      };
    return {
      echoCancellation: true,
      autoGainControl: true,
      noiseSuppression: preferences.noiseSuppression,
      ...(preferences.microphoneId ? { deviceId: { ideal: preferences.microphoneId } } : {}),
    };
  }

  async #capture(kind: DeviceKind, on: boolean): Promise<void> {
    const ask = ++this.#asked[kind];
    const store = this[kind];
    const before = store.get();
    if (!this.port.mediaDevices) {
      store.set({
        state: "failed",
        track: null,
        problem: this.port.isSecureContext ? "unsupported" : "insecure_context",
      });
      return;
    }
    store.set({ state: "starting", track: before.track, problem: null });
    try {
      const constraints = this.#constraints(kind);
      const stream = await this.port.mediaDevices.getUserMedia(
        kind === "camera" ? { video: constraints } : { audio: constraints },
      );
      const track = stream.getTracks()[0];
      if (!track) throw new DOMException("no track", "NotFoundError");
      if (ask !== this.#asked[kind]) {
        track.stop();
        return;
      }
      before.track?.stop();
      this.#took(kind, track, on);
    } catch (cause) {
      if (ask !== this.#asked[kind]) return;
      before.track?.stop();
      store.set({ state: "failed", track: null, problem: await this.#problemOf(cause, kind) });
    }
  }

  #took(kind: DeviceKind, track: MediaStreamTrack, on: boolean): void {
    track.enabled = on;
    if (kind === "camera") track.contentHint = "motion";
    track.onended = () => this.#lost(kind, track);
    this[kind].set({ state: on ? "on" : "off", track, problem: null });
  }

  /** The device was unplugged or taken away: try whatever else there is. */
  #lost(kind: DeviceKind, track: MediaStreamTrack): void {
    const capture = this[kind].get();
    if (capture.track !== track) return;
    this.onLost(kind);
    this[kind].set({ ...NOTHING, state: capture.state });
    this.clock.after(300, () => void this.#capture(kind, capture.state === "on"));
  }

  #release(kind: DeviceKind): void {
    const { track } = this[kind].get();
    if (track) {
      track.onended = null;
      track.stop();
    }
    this[kind].set(NOTHING);
  }

  #watchDevices(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.port.mediaDevices?.addEventListener("devicechange", () => void this.#listDevices());
  }

  async #listDevices(): Promise<void> {
    const list = (await this.port.mediaDevices?.enumerateDevices()) ?? [];
    const ofKind = (kind: MediaDeviceKind): Device[] =>
      list
        .filter((device) => device.kind === kind && device.deviceId !== "")
        .map((device) => ({ id: device.deviceId, label: device.label }));
    this.devices.set({
      microphones: ofKind("audioinput"),
      cameras: ofKind("videoinput"),
      speakers: ofKind("audiooutput"),
    });
  }

  async #problemOf(cause: unknown, kind: DeviceKind | null): Promise<MediaProblem> {
    if (!(cause instanceof Error)) return "unknown";
    switch (cause.name) {
      case "NotAllowedError":
      case "SecurityError":
        if (/system/i.test(cause.message)) return "system_denied";
        return (await this.#isDenied(kind)) ? "permission_denied" : "permission_dismissed";
      case "NotFoundError":
      case "DevicesNotFoundError":
        return "not_found";
      case "NotReadableError":
      case "TrackStartError":
      case "AbortError":
        return "in_use";
      case "OverconstrainedError":
        return "overconstrained";
      case "TypeError":
        return this.port.isSecureContext ? "unknown" : "insecure_context";
      default:
        return "unknown";
    }
  }

  async #isDenied(kind: DeviceKind | null): Promise<boolean> {
    if (!kind || !this.port.permissions) return true;
    try {
      const status = await this.port.permissions.query({ name: kind });
      return status.state === "denied";
    } catch {
      // Firefox and WeChat do not know these names.
      return true;
    }
  }
}
