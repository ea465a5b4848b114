import type { Api } from "./api";
import { query, type Named } from "./directory";
import type { Phrase, RequestState } from "./requests/shapes";

export const FIELDS = ["kind", "industry", "headcount", "founded", "age", "region", "address"] as const;
export const OPS = ["is", "is_not", "at_least", "at_most", "contains"] as const;

export type RuleField = (typeof FIELDS)[number];
export type RuleOp = (typeof OPS)[number];
export type Met = "yes" | "unknown" | "no";
export type PolicyState = "draft" | "published" | "withdrawn";
export type PolicyAction = "publish" | "withdraw";
export type Beginning = "application" | "question";

/** Which comparisons each part of a profile takes: collab/policies/rules.py. */
export const OPS_OF: Readonly<Record<RuleField, readonly RuleOp[]>> = {
  kind: ["is", "is_not"],
  industry: ["is", "is_not"],
  headcount: ["is", "at_least", "at_most"],
  founded: ["at_least", "at_most"],
  age: ["at_most", "at_least"],
  region: ["is", "is_not"],
  address: ["contains"],
};
export const CLAUSES_MAX = 12;
export const CONDITIONS_MAX = 6;

export interface Condition {
  readonly field: RuleField;
  readonly op: RuleOp;
  readonly values: readonly string[];
}

export interface Clause {
  readonly any: readonly Condition[];
}

export interface Rules {
  readonly all: readonly Clause[];
}

export interface Standing {
  readonly organization: Named;
  readonly met: Met;
  readonly reasons: readonly { readonly met: Met; readonly words: Phrase }[];
}

export interface TypeName {
  readonly key: string;
  readonly name: Phrase;
}

export interface PolicyLine {
  readonly id: string;
  readonly state: PolicyState;
  readonly title: Phrase;
  readonly summary: Phrase;
  readonly source: string;
  readonly number: string;
  /** Days, as 2026-12-31. */
  readonly issued_on: string | null;
  readonly apply_from: string | null;
  readonly apply_until: string | null;
  readonly published_at_ms: number;
  readonly changed_at_ms: number;
  readonly standings: readonly Standing[];
}

export interface PolicyList {
  readonly policies: readonly PolicyLine[];
  readonly more: boolean;
  readonly may_write: boolean;
  /** What a policy may lead to; none for whoever does not write. */
  readonly types: readonly TypeName[];
  readonly today: string;
}

export interface Begun {
  readonly id: string;
  readonly kind: Beginning;
  readonly number: string;
  readonly title: string;
  readonly state: RequestState;
  readonly organization: string;
  readonly created_at_ms: number;
}

export interface PolicyCard {
  readonly policy: PolicyLine;
  readonly summary: Phrase;
  readonly source_url: string;
  readonly request_type: string;
  readonly rules: Rules;
  readonly revision: number;
  readonly changed_by_name: string;
  readonly type: { readonly key: string; readonly name: Phrase; readonly may_file: boolean } | null;
  readonly takes: boolean;
  readonly begun: readonly Begun[];
  readonly may_write: boolean;
  readonly types: readonly TypeName[];
  readonly actions: readonly PolicyAction[];
  readonly today: string;
}

export interface PolicyWish {
  readonly title_zh: string;
  readonly title_en: string;
  readonly summary_zh: string;
  readonly summary_en: string;
  readonly source: string;
  readonly number: string;
  readonly source_url: string;
  readonly issued_on: string | null;
  readonly apply_from: string | null;
  readonly apply_until: string | null;
  readonly request_type: string;
  readonly rules: Rules;
}

export interface PolicyFilter {
  readonly state: PolicyState | "any";
  readonly search: string;
  readonly open: boolean;
  readonly mine: boolean;
}

const SHOWN = 30;

/** The best that the rules come to for any of one's companies; null for whoever has none. */
export function bestOf(standings: readonly Standing[]): Met | null {
  const order: readonly Met[] = ["yes", "unknown", "no"];
  return order.find((met) => standings.some((one) => one.met === met)) ?? null;
}

/** Values as they are sent: an address typed with a comma too many has an empty one. */
export function tidied(rules: Rules): Rules {
  const tidy = (one: Condition): Condition => ({
    ...one,
    values: one.values.map((value) => value.trim()).filter(Boolean),
  });
  return { all: rules.all.map((clause) => ({ any: clause.any.map(tidy) })) };
}

/** A condition without a value is not left out: that would let in more companies than its writer thinks. */
export const isWhole = (rules: Rules): boolean =>
  tidied(rules).all.every((clause) => clause.any.every((one) => one.values.length > 0));

/** What a condition begins with once its field and comparison are chosen. */
export function freshCondition(field: RuleField, op: RuleOp = OPS_OF[field][0] ?? "is"): Condition {
  return { field, op, values: field === "headcount" && op !== "is" ? ["small"] : [] };
}

/** The same place in a list with another value; null takes it out. */
export function withPlace<T>(list: readonly T[], place: number, value: T | null): readonly T[] {
  return list.flatMap((one, index) => (index !== place ? [one] : value === null ? [] : [value]));
}

/** Notices of policies. */
export class Policies {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (filter: PolicyFilter, before: string): Promise<PolicyList> =>
    this.api.ask(
      "GET",
      `/api/policies?${query({
        state: filter.state,
        search: filter.search,
        open: filter.open ? "true" : "",
        mine: filter.mine ? "true" : "",
        before,
        limit: SHOWN,
      })}`,
    );
  get = (id: string): Promise<PolicyCard> => this.api.ask("GET", at(id));
  add = (wish: PolicyWish): Promise<PolicyCard> => this.api.ask("POST", "/api/policies", wish);
  write = (id: string, revision: number, wish: PolicyWish): Promise<PolicyCard> =>
    this.api.ask("PUT", at(id), { ...wish, revision });
  move = (id: string, action: PolicyAction): Promise<PolicyCard> =>
    this.api.ask("POST", `${at(id)}/moves`, { action });
  companies = (id: string): Promise<{ readonly companies: readonly Standing[] }> =>
    this.api.ask("GET", `${at(id)}/companies`);
  begin = (
    id: string,
    kind: Beginning,
    key: string,
    organizationId: string,
  ): Promise<{ readonly request_id: string }> =>
    this.api.ask("POST", `${at(id)}/requests`, { kind, key, organization_id: organizationId });
}

const at = (id: string): string => `/api/policies/${encodeURIComponent(id)}`;
