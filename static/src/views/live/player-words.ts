import type { Words } from "../../i18n/catalogue";
import { player as english } from "../../i18n/en-player";
import { player as chinese } from "../../i18n/zh-player";
import { useLocale } from "../context";

export function usePlayerWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}
