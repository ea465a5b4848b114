import type { Words } from "../../i18n/catalogue";
import { inbox as english } from "../../i18n/en-inbox";
import { inbox as chinese } from "../../i18n/zh-inbox";
import { useLocale } from "../context";

export function useInboxWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}
