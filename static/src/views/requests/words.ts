import type { Words } from "../../i18n/catalogue";
import { requests as english } from "../../i18n/en-requests";
import { requests as chinese } from "../../i18n/zh-requests";
import { promisedBy, readingOf } from "../../state/requests/clock";
import type { RequestClock, RequestView } from "../../state/requests/shapes";
import { useLocale } from "../context";

export type RequestWords = Words<typeof english>;

export function useRequestWords(): RequestWords {
  return useLocale() === "en" ? english : chinese;
}

/** What a table of words has for a name that came from the server; undefined for one that it does not know. */
export const known = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** "late 3 h", "52 min left"; "" when no clock runs. */
export function clockWords(words: RequestWords, request: RequestView, nowMs: number): string {
  const reading = readingOf(request, nowMs);
  return reading ? words.clock[reading.tone](reading) : "";
}

/** "within 1 h" */
export function promiseWords(words: RequestWords, clock: RequestClock): string {
  const promised = promisedBy(clock);
  switch (promised.kind) {
    case "span":
      return (promised.working ? words.promise.working : words.promise.span)(promised);
    case "same_day":
      return words.promise.sameDay(promised);
    case "working_days":
      return words.promise.days(promised);
  }
}

export function escalatedWords(words: RequestWords, to: string): string {
  if (to.startsWith("group:")) return words.group({ name: to.slice("group:".length) });
  return known(words.escalatedTo, to) ?? to;
}

/** The state as one says it: what is decided by how it was. */
export function stateWords(words: RequestWords, request: Pick<RequestView, "state" | "outcome">): string {
  const isOver = request.state === "decided" || request.state === "done";
  return isOver && request.outcome ? words.outcomes[request.outcome] : words.states[request.state];
}

export const whenFormat = (locale: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
