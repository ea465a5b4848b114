import type { Words } from "../../../i18n/catalogue";
import { desk as english } from "../../../i18n/en-desk";
import { desk as chinese } from "../../../i18n/zh-desk";
import { useLocale } from "../../context";

export type DeskWords = Words<typeof english>;

export function useDeskWords(): DeskWords {
  return useLocale() === "en" ? english : chinese;
}
