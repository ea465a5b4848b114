import type { Mark } from "../../protocol.gen";
import type { TrackedMark } from "./keyframe";

type Drawn = Pick<Mark, "id" | "kind" | "points" | "frame">;

/**
 * The points by which a mark holds on: not the corners of the box around an ellipse, which lie on something else, but what
 * the mark is about.
 */
export function tracked({ id, kind, points, frame }: Drawn): TrackedMark {
  const size = { width: frame.width, height: frame.height };
  const [x0 = 0, y0 = 0, x1 = x0, y1 = y0] = points;
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  switch (kind) {
    case "circle":
    case "rectangle":
      return { id, frame: size, points: [x, y, x0, y, x1, y, x, y0, x, y1] };
    case "arrow":
      // It is the head that points at something.
      return { id, frame: size, points: [x1, y1] };
    case "measure":
      return { id, frame: size, points: [x0, y0, x, y, x1, y1] };
    case "text":
    case "number":
      return { id, frame: size, points: [x0, y0] };
    case "freehand":
      return { id, frame: size, points };
  }
}
