/** The worker that follows marks: glue between the camera's frames and Sticking. */
import { LumaReader } from "./luma-reader";
import { RtpClock } from "./rtp-clock";
import { Sticking } from "./sticking";
import type { FromTracking, SentFrame, ToTracking } from "./tracking-protocol";

/** The part of a dedicated worker's global scope that is used; the DOM's types know windows only. */
interface Scope {
  onmessage: ((message: MessageEvent<ToTracking>) => void) | null;
  postMessage(message: FromTracking, transfer?: Transferable[]): void;
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack }) => {
    readonly readable: ReadableStream<VideoFrame>;
  };
}

const scope = self as unknown as Scope;
const luma = new LumaReader();
const clock = new RtpClock();
let sticking: Sticking | null = null;
/** Wishes that came before the first frame. */
const early: ToTracking[] = [];
let budgetMs = 24;
let stride = 1;
let count = 0;
/** Somebody wants the picture of the next frame. */
let isWanted = false;
let reading: ReadableStreamDefaultReader<VideoFrame> | null = null;

const now = (): number => performance.timeOrigin + performance.now();

function ready(width: number, height: number): Sticking {
  if (sticking) {
    sticking.resize({ width, height });
    return sticking;
  }
  sticking = new Sticking(
    { width, height },
    {
      now: () => performance.now(),
      onCorrection: (told, truly) => clock.correct(told, truly),
    },
  );
  for (const wish of early.splice(0)) take(wish);
  return sticking;
}

async function read(readable: ReadableStream<VideoFrame>): Promise<void> {
  void reading?.cancel().catch(() => undefined);
  const reader = readable.getReader();
  reading = reader;
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) return;
    const seenAtMs = now();
    try {
      await look(frame, seenAtMs);
    } catch (cause) {
      frame.close();
      console.warn("tongxin: a frame was not read", cause);
    }
  }
}

async function look(frame: VideoFrame, seenAtMs: number): Promise<void> {
  const capturedMs = frame.timestamp / 1_000;
  clock.captured(capturedMs, seenAtMs);
  const { ok, resized } = await luma.read(frame);
  if (!ok || !luma.size) {
    frame.close();
    return;
  }
  const { width, height } = luma.size;
  const marks = resized || !sticking ? ready(width, height) : sticking;
  if (!follow(marks, luma.gray, capturedMs, width, height, frame)) frame.close();
}

/** True when the picture was passed on. */
function follow(
  marks: Sticking,
  gray: Uint8Array,
  capturedMs: number,
  width: number,
  height: number,
  picture: VideoFrame | null,
): boolean {
  const rtpTimestamp = clock.timestampOf(capturedMs);
  count += 1;
  if (count % stride !== 0) {
    marks.remember(gray, rtpTimestamp ?? -1, capturedMs);
    return false;
  }
  const started = performance.now();
  const poses = marks.step(gray, rtpTimestamp ?? -1, capturedMs, budgetMs);
  const shown = marks.isNeeded || isWanted ? picture : null;
  if (shown) isWanted = false;
  const told: FromTracking = {
    kind: "frame",
    picture: shown,
    poses,
    rtpTimestamp,
    capturedMs,
    size: { width, height },
    costMs: performance.now() - started,
  };
  scope.postMessage(told, shown ? [shown] : []);
  return shown !== null;
}

function take(message: ToTracking): void {
  switch (message.kind) {
    case "frames":
      void read(message.readable);
      return;
    case "track": {
      const Processor = scope.MediaStreamTrackProcessor;
      if (Processor) void read(new Processor({ track: message.track }).readable);
      return;
    }
    case "captured":
      clock.captured(message.capturedMs, message.seenAtMs);
      return;
    case "luma": {
      if (!message.isAnnounced) clock.captured(message.capturedMs, now());
      const isOther = luma.size?.width !== message.width || luma.size.height !== message.height;
      luma.size = { width: message.width, height: message.height, step: 1, turns: 0 };
      const marks = isOther || !sticking ? ready(message.width, message.height) : sticking;
      follow(marks, message.gray, message.capturedMs, message.width, message.height, null);
      return;
    }
    case "stop":
      void reading?.cancel().catch(() => undefined);
      reading = null;
      return;
    case "sent":
      message.port.onmessage = ({ data }: MessageEvent<SentFrame>) =>
        clock.sent(data.rtpTimestamp, data.atMs);
      return;
    case "picture":
      isWanted = true;
      return;
    case "pace":
      budgetMs = message.budgetMs;
      stride = message.stride;
      return;
    default:
      if (sticking) wish(sticking, message);
      else early.push(message);
  }
}

type Wish = Exclude<
  ToTracking,
  { kind: "frames" | "track" | "luma" | "captured" | "stop" | "sent" | "pace" | "picture" }
>;

function wish(marks: Sticking, message: Wish): void {
  switch (message.kind) {
    case "hold":
      marks.hold(message.thumb);
      return;
    case "place": {
      const placing = marks.place(message.mark, message.rtpTimestamp);
      scope.postMessage({ kind: "placed", markId: message.mark.id, ...placing });
      return;
    }
    case "remove":
      marks.remove(message.markId);
      return;
    case "keep":
      marks.keep(message.rtpTimestamp, message.capturedMs);
      return;
    case "store":
      scope.postMessage({ kind: "stored", keyframes: marks.store() });
      return;
    case "restore":
      marks.restore(message.name, message.keyframe, message.marks);
      return;
  }
}

scope.onmessage = ({ data }) => take(data);
