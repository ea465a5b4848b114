import type { Words } from "../../i18n/catalogue";
import { symposiums as english } from "../../i18n/en-symposiums";
import { symposiums as chinese } from "../../i18n/zh-symposiums";
import { ApiError } from "../../state/api";
import { useLocale, useText } from "../context";

export type SymposiumWords = Words<typeof english>;

export function useSymposiumWords(): SymposiumWords {
  return useLocale() === "en" ? english : chinese;
}

/** What to say of a change that failed. */
export function useFaultText(): (cause: unknown) => string {
  const text = useText();
  const words = useSymposiumWords();
  return (cause) =>
    cause instanceof ApiError
      ? cause.code === "conflict"
        ? words.conflict
        : text.errors[cause.code]
      : text.errors.internal;
}
