import type { Api, Me } from "./api";
import { query } from "./directory";

export const STATES = ["draft", "scheduled", "published", "withdrawn"] as const;
export const ROLES = ["administrator", "officer", "member"] as const;
export const TITLE_MAX = 120;
export const TEXT_MAX = 20_000;
export const FILES_MAX = 10;

export type State = (typeof STATES)[number];
export type Role = (typeof ROLES)[number];
export type Action = "edit" | "delete" | "schedule" | "unschedule" | "revise" | "withdraw" | "remind";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface AnnouncementLine {
  readonly id: string;
  readonly organization: Named;
  readonly author_name: string;
  readonly state: State;
  readonly title: string;
  readonly excerpt: string;
  readonly version: number;
  readonly people: number;
  /** How many have read it; in one's own list 0 or 1. */
  readonly read: number;
  readonly changed_at_ms: number;
  readonly publish_at_ms: number;
  readonly published_at_ms: number;
}

export interface Attached {
  readonly key: string;
  readonly name: string;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly url: string;
}

export interface AnnouncementCard {
  readonly id: string;
  readonly organization: Named;
  readonly author_name: string;
  readonly state: State;
  readonly title: string;
  readonly text: string;
  readonly version: number;
  readonly revision: number;
  readonly changed_at_ms: number;
  readonly publish_at_ms: number;
  readonly published_at_ms: number;
  readonly withdrawn_at_ms: number;
  readonly files: readonly Attached[];
  readonly unread: boolean;
  readonly read_at_ms: number;
  readonly people: number;
  /** Its publisher's, as the actions are. */
  readonly audience: {
    readonly scope: Scope;
    readonly organizations: readonly Named[];
    readonly roles: readonly Role[];
  } | null;
  readonly actions: readonly Action[];
}

export type Scope = "park" | "organizations";

export interface Audience {
  readonly scope: Scope;
  readonly organization_ids: readonly string[];
  readonly roles: readonly Role[];
}

export interface Written {
  readonly title: string;
  readonly text: string;
  readonly audience: Audience;
}

export interface Reach {
  readonly people: number;
  readonly organizations: number;
}

export interface Receipts {
  readonly people: number;
  readonly read: number;
  readonly may_remind_at_ms: number;
  readonly organizations: readonly (Named & { readonly people: number; readonly read: number })[];
  readonly readers: readonly (Named & {
    readonly organization: string;
    readonly version: number;
    /** 0: has not read it. */
    readonly read_at_ms: number;
  })[];
  readonly more: boolean;
}

/** Whose announcements these people write: the park's staff the park's, a company's administrators its own. */
export function publishersOf(me: Me): readonly (Named & { readonly isPark: boolean })[] {
  return me.memberships
    .filter((one) => one.organization.kind === "park" || one.roles.includes("administrator"))
    .map(({ organization }) => ({
      id: organization.id,
      name: organization.name,
      isPark: organization.kind === "park",
    }));
}

/** Announcements, as docs/api.md has them. */
export class Announcements {
  constructor(private readonly api: Pick<Api, "ask" | "put">) {}

  list = (
    unread: boolean,
    before: string,
  ): Promise<{
    readonly announcements: readonly AnnouncementLine[];
    readonly more: boolean;
    readonly unread: number;
  }> =>
    this.api.ask("GET", `/api/announcements?${query({ unread: unread ? "true" : "", before, limit: 30 })}`);
  written = (
    state: string,
    before: string,
  ): Promise<{ readonly announcements: readonly AnnouncementLine[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/announcements/written?${query({ state, before, limit: 30 })}`);
  get = (id: string): Promise<AnnouncementCard> => this.api.ask("GET", path(id));
  reach = (organizationId: string, audience: Audience): Promise<Reach> =>
    this.api.ask("POST", "/api/announcements/reach", { organization_id: organizationId, audience });
  write = (organizationId: string, written: Written): Promise<AnnouncementCard> =>
    this.api.ask("POST", "/api/announcements", { organization_id: organizationId, ...written });
  edit = (id: string, revision: number, written: Written): Promise<AnnouncementCard> =>
    this.api.ask("PUT", path(id), { revision, ...written });
  remove = (id: string): Promise<void> => this.api.ask("DELETE", path(id));
  /** `atMs` 0: now. */
  publish = (id: string, revision: number, atMs: number): Promise<AnnouncementCard> =>
    this.api.ask("POST", `${path(id)}/publish`, { revision, at_ms: atMs });
  unschedule = (id: string, revision: number): Promise<AnnouncementCard> =>
    this.api.ask("POST", `${path(id)}/unschedule`, { revision });
  revise = (
    id: string,
    revision: number,
    title: string,
    text: string,
    tell: boolean,
  ): Promise<AnnouncementCard> =>
    this.api.ask("POST", `${path(id)}/versions`, { revision, title, text, tell });
  withdraw = (id: string, revision: number): Promise<AnnouncementCard> =>
    this.api.ask("POST", `${path(id)}/withdraw`, { revision });
  read = (id: string, version: number): Promise<AnnouncementCard> =>
    this.api.ask("POST", `${path(id)}/read`, { version });
  receipts = (id: string, read: string, after: string): Promise<Receipts> =>
    this.api.ask("GET", `${path(id)}/receipts?${query({ read, after, limit: 50 })}`);
  remind = (id: string): Promise<{ readonly people: number }> =>
    this.api.ask("POST", `${path(id)}/reminders`);
  attach = (id: string, key: string, file: File): Promise<AnnouncementCard> =>
    this.api.put(`${path(id)}/files/${key}?${query({ name: file.name })}`, file, "");
  detach = (id: string, key: string): Promise<AnnouncementCard> =>
    this.api.ask("DELETE", `${path(id)}/files/${key}`);
}

const path = (id: string): string => `/api/announcements/${encodeURIComponent(id)}`;
