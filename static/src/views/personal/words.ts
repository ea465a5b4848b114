import type { Words } from "../../i18n/catalogue";
import { personal as english } from "../../i18n/en-personal";
import { personal as chinese } from "../../i18n/zh-personal";
import { useLocale } from "../context";

export type PersonalWords = Words<typeof english>;

export function usePersonalWords(): PersonalWords {
  return useLocale() === "en" ? english : chinese;
}
