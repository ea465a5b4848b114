import type { Words } from "../../i18n/catalogue";
import { home as english } from "../../i18n/en-home";
import { home as chinese } from "../../i18n/zh-home";
import { spanOf } from "../../state/desk/home";
import { useLocale } from "../context";

export type HomeWords = Words<typeof english>;

export function useHomeWords(): HomeWords {
  return useLocale() === "en" ? english : chinese;
}

/** "in 20 minutes", "2 hours ago". */
export function spanText(words: HomeWords, atMs: number, nowMs: number): string {
  const span = spanOf(atMs, nowMs);
  if (span.kind === "now") return words.span.now;
  return words.span[span.isPast ? (`${span.kind}Ago` as const) : span.kind]({ count: span.count });
}
