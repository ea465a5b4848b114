import type { Words } from "../../../i18n/catalogue";
import { documents as english } from "../../../i18n/en-documents";
import { documents as chinese } from "../../../i18n/zh-documents";
import { useLocale } from "../../context";

export type DocumentWords = Words<typeof english>;

export function useDocumentWords(): DocumentWords {
  return useLocale() === "en" ? english : chinese;
}
