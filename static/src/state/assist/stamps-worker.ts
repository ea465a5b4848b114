/** Lets encoded frames of the camera pass and tells their RTP timestamps. A worker of its own: tracking must not delay them. */
import type { SentFrame } from "./tracking-protocol";

interface EncodedVideoFrame {
  getMetadata(): { readonly rtpTimestamp?: number };
}

interface Transformer {
  readonly readable: ReadableStream<EncodedVideoFrame>;
  readonly writable: WritableStream<EncodedVideoFrame>;
  readonly options: { readonly port: MessagePort };
}

const scope = self as unknown as {
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
};

scope.onrtctransform = ({ transformer: { readable, writable, options } }) => {
  const told = new TransformStream<EncodedVideoFrame, EncodedVideoFrame>({
    transform: (frame, controller) => {
      const { rtpTimestamp } = frame.getMetadata();
      if (rtpTimestamp !== undefined) {
        const sent: SentFrame = { rtpTimestamp, atMs: performance.timeOrigin + performance.now() };
        options.port.postMessage(sent);
      }
      controller.enqueue(frame);
    },
  });
  // Ends with its line: the browser breaks the streams when the connection is closed.
  readable
    .pipeThrough(told)
    .pipeTo(writable)
    .catch(() => undefined);
};
