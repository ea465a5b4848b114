import { shrink, THUMB_HEIGHT, THUMB_WIDTH } from "../../../ar/ring";
import type { ExpertDesk, Picture } from "../../../state/assist/expert-desk";
import { lumaOfRgba } from "../../../state/assist/luma";
import { drawMarks, type OverlayLook } from "../../../state/assist/overlay";
import { fitInside, heart, type Place } from "../../../state/assist/overlay-geometry";
import type { SentStill } from "../../../state/assist/stills-feed";
import { Store } from "../../../state/store";

/** Frames that marks were drawn on, as the list shows them. */
export interface Snapshot {
  readonly url: string;
  /** The part around the mark, in 0..1 of the picture. */
  readonly crop: Place;
}

const SNAPSHOTS_MAX = 60;
const SNAPSHOT_QUALITY = 0.85;
const CROP = 0.42;
const LASER_RADIUS = 7;

/**
 * The on-site camera on two canvases: one shows a frame, the other what is drawn over it. A frame is drawn when the browser
 * tells of it, so what is on the canvas is the frame that its timestamp names; freezing is to draw no more frames.
 */
export class LivePicture {
  /** The frame that is on the canvas. */
  picture: Picture | null = null;
  readonly hasPicture = new Store(false);
  readonly snapshots = new Store<ReadonlyMap<string, Snapshot>>(new Map());
  #video: HTMLVideoElement | null = null;
  #canvas: HTMLCanvasElement | null = null;
  #overlay: HTMLCanvasElement | null = null;
  #look: OverlayLook | null = null;
  #stills = false;
  #frameRequest = 0;
  #paintRequest = 0;
  readonly #taken = new Set<string>();
  readonly #stops: (() => void)[];

  constructor(private readonly desk: ExpertDesk) {
    const paint = (): void => this.paintSoon();
    this.#stops = [desk.redraw.subscribe(paint), desk.lasers.points.subscribe(paint)];
  }

  /** The elements that the view has made; null when they are gone. */
  attach(
    elements: {
      readonly video: HTMLVideoElement;
      readonly canvas: HTMLCanvasElement;
      readonly overlay: HTMLCanvasElement;
      readonly look: OverlayLook;
    } | null,
  ): void {
    if (this.#frameRequest) this.#video?.cancelVideoFrameCallback(this.#frameRequest);
    this.#frameRequest = 0;
    this.#video = elements?.video ?? null;
    this.#canvas = elements?.canvas ?? null;
    this.#overlay = elements?.overlay ?? null;
    this.#look = elements?.look ?? null;
    if (this.#video) this.#follow(this.#video);
  }

  close(): void {
    this.attach(null);
    cancelAnimationFrame(this.#paintRequest);
    for (const stop of this.#stops) stop();
    for (const { url } of this.snapshots.get().values()) URL.revokeObjectURL(url);
  }

  /** On a narrow line the phone sends stills: they are shown instead of the video. */
  useStills(stills: boolean): void {
    this.#stills = stills;
  }

  /** A picture that cannot be read is left out: the next is on its way. */
  async showStill({ jpeg, rtpTimestamp, width, height }: SentStill): Promise<void> {
    const image = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })).catch(() => null);
    if (image && this.#stills) this.#show(image, width, height, rtpTimestamp);
    image?.close();
  }

  /** Where the picture lies on the overlay, in its pixels. */
  place(): Place {
    if (!this.#overlay || !this.picture) return { x: 0, y: 0, width: 0, height: 0 };
    return fitInside(this.#overlay, this.picture);
  }

  /** The 160 x 120 luma of the frame that is on the canvas. */
  gray(): Uint8Array | null {
    const { width, height } = this.#canvas ?? { width: 0, height: 0 };
    const pen = this.#canvas?.getContext("2d");
    if (!pen || width === 0) return null;
    const luma = new Uint8Array(width * height);
    lumaOfRgba(pen.getImageData(0, 0, width, height).data, luma);
    const out = new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT);
    shrink(luma, width, height, out);
    return out;
  }

  /** The pixels of the overlay follow its box. */
  resize(width: number, height: number): void {
    const overlay = this.#overlay;
    if (!overlay || (overlay.width === width && overlay.height === height)) return;
    overlay.width = width;
    overlay.height = height;
    this.paint();
  }

  paintSoon(): void {
    if (this.#paintRequest) return;
    this.#paintRequest = requestAnimationFrame(() => {
      this.#paintRequest = 0;
      this.paint();
    });
  }

  paint(): void {
    const { picture } = this;
    const pen = this.#overlay?.getContext("2d");
    const look = this.#look;
    if (!this.#overlay || !pen || !look) return;
    pen.clearRect(0, 0, this.#overlay.width, this.#overlay.height);
    if (!picture) return;
    const place = this.place();
    const shown = this.desk.overlay(picture);
    drawMarks(pen, shown, place, look);
    for (const { x, y } of this.desk.lasers.points.get().values()) {
      pen.beginPath();
      pen.arc(
        place.x + x * place.width,
        place.y + y * place.height,
        LASER_RADIUS * look.ratio,
        0,
        2 * Math.PI,
      );
      pen.fillStyle = look.palette.red;
      pen.shadowColor = look.palette.red;
      pen.shadowBlur = 12 * look.ratio;
      pen.fill();
      pen.shadowBlur = 0;
    }
    for (const { mark, state } of shown)
      if ((state === "ok" || state === "placing") && this.desk.isPlaced(mark.id))
        this.#remember(mark.id, heart(mark), mark.frame);
  }

  // ------------------------------------------------------------ inside

  #follow(video: HTMLVideoElement): void {
    const onFrame = (_: number, frame: VideoFrameCallbackMetadata): void => {
      if (this.#video !== video) return;
      if (!this.#stills) this.#show(video, frame.width, frame.height, frame.rtpTimestamp ?? null);
      this.#frameRequest = video.requestVideoFrameCallback(onFrame);
    };
    this.#frameRequest = video.requestVideoFrameCallback(onFrame);
  }

  #show(source: CanvasImageSource, width: number, height: number, rtp: number | null): void {
    const canvas = this.#canvas;
    if (!canvas || this.desk.frozen.get() || width === 0) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(source, 0, 0, width, height);
    this.picture = { rtp, width, height, atMs: Date.now() };
    this.hasPicture.set(true);
    this.paint();
  }

  /** Once for each mark: the frame in which it is seen first, which is the one that it was drawn on for its author. */
  #remember(
    id: string,
    [x, y]: readonly [number, number],
    frame: { readonly width: number; readonly height: number },
  ): void {
    const canvas = this.#canvas;
    if (!canvas || this.#taken.has(id)) return;
    this.#taken.add(id);
    const inside = (center: number): number => Math.min(1 - CROP, Math.max(0, center - CROP / 2));
    const crop = { x: inside(x / frame.width), y: inside(y / frame.height), width: CROP, height: CROP };
    canvas.toBlob(
      (blob) => {
        if (!blob) return;
        const url = URL.createObjectURL(blob);
        this.snapshots.update((snapshots) => {
          const next = new Map(snapshots).set(id, { url, crop });
          for (const [oldest, { url: old }] of next) {
            if (next.size <= SNAPSHOTS_MAX) break;
            URL.revokeObjectURL(old);
            next.delete(oldest);
          }
          return next;
        });
      },
      "image/jpeg",
      SNAPSHOT_QUALITY,
    );
  }
}
