import type { Words } from "../../i18n/catalogue";
import { calls as english } from "../../i18n/en-calls";
import { calls as chinese } from "../../i18n/zh-calls";
import { useLocale } from "../context";

export function useCallWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}
