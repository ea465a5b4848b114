import type { Words } from "../../../i18n/catalogue";
import { instructions as english } from "../../../i18n/en-instructions";
import { instructions as chinese } from "../../../i18n/zh-instructions";
import { useLocale } from "../../context";

export type InstructionWords = Words<typeof english>;

export function useInstructionWords(): InstructionWords {
  return useLocale() === "en" ? english : chinese;
}
