/** The filters of the list of requests, as they stand in the address.  Pure. */
import { searchOf, type RequestQuery } from "./requests";
import type { RequestState, Scope } from "./shapes";

export interface Filters {
  readonly scope: Scope;
  readonly state: RequestState | "";
  readonly type: string;
  readonly search: string;
  readonly late: boolean;
  readonly sort: "newest" | "due";
}

export const SCOPES: readonly Scope[] = ["mine", "company", "desk", "owned", "offered", "asked"];
export const STATES: readonly RequestState[] = [
  "draft",
  "submitted",
  "taken",
  "needs_information",
  "decided",
  "done",
  "withdrawn",
  "reopened",
];
export const NO_FILTERS: Omit<Filters, "scope"> = {
  state: "",
  type: "",
  search: "",
  late: false,
  sort: "newest",
};

export function filtersOf(search: string, scopes: readonly Scope[]): Filters {
  const query = new URLSearchParams(search);
  return {
    scope: scopes.find((one) => one === query.get("scope")) ?? scopes[0] ?? "mine",
    state: STATES.find((one) => one === query.get("state")) ?? "",
    type: /^[0-9a-z]{26}$/.exec(query.get("type") ?? "")?.[0] ?? "",
    search: (query.get("search") ?? "").slice(0, 80),
    late: query.get("late") === "true",
    sort: query.get("sort") === "due" ? "due" : "newest",
  };
}

/** The path of the page with these filters; what is as usual is left out. */
export function pathOf(filters: Filters, scopes: readonly Scope[]): string {
  const { scope, sort, ...rest } = filters;
  const search = searchOf({
    ...rest,
    scope: scope === scopes[0] ? "" : scope,
    sort: sort === "newest" ? "" : sort,
  });
  return search ? `/requests?${search}` : "/requests";
}

export function queryOf(filters: Filters): RequestQuery {
  const { type, search, ...rest } = filters;
  return { ...rest, type_id: type, search: search.trim() };
}

export const isFiltered = ({ state, type, search, late }: Filters): boolean =>
  state !== "" || type !== "" || search.trim() !== "" || late;

/** Of those who work for the park: officers look at the desk first, companies at what they filed. */
export function scopesOf(inPark: boolean): readonly Scope[] {
  return inPark ? ["desk", "owned", "offered", "asked", "mine"] : ["mine", "company"];
}
