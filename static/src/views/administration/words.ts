import type { Words } from "../../i18n/catalogue";
import { administration as english } from "../../i18n/en-administration";
import { administration as chinese } from "../../i18n/zh-administration";
import { useLocale } from "../context";

export type AdministrationWords = Words<typeof english>;

export function useAdministrationWords(): AdministrationWords {
  return useLocale() === "en" ? english : chinese;
}

/** The word for a key of a closed list; the key itself when a later release has more. */
export function wordOf(words: Readonly<Record<string, string>>, key: string): string {
  return words[key] ?? key;
}
