import type { StoredKeyframe } from "../../ar";
import type { Clock } from "../clock";
import type { TrackedMark } from "./keyframe";
import { lumaOfRgba, workingSize } from "./luma";
import { PaceMaker, type PhoneState } from "./pace";
import type { Thumb } from "./poses";
import type { Placing } from "./sticking";
import type { FromTracking, KeptKeyframe, ToTracking, TrackedFrame } from "./tracking-protocol";

/** What the worker is asked for answers within this time, or not at all. */
const ANSWER_MS = 5_000;

export type TrackingWorker = Pick<Worker, "postMessage" | "terminate"> & {
  onmessage: ((message: MessageEvent<FromTracking>) => void) | null;
};

/** How this browser gives a page at the camera's frames; canvas: every one of them is drawn and read back. */
export type FrameAccess = "page_processor" | "worker_processor" | "canvas";

export interface TrackingDeps {
  readonly access: FrameAccess;
  readonly createWorker: () => TrackingWorker;
  /** The worker through which encoded frames pass; null where a browser lets nobody at them. */
  readonly createStampsWorker: (() => Worker) | null;
  readonly clock: Clock;
  readonly log: (what: string, cause: unknown) => void;
}

type Processor = new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** The page's end of the tracker: gives it the camera, marks and time, and hands on what it sees. */
export class Tracking {
  /** Every frame that was followed. Whoever takes it closes the picture. */
  onFrame: (frame: TrackedFrame) => void = (frame) => frame.picture?.close();
  onPace: (framesPerS: number, spares: boolean) => void = () => undefined;

  readonly #worker: TrackingWorker;
  readonly #pace = new PaceMaker();
  #told = "";
  #track: MediaStreamTrack | null = null;
  #stopCanvas: (() => void) | null = null;
  #stamps: Worker | null = null;
  /** A track whose luma is given, not read. */
  #given: MediaStreamTrack | null = null;
  readonly #placing = new Map<string, (placing: Placing) => void>();
  #storing: ((keyframes: readonly KeptKeyframe[]) => void)[] = [];

  constructor(private readonly deps: TrackingDeps) {
    this.#worker = deps.createWorker();
    this.#worker.onmessage = ({ data }) => this.#take(data);
  }

  /** Once for the sender of the camera, before anything is sent on it. */
  attachSender(sender: RTCRtpSender): void {
    const { createStampsWorker } = this.deps;
    if (!createStampsWorker) return;
    this.#stamps ??= createStampsWorker();
    const { port1, port2 } = new MessageChannel();
    sender.transform = new RTCRtpScriptTransform(this.#stamps, { port: port1 }, [port1]);
    this.#post({ kind: "sent", port: port2 }, [port2]);
  }

  /** The camera, or null. */
  follow(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#stopCanvas?.();
    this.#stopCanvas = null;
    if (!track || track === this.#given) {
      this.#post({ kind: "stop" });
      return;
    }
    switch (this.deps.access) {
      case "page_processor": {
        const { MediaStreamTrackProcessor } = globalThis as unknown as {
          MediaStreamTrackProcessor: Processor;
        };
        const { readable } = new MediaStreamTrackProcessor({ track });
        this.#post({ kind: "frames", readable }, [readable]);
        return;
      }
      case "worker_processor": {
        const copy = track.clone();
        this.#post({ kind: "track", track: copy }, [copy]);
        return;
      }
      case "canvas":
        this.#stopCanvas = readByCanvas(track, (message) => this.#post(message, [message.gray.buffer]));
        return;
    }
  }

  /** Of this track the luma will be given (null: of none any more). */
  take(track: MediaStreamTrack | null): void {
    this.#given = track;
  }

  /** A frame of it leaves the camera, at that time of this page; its luma may be a while. */
  announce(capturedMs: number): void {
    this.#post({ kind: "captured", capturedMs, seenAtMs: performance.timeOrigin + capturedMs });
  }

  /** The frame announced under that time. Passed on, not copied. */
  give(gray: Uint8Array<ArrayBuffer>, width: number, height: number, capturedMs: number): void {
    if (!this.#given || this.#track !== this.#given) return;
    this.#post({ kind: "luma", gray, width, height, capturedMs, isAnnounced: true }, [gray.buffer]);
  }

  hold(thumb: Thumb): void {
    this.#post({ kind: "hold", thumb });
  }

  async place(mark: TrackedMark, rtpTimestamp: number): Promise<Placing> {
    return new Promise((resolve) => {
      const nowhere: Placing = { placed: "unplaced", capturedMs: null };
      const cancel = this.deps.clock.after(ANSWER_MS, () => done(nowhere));
      const done = (placing: Placing): void => {
        cancel();
        this.#placing.delete(mark.id);
        resolve(placing);
      };
      this.#placing.get(mark.id)?.(nowhere);
      this.#placing.set(mark.id, done);
      this.#post({ kind: "place", mark, rtpTimestamp });
    });
  }

  remove(markId: string): void {
    this.#post({ kind: "remove", markId });
  }

  /** The next frame comes with its picture, where this browser gives any. */
  wantPicture(): void {
    this.#post({ kind: "picture" });
  }

  keep(rtpTimestamp: number, capturedMs: number | null): void {
    this.#post({ kind: "keep", rtpTimestamp, capturedMs });
  }

  restore(name: string, keyframe: StoredKeyframe, marks: readonly TrackedMark[]): void {
    this.#post({ kind: "restore", name, keyframe, marks });
  }

  async store(): Promise<readonly KeptKeyframe[]> {
    return new Promise((resolve) => {
      const cancel = this.deps.clock.after(ANSWER_MS, () => resolve([]));
      this.#storing.push((keyframes) => {
        cancel();
        resolve(keyframes);
      });
      this.#post({ kind: "store" });
    });
  }

