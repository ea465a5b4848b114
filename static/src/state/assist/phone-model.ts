import type { CameraMode, MarkState } from "../../protocol.gen";
import type { Clock } from "../clock";
import type { Meeting } from "../meeting/meeting";
import type { ArchivePort } from "./archive";
import type { CameraControls } from "./camera-controls";
import type { Outbox } from "./outbox";
import type { Tracking } from "./tracking";

export interface OnSiteDeps {
  readonly meeting: Meeting;
  readonly tracking: Tracking;
  readonly camera: CameraControls;
  readonly outbox: Outbox;
  /** What is kept with the machine. */
  readonly archive: ArchivePort;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: (what: string, cause: unknown) => void;
}

/** A mark of the room. */
export interface Followed {
  readonly madeAtMs: number;
  /** What the tracker says, and since how many frames. */
  state: MarkState;
  frames: number;
  told: MarkState;
  toldAtMs: number;
}

export interface ShownFrame {
  readonly rtpTimestamp: number | null;
  readonly capturedMs: number;
  readonly costMs: number;
}

export const NEW: Followed = { madeAtMs: 0, state: "placing", frames: 0, told: "placing", toldAtMs: 0 };

/** What happened that the person should see for a moment. */
export type PhoneNotice =
  | { readonly kind: "still_taken" }
  | { readonly kind: "still_failed" }
  | { readonly kind: "mode"; readonly mode: CameraMode; readonly automatic: boolean };
