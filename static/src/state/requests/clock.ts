/** A request's clock as one reads it: how long there is, or how late it is.  Pure. */
import type { RequestClock, RequestView } from "./shapes";

export type Unit = "minute" | "hour" | "day";
export type ClockTone = "late" | "soon" | "calm" | "stopped";

export interface ClockReading {
  readonly tone: ClockTone;
  readonly count: number;
  readonly unit: Unit;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** From here on a clock is read as urgent. */
export const SOON_MS = 4 * HOUR_MS;

const OPEN: ReadonlySet<string> = new Set(["submitted", "taken", "needs_information", "reopened"]);

export const isOpen = (request: Pick<RequestView, "state">): boolean => OPEN.has(request.state);

/** Null when no clock runs or stands. */
export function readingOf(
  request: Pick<RequestView, "state" | "due_at_ms" | "left_ms">,
  nowMs: number,
): ClockReading | null {
  if (!isOpen(request)) return null;
  if (request.due_at_ms === 0)
    return request.left_ms > 0 ? { tone: "stopped", ...rounded(request.left_ms) } : null;
  const left = request.due_at_ms - nowMs;
  if (left < 0) return { tone: "late", ...rounded(-left) };
  return { tone: left < SOON_MS ? "soon" : "calm", ...rounded(left) };
}

/** To minutes below two hours, to hours below two days: what one would say. */
export function rounded(ms: number): { readonly count: number; readonly unit: Unit } {
  if (ms < 2 * HOUR_MS) return { count: Math.max(1, Math.floor(ms / MINUTE_MS)), unit: "minute" };
  if (ms < 2 * DAY_MS) return { count: Math.floor(ms / HOUR_MS), unit: "hour" };
  return { count: Math.floor(ms / DAY_MS), unit: "day" };
}

/** The promise of a type, in the unit that it was made in. */
export type Promised =
  | { readonly kind: "span"; readonly count: number; readonly unit: Unit; readonly working: boolean }
  | { readonly kind: "same_day"; readonly before: string; readonly filedBy: string }
  | { readonly kind: "working_days"; readonly count: number };

export function promisedBy(clock: RequestClock): Promised {
  switch (clock.kind) {
    case "minutes": {
      const hours = clock.minutes % 60 === 0;
      return {
        kind: "span",
        count: hours ? clock.minutes / 60 : clock.minutes,
        unit: hours ? "hour" : "minute",
        working: !clock.around_the_clock,
      };
    }
    case "same_day":
      return { kind: "same_day", before: clock.before ?? "18:00", filedBy: clock.filed_by ?? "16:00" };
    case "working_days":
      return { kind: "working_days", count: clock.days };
  }
}
