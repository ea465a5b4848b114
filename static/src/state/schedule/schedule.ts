import type { Api } from "../api";

export type Answer = "needs_action" | "accepted" | "tentative" | "declined";
export type Scope = "all" | "one" | "following";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Occurrence {
  readonly event_id: string;
  readonly key: string;
  readonly title: string;
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly zone: string;
  readonly rrule: string;
  readonly changed: boolean;
  readonly organizer: Named | null;
  readonly answer: Answer | null;
  readonly may_change: boolean;
  readonly sequence: number;
  readonly code: string;
  readonly link: string;
}

export interface Invitee {
  readonly id: string;
  readonly account_id: string | null;
  readonly organization_id: string | null;
  readonly name: string;
  readonly email: string;
  readonly named: boolean;
  readonly answer: Answer;
  readonly note: string;
}

export interface ScheduledEvent {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly starts: string;
  readonly zone: string;
  readonly minutes: number;
  readonly rrule: string;
  readonly organizer: Named | null;
  readonly part: "manager" | "invited" | "colleague";
  readonly answer: Answer | null;
  readonly state: "confirmed" | "cancelled";
  readonly sequence: number;
  readonly opens_before_min: number;
  readonly remind_before_min: number;
  readonly invitees: readonly Invitee[];
  readonly code: string;
  readonly link: string;
}

/** Whom somebody invites: one of the three ids, and the name to show. */
export interface Guest {
  readonly account_id?: string;
  readonly organization_id?: string;
  readonly email?: string;
  readonly name: string;
}

export interface EventWish {
  readonly title: string;
  readonly description: string;
  readonly starts: string;
  readonly zone: string;
  readonly minutes: number;
  readonly rrule: string;
  readonly invitees: readonly Guest[];
  readonly opens_before_min: number;
  readonly remind_before_min: number;
}

export interface NewEvent extends EventWish {
  readonly lobby_enabled: boolean;
  readonly guests_allowed: boolean;
}

export interface EventChange extends Partial<EventWish> {
  readonly sequence: number;
  readonly scope: Scope;
  readonly key: string;
}

export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Diary {
  readonly account_id: string;
  readonly zone: string;
  readonly from_min: number;
  readonly to_min: number;
  readonly days: number;
  readonly busy: readonly Span[];
}

export interface Suggestion {
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly busy: readonly string[];
  readonly outside_hours: readonly string[];
}

export interface Mine {
  readonly zone: string;
  readonly from_min: number;
  readonly to_min: number;
  readonly days: number;
  readonly chosen: boolean;
  readonly feed_made_at_ms: number;
}

export interface FoundPeople {
  readonly people: readonly (Named & { readonly organization: string })[];
  readonly organizations: readonly Named[];
}

const sent = ({ account_id, organization_id, email, name }: Guest): object =>
  account_id ? { account_id } : organization_id ? { organization_id } : { email, name };

export interface EventRecord {
  readonly key: string;
  readonly text: string;
  readonly version: number;
  readonly items: readonly {
    readonly id: string;
    readonly text: string;
    readonly owner: Named | null;
    readonly due: string;
    readonly done_at_ms: number;
  }[];
  readonly attendance_on: boolean;
  readonly stays: readonly {
    readonly name: string;
    readonly joined_at_ms: number;
    readonly left_at_ms: number;
  }[];
  readonly may_write: boolean;
}

/** The schedule's endpoints of docs/api.md. */
export class Schedule {
  constructor(private readonly api: Api) {}

  occurrences = (
    fromMs: number,
    toMs: number,
  ): Promise<{ occurrences: readonly Occurrence[]; more: boolean }> =>
    this.api.ask("GET", `/api/schedule/occurrences?from_ms=${fromMs}&to_ms=${toMs}`);
  event = (id: string): Promise<ScheduledEvent> => this.api.ask("GET", `/api/schedule/events/${id}`);
  create = (wish: NewEvent): Promise<ScheduledEvent> =>
    this.api.ask("POST", "/api/schedule/events", { ...wish, invitees: wish.invitees.map(sent) });
  change = (id: string, change: EventChange): Promise<ScheduledEvent> =>
    this.api.ask("PATCH", `/api/schedule/events/${id}`, {
      ...change,
      ...(change.invitees ? { invitees: change.invitees.map(sent) } : {}),
    });
  cancel = (id: string, body: { sequence: number; scope: Scope; key: string }): Promise<void> =>
    this.api.ask("POST", `/api/schedule/events/${id}/cancel`, body);
  answer = (id: string, answer: Answer, key: string): Promise<ScheduledEvent> =>
    this.api.ask("POST", `/api/schedule/events/${id}/answer`, { answer, key });
  record = (id: string, key: string): Promise<EventRecord> =>
    this.api.ask("GET", `/api/schedule/events/${id}/records/${key}`);
  writeMinutes = (id: string, key: string, text: string, version: number): Promise<EventRecord> =>
    this.api.ask("PUT", `/api/schedule/events/${id}/records/${key}`, { text, version });
  addItem = (
    id: string,
    key: string,
    item: { text: string; owner_id: string; due: string },
  ): Promise<EventRecord> => this.api.ask("POST", `/api/schedule/events/${id}/records/${key}/items`, item);
  changeItem = (id: string, change: { done: boolean }): Promise<EventRecord> =>
    this.api.ask("PATCH", `/api/schedule/items/${id}`, change);
  mine = (): Promise<Mine> => this.api.ask("GET", "/api/schedule/me");
  setMine = (mine: { zone: string; from_min: number; to_min: number; days: number }): Promise<void> =>
    this.api.ask("PUT", "/api/schedule/me", mine);
  /** Its address is told this once; the one of before opens nothing any more. */
  makeFeed = (): Promise<{ readonly url: string; readonly made_at_ms: number }> =>
    this.api.ask("POST", "/api/schedule/feed");
  dropFeed = (): Promise<void> => this.api.ask("DELETE", "/api/schedule/feed");
  people = (q: string): Promise<FoundPeople> =>
    this.api.ask("GET", `/api/schedule/people?${new URLSearchParams({ q }).toString()}`);
  freeBusy = (
    account_ids: readonly string[],
    span: Span,
    but: string,
  ): Promise<{ diaries: readonly Diary[] }> =>
    this.api.ask("POST", "/api/schedule/free-busy", { account_ids, ...span, but });
  suggestions = (body: {
    account_ids: readonly string[];
    from_ms: number;
    to_ms: number;
    zone: string;
    minutes: number;
    but: string;
  }): Promise<{ suggestions: readonly Suggestion[] }> =>
    this.api.ask("POST", "/api/schedule/suggestions", body);
}
