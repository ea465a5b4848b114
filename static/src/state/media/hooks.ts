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

const HEAVY: ReadonlySet<string> = new Set(["video/vp9", "video/av1"]);
const FEW_CORES = 4;

/**
 * Nothing in between.  Speech is sent with what was said just before in each packet (RED, RFC 2198), where the browser
 * knows that: a lost packet is then no lost syllable.  Shared sound is not worth twice its bits.
 *
 * A computer with few cores does not offer pictures in codecs that are too much for it: it has a meeting to show as well.
 */
export function plainHooks(
  known: (kind: "audio" | "video") => readonly RTCRtpCodec[],
  cores = FEW_CORES,
): MediaHooks {
  return {
    codecs: (source) => {
      if (source === "screen_audio") return null;
      if (source !== "microphone") {
        if (cores >= FEW_CORES) return null;
        const codecs = known("video");
        const light = codecs.filter(({ mimeType }) => !HEAVY.has(mimeType.toLowerCase()));
        return light.length === 0 || light.length === codecs.length ? null : light;
      }
      const codecs = known("audio");
      const isRed = ({ mimeType }: RTCRtpCodec): boolean => mimeType.toLowerCase() === "audio/red";
      const red = codecs.filter(isRed);
      return red.length === 0 ? null : [...red, ...codecs.filter((codec) => !isRed(codec))];
    },
    attachSender: () => undefined,
    attachReceiver: () => undefined,
  };
}
