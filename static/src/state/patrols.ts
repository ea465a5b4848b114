import type { Api } from "./api";
import { query } from "./directory";

export const CHECK_KINDS = ["visit", "photos", "call"] as const;
export const RESULTS = ["unchecked", "passed", "failed", "not_applicable"] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];
export type ItemResult = (typeof RESULTS)[number];
export type FindingAction = "remedy" | "close" | "reopen";

export interface CheckLine {
  readonly id: string;
  readonly job_id: string;
  readonly job_title: string;
  readonly enterprise: string;
  readonly installer: string;
  readonly kind: CheckKind;
  readonly state: "open" | "closed";
  readonly note: string;
  readonly inspector_id: string;
  readonly inspector_name: string;
  readonly created_at_ms: number;
  readonly items: number;
  readonly checked: number;
  readonly open_findings: number;
  readonly next_due_on: string | null;
}

export interface CheckList {
  readonly checks: readonly CheckLine[];
  readonly more: boolean;
  readonly today: string;
}

export interface Finding {
  readonly id: string;
  readonly text: string;
  readonly due_on: string;
  readonly state: "open" | "remedied" | "closed";
  readonly actions: readonly FindingAction[];
  readonly events: readonly {
    readonly action: FindingAction | "find";
    readonly name: string;
    readonly note: string;
    readonly at_ms: number;
  }[];
}

export interface CheckCard {
  readonly check: CheckLine;
  readonly items: readonly {
    readonly position: number;
    readonly text: string;
    readonly result: ItemResult;
    readonly note: string;
  }[];
  readonly photos: readonly {
    readonly key: string;
    readonly position: number;
    readonly url: string;
    readonly name: string;
  }[];
  readonly findings: readonly Finding[];
  readonly may_inspect: boolean;
  readonly may_bring: boolean;
  readonly today: string;
}

/** Spot checks of installation jobs. */
export class Patrols {
  constructor(private readonly api: Pick<Api, "ask" | "put">) {}

  list = (state: string, late: boolean, before: string): Promise<CheckList> =>
    this.api.ask(
      "GET",
      `/api/patrols/checks?${query({ state, late: late ? "true" : "", before, limit: 30 })}`,
    );
  ofJob = (jobId: string): Promise<CheckList> => this.api.ask("GET", `/api/patrols/jobs/${jobId}/checks`);
  begin = (jobId: string, kind: CheckKind, items: readonly string[]): Promise<CheckCard> =>
    this.api.ask("POST", `/api/patrols/jobs/${jobId}/checks`, { kind, items });
  get = (id: string): Promise<CheckCard> => this.api.ask("GET", path(id));
  tick = (id: string, position: number, result: ItemResult, note: string): Promise<CheckCard> =>
    this.api.ask("PATCH", path(id), { items: [{ position, result, note }] });
  close = (id: string): Promise<CheckCard> => this.api.ask("PATCH", path(id), { close: true });
  photo = (id: string, key: string, position: number, file: Blob): Promise<CheckCard> =>
    this.api.put(`${path(id)}/photos/${key}?${query({ position })}`, file, "");
  find = (id: string, text: string, dueOn: string): Promise<CheckCard> =>
    this.api.ask("POST", `${path(id)}/findings`, { text, due_on: dueOn });
  move = (id: string, findingId: string, action: FindingAction, note: string): Promise<CheckCard> =>
    this.api.ask("POST", `${path(id)}/findings/${findingId}/moves`, { action, note });
}

const path = (id: string): string => `/api/patrols/checks/${encodeURIComponent(id)}`;
