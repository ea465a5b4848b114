import type { Source } from "../../protocol.gen";

/** What may stand between this page's tracks and the network: end-to-end encryption does. */
export interface MediaHooks {
  /** Codecs to offer for a source, best first; null: what the browser offers, in its order. */
  codecs(source: Source): readonly RTCRtpCodec[] | null;
  /** A sender was made; nothing is sent on it yet. */
  attachSender(sender: RTCRtpSender, source: Source): void;
  /** A receiver was made; nothing has arrived on it yet. */
  attachReceiver(receiver: RTCRtpReceiver): void;
  /** False: the camera is sent in one size, so that a frame has one RTP timestamp for everybody. */
  readonly isLayered?: boolean;
}

/**
 * Nothing in between.  Speech is sent with what was said just before in each packet (RED, RFC 2198), where the browser
 * knows that: a lost packet is then no lost syllable.  Shared sound is not worth twice its bits.
 */
export function plainHooks(audioCodecs: () => readonly RTCRtpCodec[]): MediaHooks {
  return {
    codecs: (source) => {
      if (source !== "microphone") return null;
      const codecs = audioCodecs();
      const isRed = ({ mimeType }: RTCRtpCodec): boolean => mimeType.toLowerCase() === "audio/red";
      const red = codecs.filter(isRed);
      return red.length === 0 ? null : [...red, ...codecs.filter((codec) => !isRed(codec))];
    },
    attachSender: () => undefined,
    attachReceiver: () => undefined,
  };
}
