import { onScreen, outline, type Drawable, type Homography, type Place } from "./overlay-geometry";

export interface EdgeArrow {
  readonly x: number;
  readonly y: number;
  /** Radians; 0 points to the right. */
  readonly angle: number;
}

/**
 * Where, at the edge of what is visible, an arrow shows the way to a mark that lies outside; null when it can be seen.
 * `view` is what is visible, `inset` how far from its edge the arrow stays; all of one kind of pixels.
 */
export function edgeArrow(
  mark: Drawable,
  h: Homography | null,
  place: Place,
  view: { readonly width: number; readonly height: number },
  inset: number,
): EdgeArrow | null {
  const path = onScreen(outline(mark), mark.frame, h, place);
  if (!path || path.length < 2) return null;
  let [x, y] = [0, 0];
  for (let k = 0; k + 1 < path.length; k += 2) {
    const [px, py] = [path[k] ?? 0, path[k + 1] ?? 0];
    if (px >= 0 && py >= 0 && px <= view.width && py <= view.height) return null;
    x += (2 * px) / path.length;
    y += (2 * py) / path.length;
  }
  const [cx, cy] = [view.width / 2, view.height / 2];
  const [dx, dy] = [x - cx, y - cy];
  if (dx === 0 && dy === 0) return null;
  const reach = Math.min(
    dx === 0 ? Infinity : Math.max(1, cx - inset) / Math.abs(dx),
    dy === 0 ? Infinity : Math.max(1, cy - inset) / Math.abs(dy),
  );
  return { x: cx + dx * reach, y: cy + dy * reach, angle: Math.atan2(dy, dx) };
}

/** Where a picture lies that fills a view and is cut off where it does not fit. */
export function fill(width: number, height: number, viewWidth: number, viewHeight: number): Place {
  const scale = Math.max(viewWidth / width, viewHeight / height);
  return {
    x: (viewWidth - scale * width) / 2,
    y: (viewHeight - scale * height) / 2,
    width: scale * width,
    height: scale * height,
  };
}
