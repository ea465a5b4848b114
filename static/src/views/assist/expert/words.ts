import { expert as english } from "../../../i18n/en-expert";
import type { Words } from "../../../i18n/catalogue";
import { expert as chinese } from "../../../i18n/zh-expert";
import { useLocale } from "../../context";

export type ExpertText = Words<typeof english>;

/** Both languages come with the page: together they are smaller than one more request. */
export function useExpertText(): ExpertText {
  return useLocale() === "en" ? english : chinese;
}
