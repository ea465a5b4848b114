import type { Words } from "../../i18n/catalogue";
import { schedule as english } from "../../i18n/en-schedule";
import { schedule as chinese } from "../../i18n/zh-schedule";
import type { Pattern } from "../../state/schedule/rule";
import { localOfDay, momentOf } from "../../state/schedule/zones";
import { useLocale } from "../context";

export type ScheduleWords = Words<typeof english>;

export function useScheduleWords(): ScheduleWords {
  return useLocale() === "en" ? english : chinese;
}

/** Monday is 0. */
export function weekdayName(day: number, locale: string, width: "long" | "short" = "long"): string {
  // 5 January 1970 was a Monday.
  return new Intl.DateTimeFormat(locale, { weekday: width, timeZone: "UTC" }).format((4 + day) * 86_400_000);
}

/** "Every 2 weeks on Tuesday, until 31 December 2026". */
export function ruleWords(pattern: Pattern | null, words: ScheduleWords, locale: string): string {
  if (!pattern) return words.rule.other;
  const rule = unended(pattern, words, locale);
  if (pattern.count > 0) return words.rule.times({ rule, count: pattern.count });
  if (!pattern.until) return rule;
  const [year, month, day] = pattern.until.split("-").map(Number);
  const local = { year: year ?? 0, month: month ?? 1, day: day ?? 1, hour: 12, minute: 0 };
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(
    momentOf(local, "UTC"),
  );
  return words.rule.until({ rule, date });
}

function unended(pattern: Pattern, words: ScheduleWords, locale: string): string {
  const count = pattern.interval;
  switch (pattern.unit) {
    case "DAILY":
      return words.rule.daily({ count });
    case "WEEKLY": {
      const names = [...pattern.days].sort().map((day) => weekdayName(day, locale));
      const days = new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
      return words.rule.weekly({ count, days });
    }
    case "MONTHLY":
      return pattern.nth
        ? words.rule.monthlyOn({
            count,
            number: numberName(pattern.nth.number, words),
            day: weekdayName(pattern.nth.day, locale),
          })
        : words.rule.monthly({ count });
    case "YEARLY":
      return words.rule.yearly({ count });
  }
}

export function numberName(number: number, words: ScheduleWords): string {
  return words.numbers[String(number) as keyof ScheduleWords["numbers"]];
}

export function dayFormat(locale: string, options: Intl.DateTimeFormatOptions): (day: number) => string {
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  return (day) => format.format(momentOf(localOfDay(day, 720), "UTC"));
}

/** "10:00-11:00", with the days when there are two. */
export function spanText(fromMs: number, toMs: number, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatRange(fromMs, toMs);
}

export function whenText(fromMs: number, toMs: number, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatRange(fromMs, toMs);
}

/** "Asia/Shanghai" as people call it: "Shanghai (GMT+8)". */
export function zoneName(zone: string, locale: string, atMs = Date.now()): string {
  const offset = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "shortOffset" })
    .formatToParts(atMs)
    .find((part) => part.type === "timeZoneName")?.value;
  const place = placeName(zone);
  return offset && offset !== place ? `${place} (${offset})` : place;
}

export function placeName(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
