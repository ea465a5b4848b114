import type { Source } from "../../protocol.gen";
import { planCamera, type EncodingPlan } from "./encodings";
import { RIDS } from "./rids";
import { EVERYTHING, type Carried } from "./uplink";

/** A shared screen: sharp before smooth. */
const SCREEN_MAX_BPS = 2_500_000;
const SCREEN_MAX_FPS = 15;
/** Two rates in one stream, so that a narrow line still gets every other picture. */
const SCREEN_LAYERS = "L1T2";

/** Speech on a line that carries no moving picture: clear, and with its redundancy less than half of such a line. */
const NARROW_SPEECH_BPS = 16_000;

/** RTCRtpEncodingParameters with what the standard library of TypeScript does not have yet (W3C webrtc-svc, webrtc-extensions). */
type Encoding = RTCRtpEncodingParameters & { scalabilityMode?: string; codec?: RTCRtpCodec };

/** What the encodings of a new sender are; how many there are cannot be changed later. */
export function firstEncodings(source: Source, muted: boolean, isLayered = true): RTCRtpEncodingParameters[] {
  if (source === "camera" && !isLayered) return [{}];
  if (source === "camera") {
    const unknown = { width: 0, height: 0, asked: null, isScalable: false, isTimed: false, saves: false };
    const all = { encodings: RIDS.length, carried: EVERYTHING };
    return planCamera({ ...unknown, ...all }).map((plan, index) => apply({ rid: RIDS[index] ?? "" }, plan));
  }
  if (source === "screen") return [{ maxBitrate: SCREEN_MAX_BPS, maxFramerate: SCREEN_MAX_FPS }];
  return [{ active: source !== "microphone" || !muted }];
}

/**
 * How one source is sent: which encodings, how large, or nothing.  Every wish is set in one place, one after the other:
 * parameters of a sender that were read before another change are refused.
 */
export class Sending {
  #asked: readonly string[] | null = null;
  #saves = false;
  #carried = EVERYTHING;
  #codec = "";
  /** This browser cannot change the codec by itself; the server was asked to, once for each wish. */
  #isNegotiated = false;
  #muted: boolean;
  #held = false;
  #isNarrow = false;
  #isSetting = false;
  #isStale = false;
  /** The encoder refused layers in time. */
  #isFlat = false;

  constructor(
    private readonly source: Source,
    private readonly sender: RTCRtpSender,
    muted: boolean,
    private readonly log: (what: string, cause: unknown) => void,
    /** Only a new negotiation can bring the codec that is wanted. */
    private readonly renegotiate: () => void = () => undefined,
  ) {
    this.#muted = muted;
  }

  /** The encodings that the server wants, by name.  A new negotiation starts with all (null). */
  ask(rids: readonly string[] | null): void {
    this.#asked = rids;
    this.refresh();
  }

  /** The codec that the server wants ("H264"), of those that were agreed on. */
  prefer(codec: string): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#isNegotiated = false;
    this.refresh();
  }

  save(saves: boolean): void {
    this.#saves = saves;
    this.refresh();
  }

  /** What the line carries is another. */
  limit(carried: Carried): void {
    this.#carried = carried;
    this.refresh();
  }

  /** A muted microphone sends nothing at all: in a large room most are. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.refresh();
  }

  /** Nothing is sent for a while; the receivers keep the last picture. */
  hold(held: boolean): void {
    this.#held = held;
    this.refresh();
  }

  /** The line is a narrow one: speech leaves room for other things. */
  narrow(isNarrow: boolean): void {
    this.#isNarrow = isNarrow;
    this.refresh();
  }

  /** The track or what was negotiated is another. */
  refresh(): void {
    this.#isStale = true;
    if (!this.#isSetting) void this.#settle();
  }

  async #settle(): Promise<void> {
    this.#isSetting = true;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#set();
      } catch (cause) {
        this.#refused(cause);
      }
    }
    this.#isSetting = false;
  }

  async #set(): Promise<void> {
    const parameters = this.sender.getParameters();
    const encodings: Encoding[] = parameters.encodings;
    if (encodings.length === 0) return;
    const before = JSON.stringify(parameters);
    const chosen = `video/${this.#codec}`.toLowerCase();
    const current = encodings[0]?.codec ?? parameters.codecs[0];
    const isOther = this.#codec !== "" && current?.mimeType.toLowerCase() !== chosen;
    const codec = parameters.codecs.find(({ mimeType }) => mimeType.toLowerCase() === chosen);
    if (isOther && codec) for (const encoding of encodings) encoding.codec = codec;
    if (this.source === "camera") {
      // Motion is kept: libwebrtc's "balanced" goes down to seven pictures a second in a small one that costs many bits.
      parameters.degradationPreference = "maintain-framerate";
      const { width = 0, height = 0 } = this.sender.track?.getSettings() ?? {};
      const sent = (encodings[0]?.codec ?? parameters.codecs[0])?.mimeType.toLowerCase();
      const plans = planCamera({
        width,
        height,
        encodings: encodings.length,
        asked: this.#asked,
        carried: this.#carried,
        isScalable: sent === "video/vp9" || sent === "video/av1",
        isTimed: sent === "video/vp8" && !this.#isFlat,
        saves: this.#saves,
      });
      encodings.forEach((encoding, index) => apply(encoding, plans[index]));
    } else if (this.source === "screen") {
      parameters.degradationPreference = "maintain-resolution";
      for (const encoding of encodings) {
        encoding.active = this.#asked?.length !== 0;
        if (!this.#isFlat) encoding.scalabilityMode = SCREEN_LAYERS;
      }
    } else {
      for (const encoding of encodings) {
        encoding.active = this.source !== "microphone" || !this.#muted;
        if (this.source === "microphone" && this.#isNarrow) encoding.maxBitrate = NARROW_SPEECH_BPS;
        else delete encoding.maxBitrate;
      }
    }
    if (this.#held) for (const encoding of encodings) encoding.active = false;
    if (JSON.stringify(parameters) !== before) await this.sender.setParameters(parameters);
    if (!isOther || this.#isNegotiated) return;
    const [first]: Encoding[] = this.sender.getParameters().encodings;
    if (first?.codec?.mimeType.toLowerCase() === chosen) return;
    this.#isNegotiated = true;
    this.renegotiate();
  }

  #refused(cause: unknown): void {
    const name = cause instanceof DOMException ? cause.name : "";
    // A description that was applied meanwhile has made the parameters new; whoever applied it refreshes them.
    if (name === "InvalidStateError" || name === "InvalidModificationError") return;
    if (!this.#isFlat) {
      this.#isFlat = true;
      this.#isStale = true;
      return;
    }
    this.log("setParameters", cause);
  }
}

function apply(encoding: Encoding, plan: EncodingPlan | undefined): Encoding {
  if (!plan) return encoding;
  const { scalabilityMode, ...plain } = plan;
  Object.assign(encoding, plain);
  if (scalabilityMode) encoding.scalabilityMode = scalabilityMode;
  else delete encoding.scalabilityMode;
  return encoding;
}
