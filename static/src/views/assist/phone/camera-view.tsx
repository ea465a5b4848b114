import { useEffect, useRef } from "react";
import type { Mark, RoomView } from "../../../protocol.gen";
import { edgeArrow, fill } from "../../../state/assist/edge";
import { drawMarks, type OverlayLook, type OverlayMark } from "../../../state/assist/overlay";
import { distanceTo, onScreen, outline, type Place } from "../../../state/assist/overlay-geometry";
import type { OnSite } from "../../../state/assist/phone";
import type { TrackedFrame } from "../../../state/assist/tracking-protocol";
import { useMeeting } from "../../room/room-context";
import { useStore } from "../../context";
import { Video } from "../../room/video";
import styles from "./phone.module.css";

/** A finger in a glove. */
const TOUCH_PX = 44;
const EDGE_INSET_PX = 34;
const ARROW_PX = 13;

/** The camera, edge to edge, and the marks on it. Tells of taps on marks, and on the picture (0..1). */
export function CameraView({
  onSite,
  onMark,
  onPlace,
}: {
  onSite: OnSite;
  onMark: (mark: Mark) => void;
  onPlace: (x: number, y: number) => void;
}) {
  const meeting = useMeeting();
  const { track } = useStore(meeting.local.camera);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing | null>(null);
  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    const made = new Drawing(
      canvas,
      () => meeting.view.get(),
      () => onSite.removing.get(),
    );
    drawing.current = made;
    onSite.onFrame = (frame) => made.show(frame);
    const stop = meeting.view.subscribe(() => {
      if (Object.keys(meeting.view.get()?.marks ?? {}).length === 0) made.clear();
    });
    return () => {
      stop();
      drawing.current = null;
      onSite.onFrame = (frame) => frame.picture?.close();
    };
  }, [meeting, onSite]);
  return (
    <div
      className={styles.camera}
      data-testid="camera"
      onClick={({ nativeEvent: { offsetX, offsetY } }) => {
        const made = drawing.current;
        if (!made) return;
        const mark = made.markAt(offsetX, offsetY);
        if (mark) onMark(mark);
        else onPlace(...made.placeAt(offsetX, offsetY));
      }}
    >
      {track ? <Video track={track} /> : null}
      <canvas ref={canvasRef} className={styles.canvas} aria-hidden />
    </div>
  );
}

/** The frame and its marks on one canvas, so that they never come apart. */
class Drawing {
  readonly #pen: CanvasRenderingContext2D | null;
  #place: Place = { x: 0, y: 0, width: 0, height: 0 };
  #shown: OverlayMark[] = [];
  #look: OverlayLook;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly room: () => RoomView | null,
    private readonly removing: () => string | null,
  ) {
    this.#pen = canvas.getContext("2d", { alpha: true });
    this.#look = lookOf(canvas);
  }

  show(frame: TrackedFrame): void {
    const pen = this.#pen;
    const { canvas } = this;
    if (pen) {
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [
        Math.round(canvas.clientWidth * ratio),
        Math.round(canvas.clientHeight * ratio),
      ];
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      if (this.#look.ratio !== ratio) this.#look = lookOf(canvas);
      const size = frame.size;
      const place = fill(size.width, size.height, width, height);
      this.#place = place;
      if (frame.picture) pen.drawImage(frame.picture, place.x, place.y, place.width, place.height);
      else pen.clearRect(0, 0, width, height);
      const marks = this.room()?.marks ?? {};
      this.#shown = frame.poses.flatMap(({ id, state, h }) => {
        const mark = marks[id];
        return mark && h && state !== "lost" && id !== this.removing()
          ? [{ mark, h, state, isSelected: mark.confirmed_at_ms > 0, name: mark.author_name }]
          : [];
      });
      drawMarks(pen, this.#shown, place, this.#look);
      for (const shown of this.#shown) this.#arrow(pen, shown, ratio);
    }
    frame.picture?.close();
  }

  clear(): void {
    this.#shown = [];
    this.#pen?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** The mark under a finger, CSS pixels; the nearest. */
  markAt(x: number, y: number): Mark | null {
    const { ratio } = this.#look;
    let nearest = TOUCH_PX * ratio;
    let found: Mark | null = null;
    for (const { mark, h } of this.#shown) {
      const path = onScreen(outline(mark), mark.frame, h, this.#place);
      if (!path) continue;
      const apart = distanceTo(path, x * ratio, y * ratio);
      const whole = this.room()?.marks[mark.id];
      if (apart >= nearest || !whole) continue;
      nearest = apart;
      found = whole;
    }
    return found;
  }

  placeAt(x: number, y: number): [number, number] {
    const { ratio } = this.#look;
    const { x: left, y: top, width, height } = this.#place;
    return width > 0 ? [(x * ratio - left) / width, (y * ratio - top) / height] : [0.5, 0.5];
  }

  #arrow(pen: CanvasRenderingContext2D, { mark, h }: OverlayMark, ratio: number): void {
    const arrow = edgeArrow(mark, h, this.#place, this.canvas, EDGE_INSET_PX * ratio);
    if (!arrow) return;
    const size = ARROW_PX * ratio;
    pen.save();
    pen.translate(arrow.x, arrow.y);
    pen.rotate(arrow.angle);
    pen.beginPath();
    pen.moveTo(size, 0);
    pen.lineTo(-size * 0.7, size * 0.9);
    pen.lineTo(-size * 0.35, 0);
    pen.lineTo(-size * 0.7, -size * 0.9);
    pen.closePath();
    pen.lineWidth = 3 * ratio;
    pen.strokeStyle = this.#look.palette.halo;
    pen.stroke();
    pen.fillStyle = this.#look.palette[mark.color];
    pen.fill();
    pen.restore();
  }
}

/** Colours come from the tokens, as everywhere. */
export function lookOf(canvas: Element): OverlayLook {
  const style = getComputedStyle(canvas);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    palette: {
      red: token("--mark-red"),
      amber: token("--mark-amber"),
      green: token("--mark-green"),
      blue: token("--mark-blue"),
      white: token("--mark-white"),
      ink: token("--mark-ink"),
      halo: token("--mark-halo"),
    },
    ratio: window.devicePixelRatio || 1,
    font: style.fontFamily,
  };
}
