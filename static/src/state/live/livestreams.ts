import type { Api } from "../api";
import type { RecordingChapter } from "../recordings";

export type LifeState = "draft" | "scheduled" | "rehearsal" | "live" | "ended" | "replay";
export type Tier = "anyone" | "signed_in" | "named";
export type StaffRole = "host" | "presenter" | "moderator";
export type RegistrationState = "pending" | "confirmed" | "waiting" | "declined" | "cancelled";
export type Needs = "" | "sign_in" | "invitation" | "registration" | "approval" | "seat" | "banned";

/** As docs/api.md has them. */
export interface LivestreamCard {
  readonly id: string;
  readonly title: string;
  readonly organization: string;
  readonly state: LifeState;
  readonly tier: Tier;
  readonly starts_at_ms: number;
  readonly minutes: number;
  readonly zone: string;
  readonly cover_url: string;
  readonly live_at_ms: number;
  readonly ended_at_ms: number;
  readonly role: StaffRole | null;
  readonly registered: boolean;
}

export interface ChatSettings {
  readonly enabled: boolean;
  readonly questions: boolean;
  readonly slow_s: number;
  readonly held: boolean;
  readonly words: readonly string[];
}

export interface CustomField {
  readonly key: string;
  readonly label: string;
  readonly kind: "text" | "choice" | "check";
  readonly required: boolean;
  readonly options: readonly string[];
}

export interface RegistrationSettings {
  readonly enabled: boolean;
  readonly approval: boolean;
  readonly capacity: number;
  readonly remind_before_min: number;
  readonly fields: readonly CustomField[];
}

export interface Staff {
  readonly account_id: string;
  readonly name: string;
  readonly role: StaffRole;
}

export interface LiveGroup {
  readonly id: string;
  readonly kind: "organization" | "list" | "link";
  readonly name: string;
  readonly organization_id: string | null;
  readonly tier: Tier;
  readonly own_chat: boolean;
  readonly link: string;
  readonly emails: readonly string[];
}

export interface Livestream {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly organization: string;
  readonly organization_id: string | null;
  readonly state: LifeState;
  readonly tier: Tier;
  readonly starts_at_ms: number;
  readonly minutes: number;
  readonly zone: string;
  readonly cover_url: string;
  readonly chat: ChatSettings;
  readonly registration: RegistrationSettings;
  readonly keep_replay: boolean;
  readonly version: number;
  readonly live_at_ms: number;
  readonly ended_at_ms: number;
  readonly room_code: string;
  readonly link: string;
  readonly role: StaffRole | null;
  readonly may_change: boolean;
  readonly staff: readonly Staff[];
  readonly groups: readonly LiveGroup[];
}

export interface Watch {
  readonly id: string;
  readonly phase: LifeState;
  readonly needs: Needs;
  readonly title: string;
  readonly description: string;
  readonly organization: string;
  readonly hosts: readonly string[];
  readonly cover_url: string;
  readonly starts_at_ms: number;
  readonly minutes: number;
  readonly zone: string;
  readonly live_at_ms: number;
  readonly ended_at_ms: number;
  readonly server_ms: number;
  readonly registration: boolean;
  readonly fields: readonly CustomField[];
  readonly registration_state: RegistrationState | null;
  readonly you: {
    readonly id: string;
    readonly name: string;
    readonly role: StaffRole | null;
    readonly group: string;
    readonly signed_in: boolean;
  } | null;
  readonly token: string;
  readonly token_expires_at_ms: number;
  readonly hub: string;
  readonly whep: string | null;
  readonly hls: string | null;
  readonly replay: {
    readonly film_url: string;
    readonly film_ms: number;
    readonly chapters: readonly RecordingChapter[];
    readonly captions: readonly { readonly language: string; readonly label: string; readonly url: string }[];
  } | null;
}

export interface Ticket {
  readonly code: string;
  readonly token: string;
  readonly identity: string;
  readonly role: string;
}

export interface Registration {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly state: RegistrationState;
  readonly answers: Readonly<Record<string, string>>;
  readonly created_at_ms: number;
}

export interface Registrations {
  readonly registrations: readonly Registration[];
  readonly more: boolean;
  readonly counts: Readonly<Partial<Record<RegistrationState, number>>>;
}

