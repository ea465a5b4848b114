import type { OverlayMark } from "../overlay";
import type { XrFrame, XrSession, XrView } from "./webxr";

/** A camera picture as the tracker takes it, some frames after it was drawn. */
export interface XrLuma {
  readonly gray: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly atMs: number;
}

/** What is drawn and read with the graphics card in one session. */
export interface XrSurface {
  /** The camera as others see it. */
  readonly track: MediaStreamTrack;
  /** Publishes the view's camera picture as that of `atMs`; false when there is none in this frame. */
  publish(view: XrView, atMs: number): boolean;
  /** The next luma that came back; null while none did. */
  read(): XrLuma | null;
  /** Marks over the camera, in the very frame: `h` as in MarkPose. */
  drawMarks(frame: XrFrame, view: XrView, marks: readonly OverlayMark[]): void;
  close(): void;
}

export type OpenSurface = (session: XrSession) => XrSurface;
