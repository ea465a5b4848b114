import type { Clock } from "../clock";
import type { MarkPose } from "./poses";
import type { Tracking } from "./tracking";
import type { TrackedFrame } from "./tracking-protocol";

/** A picture that can be made into a JPEG at any quality (0..1), also after its frame is gone. */
export interface Encodable {
  encode(quality: number): Promise<Blob>;
}

/** One frame of the camera as it is shown to others on a narrow line. */
export interface LiveStill extends Encodable {
  readonly rtpTimestamp: number;
  /** Where the marks are in this very frame. */
  readonly poses: readonly MarkPose[];
}

export interface LiveStillDeps {
  readonly tracking: Pick<Tracking, "keep" | "wantPicture">;
  /** Copies a frame at once, at most `sideMax` pixels long. */
  readonly copy: (frame: TrackedFrame, sideMax: number) => Encodable | null;
  /** For browsers that give no frames: the running picture, a moment later. */
  readonly grab: (sideMax: number) => Encodable | null;
  readonly clock: Clock;
}

/** A camera gives a frame within this time, or this browser gives none. */
const FRAME_MAX_MS = 1_000;

/** Takes single frames out of those that are followed, so that a still, its name and its marks belong together. */
export class LiveStills {
  #taken: ((frame: TrackedFrame) => void) | null = null;
  #lastRtp: number | null = null;

  constructor(private readonly deps: LiveStillDeps) {}

  /** The next frame; null without a camera. One at a time. */
  async take(sideMax: number): Promise<LiveStill | null> {
    const { tracking, copy, grab, clock } = this.deps;
    return new Promise((resolve) => {
      const cancel = clock.after(FRAME_MAX_MS, () => {
        this.#taken = null;
        resolve(this.#named(grab(sideMax), this.#lastRtp, [], null));
      });
      this.#taken = (frame) => {
        this.#taken = null;
        cancel();
        const picture = copy(frame, sideMax);
        resolve(this.#named(picture, frame.rtpTimestamp, frame.poses, frame.capturedMs));
      };
      tracking.wantPicture();
    });
  }

  /** Every frame that is followed, before its picture is closed. */
  offer(frame: TrackedFrame): void {
    this.#lastRtp = frame.rtpTimestamp;
    if (frame.picture) this.#taken?.(frame);
  }

  /** The frame gets a name under which a stroke on the still finds it again. */
  #named(
    picture: Encodable | null,
    rtp: number | null,
    poses: readonly MarkPose[],
    capturedMs: number | null,
  ): LiveStill | null {
    if (!picture) return null;
    const rtpTimestamp = Math.floor(rtp ?? (this.deps.clock.now() * 90) % 2 ** 32);
    this.deps.tracking.keep(rtpTimestamp, capturedMs);
    return { rtpTimestamp, poses, encode: (quality) => picture.encode(quality) };
  }
}
