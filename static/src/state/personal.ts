import type { Api } from "./api";

export interface Export {
  readonly id: string;
  readonly state: "waiting" | "ready" | "failed" | "gone";
  readonly done: number;
  readonly total: number;
  readonly files_left_out: number;
  readonly size_bytes: number;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
}

export interface Erasure {
  readonly state: "planned" | "running" | "done" | "refused";
  readonly by_administrator: boolean;
  readonly done: number;
  readonly total: number;
  readonly due_at_ms: number;
}

export interface PersonalData {
  readonly name: string;
  readonly exports: readonly Export[];
  readonly erasure: Erasure | null;
  readonly obstacles: {
    readonly requests: number;
    readonly companies: number;
    readonly only_administrator: boolean;
  };
  readonly has_password: boolean;
}

export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** A person's own data; administrators of the park anybody's. */
export class Personal {
  constructor(private readonly api: Pick<Api, "ask">) {}

  get = (id: string): Promise<PersonalData> => this.api.ask("GET", path(id));
  ask = (id: string, password: string): Promise<Export> =>
    this.api.ask("POST", `${path(id)}/exports`, { password });
  erase = (id: string, password: string): Promise<Erasure> =>
    this.api.ask("POST", `${path(id)}/erasure`, { password });
  undo = (id: string): Promise<void> => this.api.ask("DELETE", `${path(id)}/erasure`);
  members = (
    organization: string,
    after: string,
  ): Promise<{ readonly members: readonly Colleague[]; readonly more: boolean }> =>
    this.api.ask(
      "GET",
      `/api/organizations/${organization}/members?limit=100${after ? `&after=${after}` : ""}`,
    );
}

export function archiveUrl(account: string, id: string): string {
  return `${path(account)}/exports/${id}/file`;
}

function path(id: string): string {
  return `/api/people/${id}/personal-data`;
}
