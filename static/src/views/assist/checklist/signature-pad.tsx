import { useEffect, useRef, type PointerEvent } from "react";
import type { Stroke } from "../../../state/assist/checklist-rules";
import styles from "./checklist.module.css";

const POINT_NUMBERS_MAX = 1_024;
const STROKES_MAX = 64;

/** A field three times as wide as high; strokes are x0, y0, x1, y1 … in shares of it. */
export function SignaturePad({
  label,
  strokes,
  onChange,
}: {
  label: string;
  strokes: readonly Stroke[];
  onChange: (strokes: readonly Stroke[]) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<number[] | null>(null);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, strokes);
  }, [strokes]);

  const add = (event: PointerEvent<HTMLCanvasElement>) => {
    const stroke = drawing.current;
    if (!stroke || !canvas.current) return;
    const box = canvas.current.getBoundingClientRect();
    const moves = "getCoalescedEvents" in event.nativeEvent ? event.nativeEvent.getCoalescedEvents() : [];
    for (const { clientX, clientY } of moves.length > 0 ? moves : [event.nativeEvent])
      if (stroke.length < POINT_NUMBERS_MAX)
        stroke.push(share((clientX - box.left) / box.width), share((clientY - box.top) / box.height));
    draw(canvas.current, [...strokes, stroke]);
  };
  const end = () => {
    const stroke = drawing.current;
    drawing.current = null;
    if (stroke && stroke.length > 1 && strokes.length < STROKES_MAX) onChange([...strokes, stroke]);
  };
  return (
    <canvas
      ref={canvas}
      className={styles.pad}
      role="img"
      aria-label={label}
      data-testid="signature-pad"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drawing.current = [];
        add(event);
      }}
      onPointerMove={add}
      onPointerUp={end}
      onPointerCancel={end}
    />
  );
}

/** A signature as it was drawn. */
export function SignaturePicture({ label, strokes }: { label: string; strokes: readonly Stroke[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, strokes);
  }, [strokes]);
  return <canvas ref={canvas} className={styles.drawn} role="img" aria-label={label} />;
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

function draw(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const ratio = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = Math.max(2, height / 60);
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    for (let at = 0; at + 1 < stroke.length; at += 2)
      pen.lineTo((stroke[at] ?? 0) * width, (stroke[at + 1] ?? 0) * height);
    if (stroke.length === 2) pen.lineTo((stroke[0] ?? 0) * width + 0.1, (stroke[1] ?? 0) * height);
    pen.stroke();
  }
}
