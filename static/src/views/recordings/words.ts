import type { Words } from "../../i18n/catalogue";
import { recordings as english } from "../../i18n/en-recordings";
import { recordings as chinese } from "../../i18n/zh-recordings";
import { useLocale } from "../context";

export type RecordingWords = Words<typeof english>;

export function useRecordingWords(): RecordingWords {
  return useLocale() === "en" ? english : chinese;
}
