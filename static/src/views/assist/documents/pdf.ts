import { getDocument, PDFDataRangeTransport, PDFWorker, type PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { workerOf } from "../../room/worker-of";
import { DocumentFault, scaleFor, type OpenDocument } from "./document";

type Read = (begin: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;

/** What the reader asks for by name: fetched from this site when a document needs it, never from elsewhere. */
const FILES: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  // How Chinese, Japanese and Korean text is encoded where the document does not bring its fonts.
  cMapUrl: byName(
    import.meta.glob<string>("/node_modules/pdfjs-dist/cmaps/*.bcmap", {
      query: "?url",
      import: "default",
      eager: true,
    }),
  ),
  standardFontDataUrl: byName(
    import.meta.glob<string>("/node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}", {
      query: "?url",
      import: "default",
      eager: true,
    }),
  ),
  // Scanned pages: JBIG2, fax and JPEG 2000.
  wasmUrl: byName(
    import.meta.glob<string>("/node_modules/pdfjs-dist/wasm/{jbig2,openjpeg}.wasm", {
      query: "?url",
      import: "default",
      eager: true,
    }),
  ),
};

/** A file of at most this size is read at once; of a larger one only what the pages need. */
const WHOLE_MAX_BYTES = 1_000_000;
const CHUNK_BYTES = 131_072;
/** Of one picture in a page. */
const PICTURE_PIXELS_MAX = 64_000_000;
/** So long may the reader be silent over bytes that it has: there are files that keep it busy for ever. */
const PATIENCE_MS = 20_000;
const WATCH_MS = 250;
const ERRORS_ONLY = 0;

function byName(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(files).map(([path, url]) => [path.slice(path.lastIndexOf("/") + 1), url]));
}

/** Named by pdf.js; asked in the page, for its worker may reach nobody. */
class OwnFiles {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const url = FILES[kind]?.get(filename);
    if (!url) throw new Error(`${filename} is not known here`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${filename}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }
}

/** One worker for all documents: closing a document leaves it alone. */
let shared: { readonly worker: PDFWorker; readonly port: Worker } | null = null;

function sharedWorker(): PDFWorker {
  if (!shared) {
    const port = workerOf(workerUrl);
    // Its types forget that a port is a worker.
    shared = { port, worker: new PDFWorker({ port: port as unknown as null, verbosity: ERRORS_ONLY }) };
  }
  return shared.worker;
}

/** The bytes of one file, as they are asked for. */
class Source {
  underWay = 0;
  /** Of the last read that failed. */
  fault: DocumentFault | null = null;

  constructor(
    readonly sizeBytes: number,
    readonly worker: PDFWorker,
    private readonly from: Read,
  ) {}

  async read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.underWay += 1;
    try {
      return await this.from(begin, end);
    } catch (cause) {
      this.fault = cause instanceof DocumentFault ? cause : new DocumentFault("away", cause);
      throw this.fault;
    } finally {
      this.underWay -= 1;
    }
  }
}

export async function openPdf(sizeBytes: number, read: Read): Promise<OpenDocument> {
  const source = new Source(sizeBytes, sharedWorker(), read);
  const task = getDocument({
    ...(sizeBytes <= WHOLE_MAX_BYTES ? { data: await source.read(0, sizeBytes) } : { range: ranges(source) }),
    worker: source.worker,
    BinaryDataFactory: OwnFiles,
    useWorkerFetch: false,
    rangeChunkSize: CHUNK_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    isEvalSupported: false,
    enableXfa: false,
    maxImageSize: PICTURE_PIXELS_MAX,
    verbosity: ERRORS_ONLY,
  });
  try {
    const opened = await patiently(task.promise, source);
    return { pages: opened.numPages, draw: drawer(opened, source), close: () => void task.destroy() };
  } catch (cause) {
    void task.destroy();
    throw faultOf(cause, source);
  }
}

function ranges(source: Source): PDFDataRangeTransport {
  const transport = new PDFDataRangeTransport(source.sizeBytes, null);
  transport.requestDataRange = (begin, end) => {
    source.read(begin, end).then(
      (bytes) => transport.onDataRange(begin, bytes),
      // Whoever waits for these bytes is told by `patiently`.
      () => undefined,
    );
  };
  return transport;
}

function drawer(opened: PDFDocumentProxy, source: Source): OpenDocument["draw"] {
  return async (number, width, signal) => {
    signal.throwIfAborted();
    try {
      const page = await patiently(opened.getPage(number), source);
      signal.throwIfAborted();
      const full = page.getViewport({ scale: 1 });
      const viewport = page.getViewport({ scale: scaleFor(full.width, full.height, width) });
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(viewport.width));
      canvas.height = Math.max(1, Math.round(viewport.height));
      const task = page.render({ canvas, viewport });
      const stop = (): void => task.cancel();
      signal.addEventListener("abort", stop);
      try {
        await patiently(task.promise, source);
      } finally {
        signal.removeEventListener("abort", stop);
        page.cleanup();
      }
      return canvas;
    } catch (cause) {
      signal.throwIfAborted();
      throw faultOf(cause, source);
    }
  };
}

/** Rejects when bytes cannot be had, or when the reader says nothing for too long over those that it has. */
function patiently<T>(work: Promise<T>, source: Source): Promise<T> {
  source.fault = null;
  let silentMs = 0;
  let watch: ReturnType<typeof setInterval>;
  const silence = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      silentMs = source.underWay > 0 ? 0 : silentMs + WATCH_MS;
      if (source.fault) reject(source.fault);
      if (silentMs < PATIENCE_MS) return;
      dismiss(source.worker);
      reject(new DocumentFault("broken", new Error("silent")));
    }, WATCH_MS);
  });
  return Promise.race([work, silence]).finally(() => clearInterval(watch));
}

/** Another document may have been given a new one meanwhile: that one stays. */
function dismiss(worker: PDFWorker): void {
  worker.destroy();
  if (shared?.worker !== worker) return;
  shared.port.terminate();
  shared = null;
}

function faultOf(cause: unknown, source: Source): DocumentFault {
  if (cause instanceof DocumentFault) return cause;
  if (cause instanceof Error && cause.name === "PasswordException")
    return new DocumentFault("encrypted", cause);
  return source.fault ?? new DocumentFault("broken", cause);
}
