import type { Api } from "./api";
import { query, type Named } from "./directory";
import type { RequestState } from "./requests/shapes";

export const AREAS = [
  "production",
  "staff",
  "finance",
  "logistics",
  "facilities",
  "policy",
  "other",
] as const;

export type Area = (typeof AREAS)[number];
export type Scope = "own" | "several" | "park";
export type Publishing = "yes" | "anonymous" | "no";
export type SymposiumState = "collecting" | "live" | "closed" | "cancelled";
export type SymposiumAction = "begin" | "close" | "cancel";
export type IssueState =
  "raised" | "agenda" | "discussed" | "requested" | "answered" | "unfiled" | "withdrawn";

export interface Symposium {
  readonly id: string;
  readonly state: SymposiumState;
  readonly title: string;
  readonly note: string;
  readonly starts_at_ms: number;
  readonly collects_until_ms: number;
  /** The code of its room, "" = none yet. */
  readonly room: string;
  readonly current_issue_id: string;
  readonly speaker: string;
  readonly revision: number;
  readonly issues: number;
  readonly answered: number;
}

export interface Issue {
  readonly id: string;
  readonly state: IssueState;
  /** On the agenda, from 1; 0 = not on it. */
  readonly position: number;
  readonly title: string;
  readonly area: Area;
  readonly problem: string;
  readonly wish: string;
  readonly scope: Scope;
  readonly publish: Publishing;
  /** Without a name where it asked for that. */
  readonly organization: Named;
  readonly name: string;
  readonly votes: number;
  readonly voted: boolean;
  readonly decision: string;
  readonly owner: Named | null;
  /** A day, as 2026-12-31. */
  readonly due_on: string | null;
  /** `id`: "" for whoever may not open it. */
  readonly request: { readonly id: string; readonly state: RequestState; readonly due_at_ms: number } | null;
  readonly may_withdraw: boolean;
  readonly answer: string;
  readonly answered_at_ms: number;
  readonly created_at_ms: number;
}

export interface SymposiumList {
  readonly symposiums: readonly Symposium[];
  readonly more: boolean;
  readonly leads: boolean;
  readonly server_time_ms: number;
}

export interface SymposiumCard {
  readonly symposium: Symposium;
  readonly issues: readonly Issue[];
  readonly leads: boolean;
  readonly actions: readonly SymposiumAction[];
  readonly raises_for: readonly Named[];
  readonly server_time_ms: number;
}

export interface SymposiumWish {
  readonly title: string;
  readonly note: string;
  readonly starts_at_ms: number;
  readonly collects_until_ms: number;
}

export interface IssueWish {
  readonly title: string;
  readonly area: Area;
  readonly problem: string;
  readonly wish: string;
  readonly scope: Scope;
  readonly publish: Publishing;
  readonly organization_id: string;
}

export interface Outcome {
  readonly decision: string;
  readonly owner_id: string;
  readonly due_on: string | null;
}

const SHOWN = 30;
const LIVE_MS = 4_000;
const COLLECTING_MS = 6_000;
const OVER_MS = 30_000;

/** How often a page looks for what others did, and for the requests that are filed once it is closed. */
export function refreshMs(card: SymposiumCard | undefined): number {
  if (card === undefined) return OVER_MS;
  if (card.symposium.state === "collecting") return COLLECTING_MS;
  const isFiling = card.symposium.state === "closed" && card.issues.some((one) => OPEN.has(one.state));
  return card.symposium.state === "live" || isFiling ? LIVE_MS : OVER_MS;
}

/** Not a request yet. */
const OPEN: ReadonlySet<IssueState> = new Set(["raised", "agenda", "discussed"]);

/** In their order. */
export const agendaOf = (card: SymposiumCard): readonly Issue[] =>
  card.issues.filter((one) => one.position > 0).sort((a, b) => a.position - b.position);

export const currentOf = (card: SymposiumCard): Issue | null =>
  card.issues.find((one) => one.id === card.symposium.current_issue_id) ?? null;

/** The one that comes after what is talked about: the first of the agenda on which nothing is decided. */
export function nextOf(card: SymposiumCard): Issue | null {
  const agenda = agendaOf(card);
  const at = agenda.findIndex((one) => one.id === card.symposium.current_issue_id);
  const waits = (one: Issue): boolean => one.state === "agenda" && one.id !== card.symposium.current_issue_id;
  return agenda.slice(at + 1).find(waits) ?? agenda.find(waits) ?? null;
}

/** Taken out of its place and put in another. */
export function movedTo(ids: readonly string[], from: number, to: number): readonly string[] {
  const rest = ids.filter((_, at) => at !== from);
  const taken = ids[from];
  return taken === undefined ? ids : [...rest.slice(0, to), taken, ...rest.slice(to)];
}

/** Symposiums and their issues. */
export class Symposiums {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (before: string): Promise<SymposiumList> =>
    this.api.ask("GET", `/api/symposiums?${query({ before, limit: SHOWN })}`);
  get = (id: string): Promise<SymposiumCard> => this.api.ask("GET", at(id));
  add = (wish: SymposiumWish): Promise<SymposiumCard> => this.api.ask("POST", "/api/symposiums", wish);
  plan = (id: string, revision: number, wish: SymposiumWish): Promise<SymposiumCard> =>
    this.api.ask("PUT", at(id), { ...wish, revision });
  move = (id: string, action: SymposiumAction): Promise<SymposiumCard> =>
    this.api.ask("POST", `${at(id)}/moves`, { action });
  setAgenda = (id: string, revision: number, ids: readonly string[]): Promise<SymposiumCard> =>
    this.api.ask("PUT", `${at(id)}/agenda`, { revision, issue_ids: ids });
  show = (id: string, revision: number, issueId: string, speaker: string): Promise<SymposiumCard> =>
    this.api.ask("PUT", `${at(id)}/current`, { revision, issue_id: issueId, speaker });
  raise = (id: string, wish: IssueWish): Promise<SymposiumCard> =>
    this.api.ask("POST", `${at(id)}/issues`, wish);
  vote = (id: string, issueId: string, up: boolean): Promise<SymposiumCard> =>
    this.api.ask("PUT", `${at(id)}/issues/${issueId}/vote`, { up });
  withdraw = (id: string, issueId: string, withdrawn: boolean): Promise<SymposiumCard> =>
    this.api.ask("PUT", `${at(id)}/issues/${issueId}/withdrawn`, { withdrawn });
  decide = (id: string, issueId: string, outcome: Outcome): Promise<SymposiumCard> =>
    this.api.ask("PUT", `${at(id)}/issues/${issueId}/decision`, outcome);
}

const at = (id: string): string => `/api/symposiums/${encodeURIComponent(id)}`;
