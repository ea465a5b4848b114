import {
  MARK_POINTS_MAX,
  MARK_WIDTH_MAX,
  MARK_WIDTH_MIN,
  type MarkColor,
  type MarkKind,
  type SeenFrame,
} from "../../protocol.gen";

/** What the pen does on the picture. The laser leaves nothing behind, the pointer chooses marks. */
export const TOOLS = [
  "pointer",
  "arrow",
  "circle",
  "rectangle",
  "freehand",
  "text",
  "number",
  "measure",
  "laser",
] as const;
export type Tool = (typeof TOOLS)[number];

export const WIDTHS = [3, 5, 9] as const;

/** What is drawn, before it is anybody's: points are pixels of the frame. */
export interface Shape {
  readonly kind: MarkKind;
  readonly points: readonly number[];
  readonly width: number;
}

/** A mark as its author's page keeps it, to place it again after undo. */
export interface DrawnMark extends Shape {
  readonly mark_id: string;
  readonly color: MarkColor;
  readonly text: string;
  readonly number: number;
  readonly frame: SeenFrame;
}

export interface PenSample {
  /** Pixels of the frame; may lie outside of it. */
  readonly x: number;
  readonly y: number;
  /** 0..1; a mouse has 0.5. */
  readonly pressure: number;
}

/** A stroke this short, in pixels of the frame, was a slip of the hand. */
const SLIP = 6;
/** Freehand strokes are thinned out until no dropped point is further than this from the line. */
const TOLERANCE = 0.8;
const SAMPLES_MAX = 4_096;

/** One touch of the pen, from down to up. Pure: the frame's size and samples in, a shape out. */
export class Stroke {
  readonly #samples: PenSample[];

  constructor(
    readonly kind: MarkKind,
    private readonly frame: { readonly width: number; readonly height: number },
    private readonly baseWidth: number,
    first: PenSample,
  ) {
    this.#samples = [this.#inside(first)];
  }

  move(samples: readonly PenSample[]): void {
    for (const sample of samples) {
      const next = this.#inside(sample);
      const last = this.#samples.at(-1);
      if (this.kind !== "freehand" && this.#samples.length > 1) this.#samples.pop();
      if (this.kind === "freehand") {
        if (this.#samples.length >= SAMPLES_MAX) return;
        if (last && last.x === next.x && last.y === next.y) continue;
      }
      this.#samples.push(next);
    }
  }

  /** What it would be if the pen went up now; null while it is a dot. */
  shape(): Shape | null {
    const points = this.#points();
    return points && { kind: this.kind, points, width: this.#width() };
  }

  #points(): readonly number[] | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last) return null;
    if (this.kind === "text" || this.kind === "number") return [last.x, last.y];
    const size = Math.max(
      ...this.#samples.map((sample) => Math.hypot(sample.x - first.x, sample.y - first.y)),
    );
    if (size < SLIP) return null;
    if (this.kind !== "freehand") return [first.x, first.y, last.x, last.y];
    const path = this.#samples.flatMap((sample) => [sample.x, sample.y]);
    return thinned(path, MARK_POINTS_MAX);
  }

  /** A pen that is pressed harder draws a wider line: half to one and a half of the chosen width. */
  #width(): number {
    const mean = this.#samples.reduce((sum, sample) => sum + sample.pressure, 0) / this.#samples.length;
    const width = this.baseWidth * (0.5 + Math.min(1, Math.max(0, mean)));
    return Math.min(MARK_WIDTH_MAX, Math.max(MARK_WIDTH_MIN, Math.round(width * 10) / 10));
  }

  #inside(sample: PenSample): PenSample {
    const clamp = (value: number, most: number): number =>
      Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
    return { ...sample, x: clamp(sample.x, this.frame.width), y: clamp(sample.y, this.frame.height) };
  }
}

/** At most `most` points of the path, as close to it as a growing tolerance allows (Ramer, Douglas and Peucker). */
export function thinned(path: readonly number[], most: number): number[] {
  for (let tolerance = TOLERANCE; ; tolerance *= 1.6) {
    const kept = simplified(path, tolerance);
    if (kept.length / 2 <= most) return kept;
  }
}

function simplified(path: readonly number[], tolerance: number): number[] {
  const count = path.length / 2;
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  const spans: [number, number][] = [[0, count - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    let furthest = -1;
    let distance = tolerance;
    for (let index = from + 1; index < to; index++) {
      const away = distanceToSegment(path, index, from, to);
      if (away > distance) [furthest, distance] = [index, away];
    }
    if (furthest < 0) continue;
    keep[furthest] = 1;
    spans.push([from, furthest], [furthest, to]);
  }
  return path.filter((_, index) => keep[index >> 1] === 1);
}

function distanceToSegment(path: readonly number[], index: number, from: number, to: number): number {
  const at = (point: number): readonly [number, number] => [path[2 * point] ?? 0, path[2 * point + 1] ?? 0];
  const [x, y] = at(index);
  const [x0, y0] = at(from);
  const [x1, y1] = at(to);
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
