import type { Words } from "../../../i18n/catalogue";
import { requestForm as english } from "../../../i18n/en-request-form";
import { requestForm as chinese } from "../../../i18n/zh-request-form";
import type { Field } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { known } from "../words";

export type FormWords = Words<typeof english>;

export function useFormWords(): FormWords {
  return useLocale() === "en" ? english : chinese;
}

/** What is wrong with an answer, and what would be right. */
export function faultWords(words: FormWords, field: Field, fault: string): string {
  if (field.kind === "people" && fault === "required") return words.person.nameless;
  if (field.kind === "table" && fault === "required") return words.table.incomplete;
  if (field.kind === "number" && (fault === "too_low" || fault === "too_high" || fault === "invalid")) {
    const range = rangeWords(words, field.low, field.high);
    if (range) return words.withRange({ fault: words.faults[fault], range });
  }
  return known({ ...words.faults, outOfRange: "" }, fault) || words.faults.invalid;
}

export function rangeWords(
  words: FormWords,
  low: number | null | undefined,
  high: number | null | undefined,
): string {
  const has = { low: low !== null && low !== undefined, high: high !== null && high !== undefined };
  if (has.low && has.high) return words.between({ low: String(low), high: String(high) });
  if (has.low) return words.low({ low: String(low) });
  return has.high ? words.high({ high: String(high) }) : "";
}
