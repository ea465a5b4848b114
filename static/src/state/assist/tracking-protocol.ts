import type { StoredKeyframe } from "../../ar";
import type { TrackedMark } from "./keyframe";
import type { Size } from "./keyframe-fit";
import type { MarkPose, Thumb } from "./poses";
import type { Placing } from "./sticking";

/** To the worker that follows marks through the camera's frames. */
export type ToTracking =
  /** Frames as a stream (MediaStreamTrackProcessor of the page), or the track, for browsers that have it in workers only. */
  | { readonly kind: "frames"; readonly readable: ReadableStream<VideoFrame> }
  | { readonly kind: "track"; readonly track: MediaStreamTrack }
  /** One frame of a browser without that: luma at the working size, read from a canvas. */
  | {
      readonly kind: "luma";
      readonly gray: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly capturedMs: number;
      /** `captured` told of it before: it took its time to come here. */
      readonly isAnnounced: boolean;
    }
  /** A frame left its camera, by its own time and by the clock that all workers share. Its luma may follow. */
  | { readonly kind: "captured"; readonly capturedMs: number; readonly seenAtMs: number }
  | { readonly kind: "stop" }
  /** What leaves the encoder comes by this port, as SentFrame. */
  | { readonly kind: "sent"; readonly port: MessagePort }
  | { readonly kind: "hold"; readonly thumb: Thumb }
  | { readonly kind: "place"; readonly mark: TrackedMark; readonly rtpTimestamp: number }
  | { readonly kind: "remove"; readonly markId: string }
  /** The next frame is passed on with its picture, whether a mark is followed or not. */
  | { readonly kind: "picture" }
  /** The frame of that time (null: the newest) is shown to others as a still under this timestamp: it stays known. */
  | { readonly kind: "keep"; readonly rtpTimestamp: number; readonly capturedMs: number | null }
  | { readonly kind: "store" }
  | {
      readonly kind: "restore";
      readonly name: string;
      readonly keyframe: StoredKeyframe;
      readonly marks: readonly TrackedMark[];
    }
  /** Milliseconds that looking for marks may take in one frame, and every how manieth frame is looked at. */
  | { readonly kind: "pace"; readonly budgetMs: number; readonly stride: number };

export interface KeptKeyframe {
  readonly name: string;
  readonly keyframe: StoredKeyframe;
  readonly marks: readonly TrackedMark[];
}

/** One frame of the camera and where the marks are in it. */
export interface TrackedFrame {
  readonly kind: "frame";
  /** To be drawn under the marks and closed; null while no mark is followed and none was asked for, and where there are none. */
  readonly picture: VideoFrame | null;
  readonly poses: readonly MarkPose[];
  /** As the frame is sent with; null while that is not known. */
  readonly rtpTimestamp: number | null;
  readonly capturedMs: number;
  /** Of what is tracked, upright. */
  readonly size: Size;
  readonly costMs: number;
}

export type FromTracking =
  | TrackedFrame
  | ({ readonly kind: "placed"; readonly markId: string } & Placing)
  | { readonly kind: "stored"; readonly keyframes: readonly KeptKeyframe[] };

export interface SentFrame {
  readonly rtpTimestamp: number;
  /** Milliseconds since the epoch, with fractions: workers have clocks of their own. */
  readonly atMs: number;
}
