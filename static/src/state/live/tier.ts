/** Why a tier cannot be had, as far as it matters to what is tried next. */
export type Lack = "full" | "refused" | "unreachable" | "unsupported";

export class TierLack extends Error {
  constructor(
    readonly lack: Lack,
    detail: string,
  ) {
    super(detail);
  }
}

/** What a tier did since it was last asked. */
export interface TierSample {
  /** Pictures, or at least sound, moved on. */
  readonly advanced: boolean;
  /** Share of packets that were lost, 0 to 1. */
  readonly lost: number;
  /** How far behind the stage this is, in ms; null as long as it is not known. */
  readonly delayMs: number | null;
}

/** One way to get the stage to a viewer: by WHEP within half a second, or by HLS from any cache. */
export interface Tier {
  /** Resolves when something plays.  Rejects with TierLack. */
  start: () => Promise<void>;
  sample: () => Promise<TierSample>;
  close: () => void;
}
