import type { Quality, QualityCause } from "../../protocol.gen";
import type { TrackRates } from "./stats";

/** How this page's own line is, and what is to blame when it is not good. */
export interface Verdict {
  readonly quality: Quality;
  readonly cause: QualityCause;
}

export interface Measured {
  readonly rttMs: number | null;
  readonly sent: readonly TrackRates[];
  readonly received: readonly TrackRates[];
}

const LOSS_WEAK = 0.04;
const LOSS_BAD = 0.12;
const RTT_WEAK_MS = 350;
const RTT_BAD_MS = 900;

const ORDER: readonly Quality[] = ["unknown", "good", "weak", "bad"];

/** The worst finding names the cause.  Loss is judged before delay, what others suffer from before what we do. */
export function judge({ rttMs, sent, received }: Measured): Verdict {
  if (rttMs === null && sent.length === 0 && received.length === 0) return { quality: "unknown", cause: "" };
  const findings: Verdict[] = [
    byThresholds(worstLoss(sent), LOSS_WEAK, LOSS_BAD, "uplink_loss"),
    byThresholds(worstLoss(received), LOSS_WEAK, LOSS_BAD, "downlink_loss"),
    byThresholds(rttMs ?? 0, RTT_WEAK_MS, RTT_BAD_MS, "delay"),
    sent.some((track) => track.limitedBy === "cpu")
      ? { quality: "weak", cause: "cpu" }
      : { quality: "good", cause: "" },
  ];
  return findings.reduce((worst, next) =>
    ORDER.indexOf(next.quality) > ORDER.indexOf(worst.quality) ? next : worst,
  );
}

function worstLoss(tracks: readonly TrackRates[]): number {
  return Math.max(0, ...tracks.map((track) => track.lossShare));
}

function byThresholds(value: number, weak: number, bad: number, cause: QualityCause): Verdict {
  if (value >= bad) return { quality: "bad", cause };
  if (value >= weak) return { quality: "weak", cause };
  return { quality: "good", cause: "" };
}

/** Judgements in a row that must agree before the room is told: a line must not flicker between two words. */
const AGREEMENT = 2;

/** Turns a stream of verdicts into the few that are worth telling. */
export class SteadyVerdict {
  #told: Verdict = { quality: "unknown", cause: "" };
  #candidate: Verdict = this.#told;
  #times = 0;

  /** The verdict to tell, or null when nothing changed for good. */
  next(verdict: Verdict): Verdict | null {
    if (same(verdict, this.#told)) {
      this.#times = 0;
      return null;
    }
    this.#times = same(verdict, this.#candidate) ? this.#times + 1 : 1;
    this.#candidate = verdict;
    if (this.#times < AGREEMENT) return null;
    this.#told = verdict;
    this.#times = 0;
    return verdict;
  }

  /** After a resume the room knows what it knew; after a new seat, nothing. */
  reset(): void {
    this.#told = { quality: "unknown", cause: "" };
    this.#times = 0;
  }
}

function same(a: Verdict, b: Verdict): boolean {
  return a.quality === b.quality && a.cause === b.cause;
}
