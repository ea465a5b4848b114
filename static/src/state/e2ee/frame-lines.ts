import type { Bytes } from "./bytes";
import { FrameCipher } from "./frames";
import type { FromWorker, LineOptions, ToWorker } from "./worker-protocol";

/** What the worker needs of an encoded audio or video frame. */
export interface EncodedFrame {
  data: ArrayBuffer;
}

/** The same key is reported missing at most once in this time. */
const REPORT_MS = 300;
const REPORTED_MAX = 1_000;

/**
 * The lines of a page's peer connections, behind the worker's glue.  Nothing leaves a sending line unsealed and nothing
 * comes out of a receiving one that was not sealed: what cannot be sealed or opened is dropped.
 */
export class FrameLines {
  readonly #cipher = new FrameCipher();
  readonly #expected = new Map<number, number>();
  readonly #reportedAt = new Map<number, number>();

  constructor(
    private readonly report: (message: FromWorker) => void,
    private readonly now: () => number,
  ) {}

  take(message: Exclude<ToWorker, { kind: "streams" }>): void {
    switch (message.kind) {
      case "own":
        this.#cipher.own.use(message.sender, message.epoch, message.step, message.baseKey);
        return;
      case "add":
        this.#cipher.others.add(message.sender, message.epoch, message.step, message.baseKey);
        return;
      case "forget":
        this.#cipher.others.forget(message.sender);
        return;
      case "expect":
        if (message.sender === null) this.#expected.delete(message.line);
        else this.#expected.set(message.line, message.sender);
        return;
    }
  }

  transform(options: LineOptions): TransformStream<EncodedFrame, EncodedFrame> {
    return new TransformStream({
      transform: async (frame, controller) => {
        const data = await this.#pass(options, new Uint8Array(frame.data));
        if (!data) return;
        frame.data = data.buffer;
        controller.enqueue(frame);
      },
    });
  }

  async #pass({ line, side, media }: LineOptions, data: Bytes): Promise<Bytes | null> {
    if (side === "send") return this.#cipher.seal(media, data);
    const read = await this.#cipher.open(media, data, this.#expected.get(line) ?? null);
    if (read.kind === "missing") this.#missing(read.kid);
    return read.kind === "read" ? read.frame : null;
  }

  #missing(kid: number): void {
    const now = this.now();
    if (now - (this.#reportedAt.get(kid) ?? -REPORT_MS) < REPORT_MS) return;
    if (this.#reportedAt.size >= REPORTED_MAX) this.#reportedAt.clear();
    this.#reportedAt.set(kid, now);
    this.report({ kind: "missing", kid });
  }
}