/** What is written of a livestream; times in milliseconds since the epoch. */
export type Plan = Pick<
  Livestream,
  | "title"
  | "description"
  | "starts_at_ms"
  | "minutes"
  | "zone"
  | "tier"
  | "chat"
  | "registration"
  | "keep_replay"
>;

export interface Numbers {
  readonly peak: number;
  readonly people: number;
  readonly visits: number;
  readonly watched_ms: number;
  readonly average_ms: number;
  readonly began_at_ms: number;
  readonly ended_at_ms: number;
  readonly step_ms: number;
  /** For each step: how many watched at most, came, and left. */
  readonly viewers: readonly number[];
  readonly joins: readonly number[];
  readonly leaves: readonly number[];
  readonly groups: readonly { readonly name: string; readonly people: number; readonly watched_ms: number }[];
  readonly persons: readonly {
    readonly name: string;
    readonly group: string;
    readonly first_ms: number;
    readonly watched_ms: number;
    readonly visits: number;
  }[];
  readonly messages: number;
  readonly questions: number;
  readonly polls: number;
}

const PAGE_SIZE = 30;
const one = (id: string): string => `/api/livestreams/${encodeURIComponent(id)}`;
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();

export type Show = "all" | "coming" | "live" | "past";

export class Livestreams {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (
    show: Show,
    search: string,
    before: string,
  ): Promise<{ livestreams: readonly LivestreamCard[]; more: boolean }> =>
    this.api.ask("GET", `/api/livestreams?${query({ show, search, before, limit: String(PAGE_SIZE) })}`);
  get = (id: string): Promise<Livestream> => this.api.ask("GET", one(id));
  create = (plan: Plan): Promise<Livestream> => this.api.ask("POST", "/api/livestreams", plan);
  change = (id: string, version: number, plan: Partial<Plan>): Promise<Livestream> =>
    this.api.ask("PATCH", one(id), { version, ...plan });
  trash = (id: string): Promise<void> => this.api.ask("DELETE", one(id));
  restore = (id: string): Promise<Livestream> => this.api.ask("POST", `${one(id)}/restore`, {});
  act = (id: string, action: string): Promise<Livestream> =>
    this.api.ask("POST", `${one(id)}/acts`, { action });
  setPeople = (id: string, people: readonly { account_id: string; role: StaffRole }[]): Promise<Livestream> =>
    this.api.ask("PUT", `${one(id)}/people`, { people });
  setGroups = (id: string, groups: readonly object[]): Promise<Livestream> =>
    this.api.ask("PUT", `${one(id)}/groups`, { groups });
  watch = (id: string, link: string, registration: string, name: string): Promise<Watch> =>
    this.api.ask("GET", `${one(id)}/watch?${query({ link, registration, name })}`);
  ticket = (id: string, token: string): Promise<Ticket> =>
    this.api.ask("POST", `${one(id)}/stage-ticket`, { token });
  register = (id: string, wish: object): Promise<{ state: RegistrationState; mailed: boolean }> =>
    this.api.ask("POST", `${one(id)}/registrations`, wish);
  cancel = (id: string, token: string): Promise<{ state: RegistrationState }> =>
    this.api.ask("POST", `${one(id)}/registrations/cancel`, { token });
  registrations = (id: string, state: string, search: string, before: string): Promise<Registrations> =>
    this.api.ask("GET", `${one(id)}/registrations?${query({ state, search, before })}`);
  decide = (id: string, registrationId: string, confirm: boolean): Promise<Registration> =>
    this.api.ask("POST", `${one(id)}/registrations/${registrationId}`, { confirm });
  numbers = (id: string): Promise<Numbers> => this.api.ask("GET", `${one(id)}/numbers`);
  exportUrl = (id: string, what: string, format: "csv" | "xlsx"): string =>
    `${one(id)}/export.${format}?what=${what}`;
}

/** How long until `atMs`, in the largest two units that count. */
export function untilParts(ms: number): { days: number; hours: number; minutes: number; seconds: number } {
  const s = Math.max(0, Math.floor(ms / 1_000));
  return {
    days: Math.floor(s / 86_400),
    hours: Math.floor((s % 86_400) / 3_600),
    minutes: Math.floor((s % 3_600) / 60),
    seconds: s % 60,
  };
}
