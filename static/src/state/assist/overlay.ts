import type { MarkColor, MarkState } from "../../protocol.gen";
import { onScreen, outline, type Drawable, type Homography, type Place } from "./overlay-geometry";

/** A mark and where it is in the frame that is shown. */
export interface OverlayMark {
  readonly mark: Drawable;
  /** Null: the frame shown is the very one that it was drawn on. */
  readonly h: Homography | null;
  readonly state: MarkState;
  /** Shown beside it: who drew it. */
  readonly name?: string;
  readonly isSelected?: boolean;
}

/** Colours as the canvas wants them; views read them from the design tokens. */
export type Palette = Readonly<Record<MarkColor, string>> & {
  readonly ink: string;
  readonly halo: string;
};

export interface OverlayLook {
  readonly palette: Palette;
  /** Device pixels of one CSS pixel. */
  readonly ratio: number;
  readonly font: string;
}

type Pen = CanvasRenderingContext2D;

/**
 * Draws marks over a picture that lies at `place` (pixels of the canvas). Shown by phone and expert alike: ok is a solid
 * line, placing a pale one, weak a dashed one; lost and unplaced marks are not drawn, for nobody knows where they belong.
 */
export function drawMarks(pen: Pen, marks: readonly OverlayMark[], place: Place, look: OverlayLook): void {
  for (const shown of marks) drawMark(pen, shown, place, look);
}

export function isDrawn(state: MarkState): boolean {
  return state !== "lost" && state !== "unplaced";
}

function drawMark(pen: Pen, shown: OverlayMark, place: Place, look: OverlayLook): void {
  const { mark, h, state } = shown;
  if (!isDrawn(state) || place.width <= 0) return;
  const path = onScreen(outline(mark), mark.frame, h, place);
  if (!path || path.length < 2) return;
  const { palette, ratio } = look;
  const width = Math.max(2 * ratio, mark.width * (place.width / mark.frame.width));
  pen.save();
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.globalAlpha = state === "ok" ? 1 : state === "weak" ? 0.85 : 0.7;
  const dash = state === "weak" ? [3 * width, 2.4 * width] : [];
  if (shown.isSelected) stroke(pen, path, palette.white, width + 6 * ratio, [], 0.55);
  if (mark.kind === "number") {
    disc(pen, path, mark.number, width, palette[mark.color], dash, look);
  } else if (mark.kind === "text") {
    plate(pen, mark.text, path[0] ?? 0, path[1] ?? 0, palette[mark.color], look, "start");
  } else {
    stroke(pen, path, palette.halo, width + 2.5 * ratio, dash);
    stroke(pen, path, palette[mark.color], width, dash);
    if (mark.kind === "arrow") head(pen, path, width, palette[mark.color], palette.halo, ratio);
    if (mark.kind === "measure") ticks(pen, path, width, palette[mark.color], palette.halo, ratio);
    label(pen, shown, path, width, look);
  }
  if (shown.name) {
    const [x, y] = lowest(path);
    const below = mark.kind === "number" ? numberRadius(width, look) : width;
    plate(pen, shown.name, x, y + below + 5 * ratio, palette[mark.color], look, "name", 11);
  }
  pen.restore();
}

function stroke(
  pen: Pen,
  path: readonly number[],
  color: string,
  width: number,
  dash: number[],
  alpha?: number,
): void {
  pen.save();
  if (alpha !== undefined) pen.globalAlpha = alpha;
  pen.setLineDash(dash);
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(path[0] ?? 0, path[1] ?? 0);
  for (let index = 2; index + 1 < path.length; index += 2) pen.lineTo(path[index] ?? 0, path[index + 1] ?? 0);
  pen.stroke();
  pen.restore();
}

function head(
  pen: Pen,
  path: readonly number[],
  width: number,
  color: string,
  halo: string,
  ratio: number,
): void {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = path;
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const size = Math.max(4 * width, 12 * ratio);
  const tip = (turn: number): readonly [number, number] => [
    x1 - size * Math.cos(angle + turn),
    y1 - size * Math.sin(angle + turn),
  ];
  const barbs = [...tip(0.48), x1, y1, ...tip(-0.48)];
  stroke(pen, barbs, halo, width + 2.5 * ratio, []);
  stroke(pen, [x0, y0, x1, y1], color, width, pen.getLineDash());
  stroke(pen, barbs, color, width, []);
}

