import type { Api } from "./api";
import { query } from "./directory";

export const LEVELS = ["low", "medium", "high"] as const;
export const CONCERN_STATES = ["found", "notified", "contacted", "tested", "cleared"] as const;

export type RiskLevel = (typeof LEVELS)[number];
export type ConcernState = (typeof CONCERN_STATES)[number];
export type ConcernAction = "notify" | "contact" | "test" | "clear" | "reopen";
/** Why one looks: kept with the name of everybody who is shown. */
export type Purpose = "tracing" | "notifying" | "follow_up" | "correction" | "declaration";

export interface PlaceFacts {
  readonly address: string;
  readonly level: RiskLevel;
  readonly source: string;
  readonly starts_on: string;
  /** null: no end yet. */
  readonly ends_on: string | null;
}

export interface RiskPlace extends PlaceFacts, Readonly<Record<ConcernState, number>> {
  readonly id: string;
  readonly state: "active" | "retracted";
  readonly revision: number;
  readonly changed_at_ms: number;
}

export interface PlaceList {
  readonly places: readonly RiskPlace[];
  readonly more: boolean;
  readonly today: string;
}

export interface PlaceCard {
  readonly place: RiskPlace;
  readonly changes: readonly {
    readonly number: number;
    readonly action: "added" | "corrected" | "retracted";
    readonly note: string;
    readonly former: PlaceFacts | null;
    readonly name: string;
    readonly at_ms: number;
  }[];
}

export interface Reason {
  readonly request_id: string;
  readonly request_number: string;
  readonly origin: "home" | "movement";
  readonly text: string;
  readonly words: readonly string[];
  readonly sure: boolean;
  readonly starts_on: string;
  readonly ends_on: string;
}

export interface Concern {
  readonly id: string;
  readonly person: { readonly id: string; readonly name: string };
  readonly organization: { readonly id: string; readonly name: string };
  readonly state: ConcernState;
  readonly stands: boolean;
  readonly revision: number;
  readonly delete_at_ms: number;
  readonly reasons: readonly Reason[];
  readonly actions: readonly ConcernAction[];
}

export interface PeopleList {
  readonly people: readonly Concern[];
  readonly more: boolean;
}

export interface ConcernCard {
  readonly concern: Concern;
  readonly events: readonly {
    readonly number: number;
    readonly action: ConcernAction;
    readonly note: string;
    readonly name: string;
    readonly at_ms: number;
  }[];
}

export interface Notified {
  readonly people: number;
  readonly companies: number;
  readonly without_contact: readonly string[];
}

export interface OwnHealth {
  readonly concerns: readonly {
    readonly place: PlaceFacts;
    readonly place_state: "active" | "retracted";
    readonly state: ConcernState;
    readonly stands: boolean;
    readonly reasons: readonly Reason[];
    readonly notified_at_ms: number;
    readonly delete_at_ms: number;
  }[];
  readonly companies: readonly {
    readonly organization: { readonly id: string; readonly name: string };
    readonly place: PlaceFacts;
    readonly people: number;
    readonly cleared: number;
    readonly notified_at_ms: number;
  }[];
  readonly accesses: readonly {
    readonly id: string;
    readonly reader: { readonly id: string; readonly name: string };
    readonly purpose: Purpose;
    readonly at_ms: number;
  }[];
  readonly may_work: boolean;
}

/** Places at risk and whom they concern. */
export class Health {
  constructor(private readonly api: Pick<Api, "ask">) {}

  places = (all: boolean, before: string): Promise<PlaceList> =>
    this.api.ask("GET", `/api/health/places?${query({ all: all ? "true" : "", before, limit: 50 })}`);
  add = (facts: PlaceFacts, note: string): Promise<PlaceCard> =>
    this.api.ask("POST", "/api/health/places", { ...facts, note });
  place = (id: string): Promise<PlaceCard> => this.api.ask("GET", place(id));
  change = (id: string, revision: number, facts: PlaceFacts, note: string): Promise<PlaceCard> =>
    this.api.ask("PATCH", place(id), { ...facts, revision, note });
  retract = (id: string, revision: number, note: string): Promise<PlaceCard> =>
    this.api.ask("PATCH", place(id), { revision, note, retract: true });
  people = (id: string, purpose: Purpose, state: string, after: string): Promise<PeopleList> =>
    this.api.ask("GET", `${place(id)}/people?${query({ purpose, state, after, limit: 50 })}`);
  notify = (id: string): Promise<Notified> => this.api.ask("POST", `${place(id)}/notify`, {});
  concern = (id: string, purpose: Purpose): Promise<ConcernCard> =>
    this.api.ask("GET", `/api/health/concerns/${encodeURIComponent(id)}?${query({ purpose })}`);
  move = (id: string, revision: number, action: ConcernAction, note: string): Promise<ConcernCard> =>
    this.api.ask("POST", `/api/health/concerns/${encodeURIComponent(id)}/moves`, { revision, action, note });
  mine = (): Promise<OwnHealth> => this.api.ask("GET", "/api/health/mine");
}

const place = (id: string): string => `/api/health/places/${encodeURIComponent(id)}`;
