import { isWhole, type Part } from "./documents";

/** Where a page lies in its room: its upper left corner (CSS pixels), and how much it is enlarged from fitting in. */
export interface PageView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export const SCALE_MAX = 6;
const DOUBLE_TAP_SCALE = 2.5;
/** A part that was pointed at gets this much of the room, and no more enlargement than that. */
const PART_SHARE = 0.9;
const PART_SCALE_MAX = 4;

/** The page as large as the whole of it fits in. */
export function fittingPage(room: Size, heightToWidth: number): Size {
  const width = Math.min(room.width, room.height / heightToWidth);
  return { width, height: width * heightToWidth };
}

/** No edge of the page comes further in than it must; what is smaller than the room stands in its middle. */
export function keptInside(view: PageView, room: Size, page: Size): PageView {
  const scale = Math.min(SCALE_MAX, Math.max(1, view.scale));
  const inside = (at: number, space: number, size: number): number =>
    size <= space ? (space - size) / 2 : Math.min(0, Math.max(space - size, at));
  return {
    scale,
    x: inside(view.x, room.width, page.width * scale),
    y: inside(view.y, room.height, page.height * scale),
  };
}

/** Enlarged around a point of the room, which stays where it is. */
export function enlarged(view: PageView, factor: number, at: Point, room: Size, page: Size): PageView {
  const scale = Math.min(SCALE_MAX, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return keptInside({ scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, room, page);
}

/** Two fingers: what was under them stays under them. */
export function pinched(
  view: PageView,
  before: readonly [Point, Point],
  now: readonly [Point, Point],
  room: Size,
  page: Size,
): PageView {
  const apart = ([a, b]: readonly [Point, Point]): number => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const middle = ([a, b]: readonly [Point, Point]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const [from, to] = [middle(before), middle(now)];
  const moved = { ...view, x: view.x + to.x - from.x, y: view.y + to.y - from.y };
  return enlarged(moved, apart(now) / apart(before), to, room, page);
}

/** Large where the finger is, or whole again. */
export function doubleTapped(view: PageView, at: Point, room: Size, page: Size): PageView {
  return view.scale > 1.05
    ? wholePage(room, page)
    : enlarged(view, DOUBLE_TAP_SCALE / view.scale, at, room, page);
}

export function wholePage(room: Size, page: Size): PageView {
  return keptInside({ scale: 1, x: 0, y: 0 }, room, page);
}

/** The part that somebody points at, in the middle and as large as it can be read. */
export function viewOnPart(part: Part, room: Size, page: Size): PageView {
  if (isWhole(part)) return wholePage(room, page);
  const scale = Math.min(
    PART_SCALE_MAX,
    (PART_SHARE * room.width) / (part.width * page.width),
    (PART_SHARE * room.height) / (part.height * page.height),
  );
  const bounded = Math.max(1, scale);
  return keptInside(
    {
      scale: bounded,
      x: room.width / 2 - (part.x + part.width / 2) * page.width * bounded,
      y: room.height / 2 - (part.y + part.height / 2) * page.height * bounded,
    },
    room,
    page,
  );
}
