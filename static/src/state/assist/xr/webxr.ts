/** The part of WebXR (W3C WebXR Device API, Hit Test, Anchors, Depth Sensing, Raw Camera Access) that is used here. */

export interface XrPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly w: number;
}

export interface XrTransform {
  /** 4 x 4, column by column. */
  readonly matrix: Float32Array;
}

export type XrSpace = object;

export interface XrPose {
  readonly transform: XrTransform;
  /** The position is a guess: tracking is lost or has not begun. */
  readonly emulatedPosition: boolean;
}

/** Raw Camera Access 3.1: the picture is cut so that the view's projection holds for it. */
export interface XrCamera {
  readonly width: number;
  readonly height: number;
}

export interface XrView {
  readonly projectionMatrix: Float32Array;
  readonly transform: XrTransform;
  readonly camera?: XrCamera | null;
}

export interface XrViewerPose extends XrPose {
  readonly views: readonly XrView[];
}

export interface XrHit {
  getPose(base: XrSpace): XrPose | null | undefined;
  createAnchor?(): Promise<XrAnchor>;
}

export interface XrHitSource {
  cancel(): void;
}

export interface XrAnchor {
  readonly anchorSpace: XrSpace;
  delete(): void;
}

export interface XrDepth {
  readonly width: number;
  readonly height: number;
  /** At a place of the view, 0..1 each way from the top left. */
  getDepthInMeters(x: number, y: number): number;
}

export interface XrFrame {
  getViewerPose(space: XrSpace): XrViewerPose | null | undefined;
  getPose(space: XrSpace, base: XrSpace): XrPose | null | undefined;
  getHitTestResults(source: XrHitSource): readonly XrHit[];
  createAnchor?(pose: XrTransform, space: XrSpace): Promise<XrAnchor>;
  getDepthInformation?(view: XrView): XrDepth | null | undefined;
}

export interface XrSession extends EventTarget {
  requestReferenceSpace(type: "local"): Promise<XrSpace>;
  requestHitTestSource?(options: {
    space: XrSpace;
    offsetRay: object;
    entityTypes: readonly string[];
  }): Promise<XrHitSource>;
  requestAnimationFrame(call: (atMs: number, frame: XrFrame) => void): number;
  end(): Promise<void>;
}

export interface XrSystem {
  isSessionSupported(mode: "immersive-ar"): Promise<boolean>;
  requestSession(mode: "immersive-ar", options: object): Promise<XrSession>;
}

/** Constructors that a browser has as globals. */
export interface XrMakers {
  ray(origin: XrPoint, direction: XrPoint): object;
  transform(position: XrPoint): XrTransform;
}
