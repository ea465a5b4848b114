import type { Words } from "../../i18n/catalogue";
import { policies as english } from "../../i18n/en-policies";
import { policies as chinese } from "../../i18n/zh-policies";
import type { PolicyLine } from "../../state/policies";
import { useLocale } from "../context";
import { dayText } from "../directory/words";

export type PolicyWords = Words<typeof english>;

export function usePolicyWords(): PolicyWords {
  return useLocale() === "en" ? english : chinese;
}

/** When one may apply, on a day of the park. */
export function whenWords(words: PolicyWords, policy: PolicyLine, today: string, locale: string): string {
  const { apply_from: from, apply_until: until } = policy;
  if (until !== null && until < today) return words.over({ day: dayText(until, locale) });
  if (from !== null && from > today) return words.from({ day: dayText(from, locale) });
  return until !== null ? words.until({ day: dayText(until, locale) }) : words.always;
}
