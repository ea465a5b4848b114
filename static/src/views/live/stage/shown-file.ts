import type { OpenDocument } from "../../assist/documents/document";

/** A file of this device as a picture that can be shared: pages on a canvas, or a film. */
export interface ShownFile {
  readonly kind: "pages" | "video";
  readonly title: string;
  readonly pages: number;
  readonly durationMs: number;
  readonly stream: MediaStream;
  turn(page: number): Promise<void>;
  /** Of a film: true when it plays afterwards. */
  toggle(): Promise<boolean>;
  readonly positionMs: number;
  /** A film came to its end. */
  onEnd: () => void;
  close(): void;
}

export class NotShowable extends Error {}

const WIDTH = 1_280;
const HEIGHT = 720;
/** A still page is drawn again and again, so that who comes later gets a picture soon. */
const REDRAW_MS = 250;
const VIDEO_READY_MS = 15_000;

export function openFile(file: File): Promise<ShownFile> {
  const isPdf = file.type === "application/pdf" || /\.pdf$/i.test(file.name);
  return isPdf ? openPages(file) : openFilm(file);
}

async function openPages(file: File): Promise<ShownFile> {
  const { openPdf } = await import("../../assist/documents/pdf");
  let document: OpenDocument;
  try {
    document = await openPdf(
      file.size,
      async (begin, end) => new Uint8Array(await file.slice(begin, end).arrayBuffer()),
    );
  } catch (cause) {
    throw new NotShowable("not a readable PDF", { cause });
  }
  const canvas = window.document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) {
    document.close();
    throw new NotShowable("no canvas");
  }
  let drawn: HTMLCanvasElement | null = null;
  const redraw = (): void => {
    context.fillStyle = "#12171a";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    if (!drawn) return;
    const scale = Math.min(WIDTH / drawn.width, HEIGHT / drawn.height);
    const [width, height] = [drawn.width * scale, drawn.height * scale];
    context.drawImage(drawn, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  };
  let turning: AbortController | null = null;
  const turn = async (page: number): Promise<void> => {
    turning?.abort();
    const mine = (turning = new AbortController());
    const next = await document.draw(page, WIDTH, mine.signal).catch(() => null);
    if (mine.signal.aborted || !next) return;
    drawn = next;
    redraw();
  };
  await turn(1);
  redraw();
  const timer = setInterval(redraw, REDRAW_MS);
  return {
    kind: "pages",
    title: titleOf(file),
    pages: document.pages,
    durationMs: 0,
    positionMs: 0,
    stream: canvas.captureStream(),
    turn,
    toggle: () => Promise.resolve(false),
    onEnd: () => undefined,
    close: () => {
      clearInterval(timer);
      turning?.abort();
      document.close();
    },
  };
}

interface Capturing extends HTMLVideoElement {
  captureStream?: () => MediaStream;
  mozCaptureStream?: () => MediaStream;
}

async function openFilm(file: File): Promise<ShownFile> {
  const video = document.createElement("video") as Capturing;
  const url = URL.createObjectURL(file);
  video.playsInline = true;
  video.src = url;
  const capture = video.captureStream ?? video.mozCaptureStream;
  const ready = await new Promise<boolean>((resolve) => {
    video.addEventListener("canplay", () => resolve(true), { once: true });
    video.addEventListener("error", () => resolve(false), { once: true });
    setTimeout(() => resolve(false), VIDEO_READY_MS);
  });
  if (!ready || !capture) {
    URL.revokeObjectURL(url);
    throw new NotShowable("not a film that this browser plays");
  }
  const stream = capture.call(video);
  const shown: ShownFile = {
    kind: "video",
    title: titleOf(file),
    pages: 1,
    durationMs: Number.isFinite(video.duration) ? Math.round(video.duration * 1_000) : 0,
    get positionMs() {
      return Math.round(video.currentTime * 1_000);
    },
    stream,
    turn: () => Promise.resolve(),
    toggle: async () => {
      if (!video.paused) {
        video.pause();
        return false;
      }
      await video.play();
      return true;
    },
    onEnd: () => undefined,
    close: () => {
      video.pause();
      video.removeAttribute("src");
      URL.revokeObjectURL(url);
    },
  };
  video.addEventListener("ended", () => shown.onEnd());
  await video.play();
  return shown;
}

function titleOf(file: File): string {
  return file.name.replace(/\.[a-z0-9]{2,5}$/i, "").slice(0, 120) || file.name.slice(0, 120);
}
