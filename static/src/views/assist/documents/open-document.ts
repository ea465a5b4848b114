import type { Documents, KeptDocument } from "../../../state/assist/documents";
import { DocumentFault, scaleFor, type OpenDocument } from "./document";

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
