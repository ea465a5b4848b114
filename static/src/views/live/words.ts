import type { Words } from "../../i18n/catalogue";
import { live as english } from "../../i18n/en-live";
import { live as chinese } from "../../i18n/zh-live";
import { useLocale } from "../context";

export type LiveWords = Words<typeof english>;

export function useLiveWords(): LiveWords {
  return useLocale() === "en" ? english : chinese;
}
