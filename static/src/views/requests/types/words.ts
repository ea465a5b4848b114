import type { Words } from "../../../i18n/catalogue";
import { requestTypes as english } from "../../../i18n/en-request-types";
import { requestTypes as chinese } from "../../../i18n/zh-request-types";
import { useLocale } from "../../context";
import { known } from "../words";

export type TypeWords = Words<typeof english>;

export function useTypeWords(): TypeWords {
  return useLocale() === "en" ? english : chinese;
}

export const faultText = (words: TypeWords, fault: string | undefined): string =>
  fault === undefined ? "" : (known(words.faults, fault) ?? words.faults.invalid);
