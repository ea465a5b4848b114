import type { Mark } from "../../protocol.gen";

/** Where the picture lies, in the pixels of whatever it is shown on. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Drawable = Pick<Mark, "id" | "kind" | "color" | "width" | "points" | "text" | "number" | "frame">;
/** Row by row, from pixels of the mark's frame to pixels of the frame that is shown, both at the mark's FrameRef size. */
export type Homography = ArrayLike<number>;

const ELLIPSE_POINTS = 48;

/** The largest place of the picture's proportions inside the box, in its middle. */
export function fitInside(
  box: { readonly width: number; readonly height: number },
  picture: { readonly width: number; readonly height: number },
): Place {
  if (picture.width <= 0 || picture.height <= 0 || box.width <= 0 || box.height <= 0)
    return { x: 0, y: 0, width: 0, height: 0 };
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: (box.width - width) / 2, y: (box.height - height) / 2, width, height };
}

/** The pixel of the picture under a point of the box. */
export function toPicture(
  place: Place,
  picture: { readonly width: number; readonly height: number },
  x: number,
  y: number,
): readonly [number, number] {
  return [
    place.width > 0 ? ((x - place.x) / place.width) * picture.width : 0,
    place.height > 0 ? ((y - place.y) / place.height) * picture.height : 0,
  ];
}

/** Null for a point at or behind the horizon of the homography. */
export function project(h: Homography, x: number, y: number): readonly [number, number] | null {
  const at = (index: number): number => h[index] ?? 0;
  const depth = at(6) * x + at(7) * y + at(8);
  if (!(depth * at(8) > 1e-6 * at(8) * at(8))) return null;
  return [(at(0) * x + at(1) * y + at(2)) / depth, (at(3) * x + at(4) * y + at(5)) / depth];
}

/** The line that the mark is drawn along, in pixels of its frame; closed for a circle and a rectangle. */
export function outline({ kind, points }: Pick<Drawable, "kind" | "points">): readonly number[] {
  const [x0 = 0, y0 = 0, x1 = x0, y1 = y0] = points;
  if (kind === "rectangle") return [x0, y0, x1, y0, x1, y1, x0, y1, x0, y0];
  if (kind !== "circle") return points;
  const [x, y, a, b] = [(x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2];
  return Array.from({ length: ELLIPSE_POINTS + 1 }, (_, index) => {
    const angle = (index / ELLIPSE_POINTS) * 2 * Math.PI;
    return [x + a * Math.cos(angle), y + b * Math.sin(angle)];
  }).flat();
}

/** The outline on the screen; null when a part of it lies behind the horizon. */
export function onScreen(
  path: readonly number[],
  frame: { readonly width: number; readonly height: number },
  h: Homography | null,
  place: Place,
): readonly number[] | null {
  const [sx, sy] = [place.width / frame.width, place.height / frame.height];
  const drawn: number[] = [];
  for (let index = 0; index + 1 < path.length; index += 2) {
    const [px, py] = [path[index] ?? 0, path[index + 1] ?? 0];
    const moved = h ? project(h, px, py) : ([px, py] as const);
    if (!moved) return null;
    drawn.push(place.x + moved[0] * sx, place.y + moved[1] * sy);
  }
  return drawn;
}

/** The middle of what the mark is about: where a list's thumbnail looks, and what an edge arrow points to. */
export function heart({ kind, points }: Pick<Drawable, "kind" | "points">): readonly [number, number] {
  if (kind === "arrow") return [points[2] ?? 0, points[3] ?? 0];
  const xs = points.filter((_, index) => index % 2 === 0);
  const ys = points.filter((_, index) => index % 2 === 1);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

/** Pixels from a point to the nearest part of a line on the screen. */
export function distanceTo(path: readonly number[], x: number, y: number): number {
  let best = Infinity;
  for (let index = 0; index + 1 < path.length; index += 2) {
    const [x0, y0] = [path[index] ?? 0, path[index + 1] ?? 0];
    const [x1, y1] = [path[index + 2] ?? x0, path[index + 3] ?? y0];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = dx * dx + dy * dy;
    const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
    best = Math.min(best, Math.hypot(x - x0 - share * dx, y - y0 - share * dy));
  }
  return best;
}