  know(phone: PhoneState): void {
    this.#pace.know(phone);
    this.#tellPace();
  }

  close(): void {
    this.follow(null);
    this.#worker.terminate();
    this.#stamps?.terminate();
  }

  // ------------------------------------------------------------ inside

  #take(message: FromTracking): void {
    switch (message.kind) {
      case "frame":
        this.#pace.frame(message.costMs, message.capturedMs);
        this.#tellPace();
        this.onFrame(message);
        return;
      case "placed":
        this.#placing.get(message.markId)?.(message);
        return;
      case "stored":
        for (const done of this.#storing.splice(0)) done(message.keyframes);
        return;
    }
  }

  #tellPace(): void {
    const { budgetMs, stride, framesPerS, spares } = this.#pace.now;
    const told = `${budgetMs} ${stride} ${framesPerS}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#post({ kind: "pace", budgetMs, stride });
    this.onPace(framesPerS, spares);
  }

  #post(message: ToTracking, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** Reads a track by a hidden video and a canvas, for browsers without MediaStreamTrackProcessor. */
function readByCanvas(
  track: MediaStreamTrack,
  tell: (message: Extract<ToTracking, { kind: "luma" }> & { gray: Uint8Array<ArrayBuffer> }) => void,
): () => void {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let gone = false;
  const read = (atMs: number): void => {
    if (gone || !canvas) return;
    const size = workingSize(video.videoWidth, video.videoHeight);
    if (size) {
      const { width, height } = size;
      if (canvas.canvas.width !== width || canvas.canvas.height !== height)
        Object.assign(canvas.canvas, { width, height });
      canvas.drawImage(video, 0, 0, width, height);
      const gray = new Uint8Array(width * height);
      lumaOfRgba(canvas.getImageData(0, 0, width, height).data, gray);
      tell({ kind: "luma", gray, width, height, capturedMs: atMs, isAnnounced: false });
    }
    next();
  };
  const next = (): void => {
    if (gone) return;
    if ("requestVideoFrameCallback" in video)
      video.requestVideoFrameCallback((at, { captureTime }) => read(captureTime ?? at));
    else requestAnimationFrame(read);
  };
  // Muted video may always play; a refusal means that the page is being closed.
  video.play().then(next, () => undefined);
  return () => {
    gone = true;
    video.srcObject = null;
  };
}
