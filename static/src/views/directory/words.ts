import type { Words } from "../../i18n/catalogue";
import { directory as english } from "../../i18n/en-directory";
import { directory as chinese } from "../../i18n/zh-directory";
import type { Reason, Rule } from "../../state/directory";
import { useLocale } from "../context";

export type DirectoryWords = Words<typeof english>;

export function useDirectoryWords(): DirectoryWords {
  return useLocale() === "en" ? english : chinese;
}

/** 2026-12-31 in the reader's way of writing days: it has no zone. */
export function dayText(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(day));
}

export function regionText(words: DirectoryWords, code: string): string {
  return (words.regions as Readonly<Record<string, string>>)[code] ?? code;
}

/** Options of a choice, with one on top that asks for nothing. */
export function optionsOf(
  names: Readonly<Record<string, string>>,
  none?: string,
): readonly { readonly id: string; readonly label: string }[] {
  const named = Object.entries(names).map(([id, label]) => ({ id, label }));
  return none === undefined ? named : [{ id: "none", label: none }, ...named];
}

export const listed = (words: readonly string[], locale: string): string =>
  new Intl.ListFormat(locale, { type: "conjunction", style: locale === "en" ? "long" : "narrow" }).format(
    words,
  );

export function rulesText(words: DirectoryWords, rules: readonly Rule[], locale: string): string {
  return listed(
    rules.map((rule) => words.rules[rule]),
    locale,
  );
}

/** A reason for or against a crew, in words. */
export function reasonText(words: DirectoryWords, reason: Reason, locale: string): string {
  const { reasons } = words;
  const trade = reason.trade ? words.trades[reason.trade] : "";
  const until = reason.until ? dayText(reason.until, locale) : "";
  const count = reason.number ?? 0;
  switch (reason.rule) {
    case "trade":
      return reasons.tradeMissing({ trade });
    case "certificate":
      if (reason.good) return reasons.certified({ trade, until });
      return until ? reasons.certificateEnds({ trade, until }) : reasons.uncertified({ trade });
    case "people":
      return reason.good ? reasons.people({ count }) : reasons.tooFew({ count });
    case "dates":
      return reason.good
        ? reasons.free
        : reasons.busy({ from: reason.since ? dayText(reason.since, locale) : "", until });
    case "distance":
      if (reason.number === null) return reasons.noDistance;
      return reason.good ? reasons.distance({ km: count }) : reasons.outside({ km: count });
    case "language":
      if (reason.language) return reasons.language({ language: words.languages[reason.language] });
      return reason.good ? reasons.anyLanguage : reasons.noLanguage;
    case "load":
      return reasons.load({ days: count });
    case "past_jobs":
      return reason.good ? reasons.past({ count }) : reasons.noPast;
    case "status":
      return reason.status ? words.statuses[reason.status] : "";
  }
}
