/** The worker through which all frames of an encrypted meeting pass: glue between the browser and FrameLines. */
import { FrameLines, type EncodedFrame } from "./frame-lines";
import type { FromWorker, LineOptions, ToWorker } from "./worker-protocol";

/** The part of a dedicated worker's global scope that is used; the DOM's types know windows only. */
interface Scope {
  onmessage: ((message: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  postMessage(message: FromWorker): void;
}

interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: LineOptions;
}

const scope = self as unknown as Scope;
const lines = new FrameLines(
  (message) => scope.postMessage(message),
  () => performance.now(),
);

function connect({ readable, writable, options }: Transformer): void {
  // Ends with its line: the browser breaks the streams when the connection is closed.
  readable
    .pipeThrough(lines.transform(options))
    .pipeTo(writable)
    .catch(() => undefined);
}

scope.onmessage = ({ data }) => {
  if (data.kind === "streams") connect(data);
  else lines.take(data);
};
scope.onrtctransform = ({ transformer }) => connect(transformer);
