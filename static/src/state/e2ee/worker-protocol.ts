import type { Bytes } from "./bytes";
import type { MediaKind } from "./frames";

/** One line of a peer connection whose frames pass through the worker. */
export interface LineOptions {
  /** Of this page; by it the page says whose frames a receiving line carries. */
  readonly line: number;
  readonly side: "send" | "receive";
  readonly media: MediaKind;
}

interface Key {
  readonly sender: number;
  readonly epoch: number;
  readonly step: number;
  readonly baseKey: Bytes;
}

export type ToWorker =
  | (Key & { readonly kind: "own" })
  | (Key & { readonly kind: "add" })
  | { readonly kind: "forget"; readonly sender: number }
  /** From now on the line takes frames of this sender only; null: of anybody. */
  | { readonly kind: "expect"; readonly line: number; readonly sender: number | null }
  /** For browsers that hand out the streams of frames instead of calling the worker. */
  | {
      readonly kind: "streams";
      readonly options: LineOptions;
      readonly readable: ReadableStream;
      readonly writable: WritableStream;
    };

export interface FromWorker {
  readonly kind: "missing";
  readonly kid: number;
}
