import type { Api } from "./api";
import { query, type Named } from "./directory";

export type Milestone = "arrived" | "installed" | "commissioned";
export type Late = "requests" | "milestone" | "job" | "contact";

export interface MilestoneState {
  readonly milestone: Milestone;
  readonly planned_on: string | null;
  readonly done_at_ms: number;
  readonly name: string;
}

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly officer: Named | null;
  readonly offered_to: Named | null;
  readonly since_ms: number;
}

export interface BoardCompany {
  readonly company: Company;
  readonly covered_for: string;
  readonly open_requests: number;
  readonly late_requests: number;
  readonly last_contact: { readonly kind: "call" | "meeting" | "comment"; readonly at_ms: number } | null;
  readonly jobs: readonly {
    readonly id: string;
    readonly title: string;
    readonly installer: string;
    readonly state: string;
    readonly milestones: readonly MilestoneState[];
    readonly late: boolean;
  }[];
  readonly late: readonly Late[];
}

export interface Cover {
  readonly id: string;
  readonly officer: Named;
  readonly cover: Named;
  readonly starts_on: string;
  readonly ends_on: string;
}

/** Service officers, their board, jobs' milestones. */
export class Officers {
  constructor(private readonly api: Pick<Api, "ask">) {}

  board = (): Promise<{
    readonly companies: readonly BoardCompany[];
    readonly offers: readonly Company[];
    readonly server_time_ms: number;
  }> => this.api.ask("GET", "/api/officers/board");
  companies = (
    search: string,
    after: string,
  ): Promise<{ readonly companies: readonly Company[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/officers/companies?${query({ search, after, limit: 50 })}`);
  name = (id: string, accountId: string): Promise<unknown> =>
    this.api.ask("PUT", `/api/officers/companies/${id}`, { account_id: accountId });
  move = (
    id: string,
    action: "offered" | "withdrawn" | "accepted" | "declined",
    to = "",
    note = "",
  ): Promise<unknown> => this.api.ask("POST", `/api/officers/companies/${id}/moves`, { action, to, note });
  covers = (): Promise<{ readonly covers: readonly Cover[] }> => this.api.ask("GET", "/api/officers/covers");
  cover = (coverId: string, startsOn: string, endsOn: string): Promise<unknown> =>
    this.api.ask("POST", "/api/officers/covers", {
      cover_id: coverId,
      starts_on: startsOn,
      ends_on: endsOn,
    });
  uncover = (id: string): Promise<void> => this.api.ask("DELETE", `/api/officers/covers/${id}`);
  staff = (): Promise<{ readonly staff: readonly Named[] }> => this.api.ask("GET", "/api/requests/staff");
  milestones = (jobId: string): Promise<{ readonly milestones: readonly MilestoneState[] }> =>
    this.api.ask("GET", `/api/officers/jobs/${jobId}/milestones`);
  setMilestone = (
    jobId: string,
    body: { milestone: Milestone; planned_on: string | null; done: boolean },
  ): Promise<unknown> => this.api.ask("PUT", `/api/officers/jobs/${jobId}/milestones`, body);
}