function ticks(
  pen: Pen,
  path: readonly number[],
  width: number,
  color: string,
  halo: string,
  ratio: number,
): void {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = path;
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [nx, ny] = [(-(y1 - y0) / length) * (2.5 * width), ((x1 - x0) / length) * (2.5 * width)];
  for (const [x, y] of [
    [x0, y0],
    [x1, y1],
  ] as const) {
    stroke(pen, [x - nx, y - ny, x + nx, y + ny], halo, width + 2.5 * ratio, []);
    stroke(pen, [x - nx, y - ny, x + nx, y + ny], color, width, []);
  }
}

function numberRadius(width: number, { ratio }: OverlayLook): number {
  return Math.max(11 * ratio, 3 * width);
}

function disc(
  pen: Pen,
  path: readonly number[],
  number: number,
  width: number,
  color: string,
  dash: number[],
  look: OverlayLook,
): void {
  const [x = 0, y = 0] = path;
  const radius = numberRadius(width, look);
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
  pen.setLineDash(dash);
  pen.lineWidth = 2 * look.ratio;
  pen.strokeStyle = look.palette.halo;
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = look.palette.ink;
  pen.font = `600 ${Math.round(radius * 1.15)}px ${look.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(number), x, y + radius * 0.06);
}

/** The number or the words of a line: a measure's in its middle, the others' above what they belong to. */
function label(
  pen: Pen,
  shown: OverlayMark,
  path: readonly number[],
  width: number,
  look: OverlayLook,
): void {
  const { mark } = shown;
  const words = [mark.number > 0 ? String(mark.number) : "", mark.text].filter(Boolean).join(" · ");
  if (!words) return;
  const color = look.palette[mark.color];
  if (mark.kind === "measure") {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = path;
    plate(pen, words, (x0 + x1) / 2, (y0 + y1) / 2, color, look, "centre");
    return;
  }
  const top = path.reduce(
    (best, value, index) => (index % 2 === 1 && value < (path[best] ?? 0) ? index : best),
    1,
  );
  plate(pen, words, path[top - 1] ?? 0, (path[top] ?? 0) - width - 16 * look.ratio, color, look, "centre");
}

function lowest(path: readonly number[]): readonly [number, number] {
  const at = path.reduce(
    (best, value, index) => (index % 2 === 1 && value > (path[best] ?? 0) ? index : best),
    1,
  );
  return [path[at - 1] ?? 0, path[at] ?? 0];
}

const LINE_CHARS = 28;

/** Words on a plate, broken into lines; `x`, `y` is its top left corner, its top middle or its centre. */
function plate(
  pen: Pen,
  text: string,
  x: number,
  y: number,
  color: string,
  look: OverlayLook,
  anchor: "start" | "name" | "centre",
  size = 14,
): void {
  if (!text) return;
  const { ratio, palette } = look;
  const lines = broken(text, LINE_CHARS);
  pen.setLineDash([]);
  pen.font = `600 ${size * ratio}px ${look.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  const padding = 6 * ratio;
  const leading = size * 1.35 * ratio;
  const width = Math.max(...lines.map((line) => pen.measureText(line).width)) + 2 * padding;
  const height = lines.length * leading + padding;
  let left = anchor === "start" ? x : x - width / 2;
  // Whose mark it is can be read as long as the mark is in the picture.
  const { width: across } = pen.canvas;
  if (anchor === "name" && x >= 0 && x <= across) left = Math.max(0, Math.min(left, across - width));
  const top = anchor === "centre" ? y - height / 2 : y;
  pen.fillStyle = palette.halo;
  pen.beginPath();
  pen.roundRect(left, top, width, height, 5 * ratio);
  pen.fill();
  pen.lineWidth = 1.5 * ratio;
  pen.strokeStyle = color;
  pen.stroke();
  pen.fillStyle = color;
  lines.forEach((line, index) =>
    pen.fillText(line, left + padding, top + padding / 2 + leading * (index + 0.5)),
  );
}

/** At spaces where there are any, else anywhere: Chinese has none. */
export function broken(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let rest = [...text];
  while (rest.length > most) {
    const space = rest.slice(0, most + 1).lastIndexOf(" ");
    const at = space > most / 3 ? space : most;
    lines.push(rest.slice(0, at).join("").trim());
    rest = rest.slice(at);
  }
  return [...lines, rest.join("").trim()].filter(Boolean);
}
