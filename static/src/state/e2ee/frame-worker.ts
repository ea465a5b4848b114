import { senderNumber } from "./key-id";
import type { KeySink } from "./agreement";
import type { MediaKind } from "./frames";
import type { GivenKey } from "./sender-key";
import type { FromWorker, LineOptions, ToWorker } from "./worker-protocol";
import { fromBase64Url } from "./bytes";

/** How a browser lets a page at encoded frames; none: it cannot take part in an encrypted meeting. */
export type FrameAccess = "script_transform" | "encoded_streams" | "none";

/** What of a browser decides that. */
export interface BrowserScope {
  readonly isSecureContext: boolean;
  readonly hasScriptTransform: boolean;
  readonly hasEncodedStreams: boolean;
}

export function frameAccess(browser: BrowserScope): FrameAccess {
  if (!browser.isSecureContext) return "none"; // no Web Cryptography outside
  return browser.hasScriptTransform
    ? "script_transform"
    : browser.hasEncodedStreams
      ? "encoded_streams"
      : "none";
}

interface EncodedStreams {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

/** A sender or receiver, whichever way its browser offers frames. */
type Line = (RTCRtpSender | RTCRtpReceiver) & { createEncodedStreams?: () => EncodedStreams };

export type WorkerLike = Pick<Worker, "postMessage" | "terminate"> & {
  onmessage: ((message: MessageEvent<FromWorker>) => void) | null;
};

/** The page's end of the worker. */
export class FrameWorker implements KeySink {
  /** A frame came whose key the worker does not have. */
  onMissing: (kid: number) => void = () => undefined;
  readonly #lines = new WeakMap<RTCRtpReceiver, number>();
  #last = 0;

  constructor(
    private readonly worker: WorkerLike,
    private readonly access: FrameAccess,
  ) {
    worker.onmessage = ({ data }) => this.onMissing(data.kid);
  }

  own(sender: number, key: GivenKey): void {
    this.#post({ kind: "own", sender, ...key });
  }

  add(sender: number, key: GivenKey): void {
    this.#post({ kind: "add", sender, ...key });
  }

  forget(sender: number): void {
    this.#post({ kind: "forget", sender });
  }

  /** Once for each, as soon as it is there: before a frame could pass it unsealed. */
  attachSender(sender: RTCRtpSender, media: MediaKind): void {
    this.#attach(sender, { line: ++this.#last, side: "send", media });
  }

  attachReceiver(receiver: RTCRtpReceiver): void {
    if (this.#lines.has(receiver)) return;
    const line = ++this.#last;
    this.#lines.set(receiver, line);
    this.#attach(receiver, {
      line,
      side: "receive",
      media: receiver.track.kind === "audio" ? "audio" : "video",
    });
  }

  /** The line carries what this device sends; without one, what anybody sends. */
  async expect(
    receiver: RTCRtpReceiver,
    device: { participantId: string; publicKey: string } | null,
  ): Promise<void> {
    const line = this.#lines.get(receiver);
    if (line === undefined) return;
    const publicKey = device && fromBase64Url(device.publicKey);
    const sender = device && publicKey ? await senderNumber(device.participantId, publicKey) : null;
    this.#post({ kind: "expect", line, sender });
  }

  close(): void {
    this.worker.terminate();
  }

  #attach(line: Line, options: LineOptions): void {
    if (this.access === "script_transform") {
      line.transform = new RTCRtpScriptTransform(this.worker as Worker, options);
      return;
    }
    const streams = line.createEncodedStreams?.();
    if (!streams) throw new Error("this browser lets nobody at frames");
    const { readable, writable } = streams;
    this.#post({ kind: "streams", options, readable, writable }, [readable, writable]);
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}
