import type { Documents, KeptDocument } from "../../../state/assist/documents";

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

/** Rejects with a DocumentFault: the file comes from outside and may be anything. */
export async function openDocument(documents: Documents, kept: KeptDocument): Promise<OpenDocument> {
  const read = async (begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return await documents.bytes(kept, begin, end);
    } catch (cause) {
      throw new DocumentFault("away", cause);
    }
  };
  if (kept.media_type.startsWith("image/"))
    return openPicture(await read(0, kept.size_bytes), kept.media_type);
  let reader: typeof import("./pdf");
  try {
    reader = await import("./pdf");
  } catch (cause) {
    throw new DocumentFault("away", cause);
  }
  return reader.openPdf(kept.size_bytes, read);
}

async function openPicture(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Promise<OpenDocument> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(new Blob([bytes], { type: mediaType }));
  } catch (cause) {
    throw new DocumentFault("broken", cause);
  }
  return {
    pages: 1,
    draw: (_page, width, signal) => {
      signal.throwIfAborted();
      // No larger than it is: what is not in it cannot be seen.
      const scale = Math.min(1, scaleFor(picture.width, picture.height, width));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return Promise.resolve(canvas);
    },
    close: () => picture.close(),
  };
}
