import type { Words } from "../../../i18n/catalogue";
import { stage as english } from "../../../i18n/en-stage";
import { stage as chinese } from "../../../i18n/zh-stage";
import { useLocale } from "../../context";

export type StageWords = Words<typeof english>;

export function useStageWords(): StageWords {
  return useLocale() === "en" ? english : chinese;
}
