/** A document whose pages can be drawn. */
export interface OpenDocument {
  readonly pages: number;
  /**
   * A page (from 1) on a canvas of its own, `width` pixels wide or as wide as is allowed. Rejects with the signal's
   * reason once nobody wants it any more, else with a DocumentFault.
   */
  draw(page: number, width: number, signal: AbortSignal): Promise<HTMLCanvasElement>;
  close(): void;
}

/** Why a document cannot be shown. */
export type FaultKind = "encrypted" | "broken" | "away";

export class DocumentFault extends Error {
  constructor(
    readonly kind: FaultKind,
    cause: unknown,
  ) {
    super(kind, { cause });
    this.name = "DocumentFault";
  }
}

/** Of a canvas: a page of any size becomes one that every phone can hold. */
const SIDE_MAX = 4_096;
const PIXELS_MAX = 8_000_000;

/** How much a page of these proportions is enlarged so as to be `wanted` pixels wide, within the bounds. */
export function scaleFor(width: number, height: number, wanted: number): number {
  return Math.min(
    wanted / width,
    SIDE_MAX / width,
    SIDE_MAX / height,
    Math.sqrt(PIXELS_MAX / (width * height)),
  );
}
