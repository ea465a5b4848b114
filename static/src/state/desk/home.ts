import type { Api } from "../api";
import type { Occurrence } from "../schedule/schedule";
import type { Call } from "./calls";
import type { Notice } from "./notices";

/** A request as the home page needs it. */
export interface HomeRequest {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly type: { readonly name: { readonly zh: string; readonly en: string } };
  readonly organization: { readonly name: string };
  readonly state: string;
  readonly late: boolean;
  /** 0: no clock runs. */
  readonly due_at_ms: number;
  readonly changed_at_ms: number;
  readonly actions: readonly string[];
}

export interface MissedCall {
  readonly id: string;
  /** "": the account is gone. */
  readonly from_id: string;
  readonly from_name: string;
  readonly about: string;
  readonly path: string;
  readonly at_ms: number;
  readonly notice_id: string;
}

export interface ActionItem {
  readonly id: string;
  readonly event_id: string;
  readonly key: string;
  readonly text: string;
  readonly meeting: string;
  /** `2026-11-30`, "": no date. */
  readonly due: string;
}

export interface HomeJob {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly enterprise: { readonly name: string };
  readonly installer: { readonly name: string };
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
}

/** One that is live or still to come. */
export interface HomeSymposium {
  readonly id: string;
  readonly state: string;
  readonly title: string;
  readonly starts_at_ms: number;
  readonly collects_until_ms: number;
  readonly issues: number;
}

export interface HomeDay {
  readonly meetings: readonly Occurrence[];
  readonly acting: readonly HomeRequest[];
  readonly items: readonly ActionItem[];
  readonly ringing: readonly Call[];
  readonly missed: readonly MissedCall[];
  readonly notices: readonly Notice[];
  readonly unread: number;
  readonly jobs: readonly HomeJob[];
  readonly symposiums: readonly HomeSymposium[];
  readonly recent: readonly HomeRequest[];
  readonly desk: { readonly unowned: number; readonly late: number } | null;
  readonly server_time_ms: number;
}

export class Home {
  constructor(
    private readonly api: Api,
    private readonly locale: string,
  ) {}

  look = (): Promise<HomeDay> => this.api.ask("GET", `/api/home?locale=${encodeURIComponent(this.locale)}`);
}

/** How a moment lies to now: the words are the view's. */
export type Span =
  | { readonly kind: "now" }
  | { readonly kind: "minutes" | "hours" | "days"; readonly count: number; readonly isPast: boolean };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Whole units, rounded down: what is said to be two hours away is not closer. */
export function spanOf(atMs: number, nowMs: number): Span {
  const distance = Math.abs(atMs - nowMs);
  const isPast = atMs < nowMs;
  if (distance < MINUTE_MS) return { kind: "now" };
  if (distance < HOUR_MS) return { kind: "minutes", count: Math.floor(distance / MINUTE_MS), isPast };
  if (distance < DAY_MS) return { kind: "hours", count: Math.floor(distance / HOUR_MS), isPast };
  return { kind: "days", count: Math.floor(distance / DAY_MS), isPast };
}

/** The meeting that one would join now: it runs, or begins within a quarter of an hour. */
export const JOIN_BEFORE_MS = 15 * MINUTE_MS;

export function isJoinable(meeting: Pick<Occurrence, "starts_at_ms" | "ends_at_ms">, nowMs: number): boolean {
  return meeting.starts_at_ms - JOIN_BEFORE_MS <= nowMs && nowMs < meeting.ends_at_ms;
}

/** Whether there is nothing at all: the page says then what will be here. */
export function isQuiet(day: HomeDay): boolean {
  return (
    day.meetings.length + day.acting.length + day.items.length + day.missed.length + day.jobs.length === 0 &&
    day.symposiums.length === 0 &&
    !day.desk?.unowned &&
    !day.desk?.late
  );
}
