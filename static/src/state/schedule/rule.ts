import { localOfDay, weekdayOf, type DayNumber } from "./zones";

/** Recurrence as the page lets people choose it, and as RFC 5545 writes it. */
export type Unit = "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";

export interface Pattern {
  readonly unit: Unit;
  readonly interval: number;
  /** Weekdays of a weekly pattern; Monday is 0. */
  readonly days: readonly number[];
  /** Of a monthly pattern: which weekday of the month; null: the same day of the month. */
  readonly nth: { readonly number: number; readonly day: number } | null;
  /** `2026-12-31`, or "" for none. */
  readonly until: string;
  readonly count: number;
}

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
const UNITS: readonly string[] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] satisfies readonly Unit[];

export const once = null;

export function everyWeek(day: DayNumber, interval = 1): Pattern {
  return { unit: "WEEKLY", interval, days: [weekdayOf(day)], nth: null, until: "", count: 0 };
}

/** What a month's pattern could mean for that day: its number of weekday, counted from the end for the fifth. */
export function nthOf(day: DayNumber): { number: number; day: number } {
  const number = Math.ceil(localOfDay(day).day / 7);
  return { number: number > 4 ? -1 : number, day: weekdayOf(day) };
}

export function ruleText(pattern: Pattern | null): string {
  if (!pattern) return "";
  const parts = [`FREQ=${pattern.unit}`];
  if (pattern.interval > 1) parts.push(`INTERVAL=${pattern.interval}`);
  if (pattern.count > 0) parts.push(`COUNT=${pattern.count}`);
  else if (pattern.until) parts.push(`UNTIL=${pattern.until.replaceAll("-", "")}`);
  if (pattern.unit === "WEEKLY" && pattern.days.length > 0)
    parts.push(
      `BYDAY=${[...pattern.days]
        .sort()
        .map((day) => DAYS[day])
        .join(",")}`,
    );
  if (pattern.unit === "MONTHLY" && pattern.nth)
    parts.push(`BYDAY=${pattern.nth.number}${DAYS[pattern.nth.day] ?? "MO"}`);
  return parts.join(";");
}

/** null for a rule that this page did not write: it is shown as it stands, and can be replaced. */
export function parseRule(text: string): Pattern | null {
  const parts = new Map(text.split(";").map((part) => part.split("=", 2) as [string, string]));
  const unit = parts.get("FREQ") ?? "";
  const known = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"];
  if (!UNITS.includes(unit) || [...parts.keys()].some((name) => !known.includes(name))) return null;
  const byDay = (parts.get("BYDAY") ?? "").split(",").filter(Boolean);
  const until = /^(\d{4})(\d\d)(\d\d)/.exec(parts.get("UNTIL") ?? "");
  const base = {
    interval: Number(parts.get("INTERVAL") ?? 1),
    until: until ? `${until[1]}-${until[2]}-${until[3]}` : "",
    count: Number(parts.get("COUNT") ?? 0),
  };
  const days = byDay.map((day) => DAYS.findIndex((one) => one === day));
  if (unit === "WEEKLY") return days.includes(-1) ? null : { ...base, unit, days, nth: null };
  if (unit === "MONTHLY" && byDay.length === 1) {
    const [, number, day] = /^(-?\d)(\w\w)$/.exec(byDay[0] ?? "") ?? [];
    const at = DAYS.findIndex((one) => one === day);
    return number && at >= 0 ? { ...base, unit, days: [], nth: { number: +number, day: at } } : null;
  }
  return byDay.length === 0 ? { ...base, unit: unit as Unit, days: [], nth: null } : null;
}

/** The rule after its meeting went from one day to another: a weekly one goes with it, a fixed weekday too. */
export function ruleMoved(text: string, from: DayNumber, to: DayNumber): string {
  const pattern = parseRule(text);
  if (!pattern || from === to) return text;
  if (pattern.unit === "WEEKLY") {
    const days = pattern.days.map((day) => (day === weekdayOf(from) ? weekdayOf(to) : day));
    return ruleText({ ...pattern, days: [...new Set(days)] });
  }
  return pattern.nth ? ruleText({ ...pattern, nth: nthOf(to) }) : text;
}
