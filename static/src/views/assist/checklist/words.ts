import { checklist as english } from "../../../i18n/en-checklist";
import type { Words } from "../../../i18n/catalogue";
import { checklist as chinese } from "../../../i18n/zh-checklist";
import { useLocale } from "../../context";

export type ChecklistWords = Words<typeof english>;

export function useChecklistWords(): ChecklistWords {
  return useLocale() === "en" ? english : chinese;
}
