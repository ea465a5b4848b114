export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly perPage: number;
  readonly pages: number;
}

export interface GridRequest {
  readonly count: number;
  /** Pixels of the stage. */
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  /** Narrowest and widest shape that a tile may take, width / height. */
  readonly minAspect: number;
  readonly maxAspect: number;
  /** A face that is narrower than this is not worth a tile: further ones go to the next page. */
  readonly minTileWidth: number;
  readonly maxPerPage: number;
}

/** The grid with the largest tiles that hold `count` people, over several pages if they would get too small. */
export function gridLayout(request: GridRequest): GridLayout {
  const { count, width, height, minTileWidth, maxPerPage } = request;
  if (count <= 0 || width <= 0 || height <= 0)
    return { columns: 1, rows: 1, tileWidth: 0, tileHeight: 0, perPage: 1, pages: 1 };
  let perPage = Math.min(count, maxPerPage);
  let best = bestFor(perPage, request);
  while (perPage > 1 && best.tileWidth < minTileWidth) {
    perPage -= 1;
    best = bestFor(perPage, request);
  }
  // Full pages, the last has the rest: whoever comes last moves nobody.
  return { ...best, perPage, pages: Math.ceil(count / perPage) };
}

/** The largest tiles, and among those that are too narrow and those that are not, one that is not. */
function bestFor(
  count: number,
  { width, height, gap, minAspect, maxAspect, minTileWidth }: GridRequest,
): Pick<GridLayout, "columns" | "rows" | "tileWidth" | "tileHeight"> {
  let best = { columns: 1, rows: count, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const aspect = Math.min(maxAspect, Math.max(minAspect, cellWidth / cellHeight));
    const tileWidth = Math.floor(Math.min(cellWidth, cellHeight * aspect));
    const tileHeight = Math.floor(Math.min(cellHeight, tileWidth / aspect));
    const [isWide, bestIsWide] = [tileWidth >= minTileWidth, best.tileWidth >= minTileWidth];
    const isLarger = tileWidth * tileHeight > best.tileWidth * best.tileHeight;
    if (isWide === bestIsWide ? isLarger : isWide) best = { columns, rows, tileWidth, tileHeight };
  }
  return best;
}

const HOLD_MS = 2_000;

/** Who has the big place in the speaker layout: the loudest, but nobody for less than two seconds. */
export class MainSpeaker {
  #current = "";
  #sinceMs = 0;

  /** `speakers` loudest first; `eligible` says who could be shown. */
  next(speakers: readonly string[], eligible: ReadonlySet<string>, nowMs: number): string {
    const stays = eligible.has(this.#current);
    const wanted = speakers.find((id) => eligible.has(id));
    if (stays && (wanted === undefined || wanted === this.#current || speakers.includes(this.#current)))
      return this.#current;
    if (stays && nowMs - this.#sinceMs < HOLD_MS) return this.#current;
    const next = wanted ?? eligible.values().next().value ?? "";
    if (next !== this.#current) {
      this.#current = next;
      this.#sinceMs = nowMs;
    }
    return this.#current;
  }
}
