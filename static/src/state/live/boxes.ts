export type StageLayout = "solo" | "side_by_side" | "picture_in_picture" | "slides";

/** Shares of the whole, 0 to 1. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const WHOLE: Box = { left: 0, top: 0, width: 1, height: 1 };
const SMALL = 1 / 4;
const STRIP = 1 / 5;
const EDGE = 0.0125;
const GAP = 0.00625;

/** Where the pictures of a stage are: as in its film (signaling/egress/stage_scene.py), whole at 16:9. */
export function boxesOf(layout: StageLayout, count: number): readonly Box[] {
  if (count < 1) return [];
  switch (layout) {
    case "solo":
      return [WHOLE];
    case "picture_in_picture":
      return count === 1
        ? [WHOLE]
        : [WHOLE, { left: 1 - SMALL - EDGE, top: 1 - SMALL - (EDGE * 16) / 9, width: SMALL, height: SMALL }];
    case "slides":
      return count === 1
        ? [WHOLE]
        : [
            { left: 0, top: 0, width: 1 - STRIP - GAP, height: 1 },
            { left: 1 - STRIP, top: 0, width: STRIP, height: STRIP },
          ];
    case "side_by_side":
      return grid(count);
  }
}

/** Every picture has the shape of the whole, so that as many columns as rows are best. */
function grid(count: number): readonly Box[] {
  if (count === 1) return [WHOLE];
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const side = (1 - (columns - 1) * GAP) / columns;
  const gapDown = (GAP * 16) / 9;
  const top = (1 - rows * side - (rows - 1) * gapDown) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (1 - inRow * side - (inRow - 1) * GAP) / 2;
    return {
      left: left + (index % columns) * (side + GAP),
      top: top + row * (side + gapDown),
      width: side,
      height: side,
    };
  });
}
