import type { Api } from "./api";
import { query } from "./directory";

export const ACTIONS = [
  "set_up",
  "signed_in",
  "sign_in_refused",
  "signed_out_everywhere",
  "password_changed",
  "password_reset",
  "member_invited",
  "invitation_accepted",
  "identity_linked",
  "identity_unlinked",
  "account_provisioned",
  "roles_changed",
  "organization_added",
  "organization_changed",
  "import_applied",
  "token_made",
  "token_revoked",
  "webhook_made",
  "webhook_changed",
  "webhook_rotated",
  "webhook_deleted",
  "webhook_given_up",
  "request_read",
  "request_decided",
  "requests_exported",
  "recording_watched",
  "recording_saved",
  "recording_shared",
  "recording_unshared",
  "recording_trashed",
  "livestream_exported",
  "stream_key_made",
  "stream_key_renewed",
  "stream_key_revoked",
  "restream_added",
  "restream_enabled",
  "restream_disabled",
  "restream_removed",
  "export_asked",
  "export_fetched",
  "erasure_planned",
  "erasure_undone",
  "erasure_refused",
  "erasure_begun",
  "erasure_done",
  "audit_read",
] as const;
export type AuditAction = (typeof ACTIONS)[number];

export interface AuditEvent {
  readonly id: string;
  readonly at_ms: number;
  readonly action: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly address: string;
  readonly way: "browser" | "token" | "server";
  readonly subject: { readonly kind: string; readonly id: string; readonly name: string };
  readonly details: Readonly<Record<string, string>>;
}

export const KINDS = ["organizations", "people", "machines"] as const;
export type ImportKind = (typeof KINDS)[number];
export const FATES = ["created", "changed", "unchanged", "refused"] as const;
export type Fate = (typeof FATES)[number];

export interface Import {
  readonly key: string;
  readonly kind: ImportKind;
  readonly state: "reading" | "unreadable" | "planned" | "applying" | "done";
  readonly file_name: string;
  readonly total: number;
  readonly done: number;
  readonly counts: Readonly<Record<Fate, number>>;
  readonly ignored: readonly string[];
  readonly fault: "bad_file" | "missing_columns" | "too_many" | "unavailable" | null;
  readonly missing: readonly string[];
}

export interface ImportRow {
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
  readonly fate: Fate;
  readonly reason: string;
  readonly column: string;
  readonly changes: readonly string[];
}

export const AREAS = [
  "meetings",
  "assist",
  "schedule",
  "requests",
  "directory",
  "recordings",
  "livestreams",
  "administration",
] as const;
export type Area = (typeof AREAS)[number];

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_at_ms: number;
  readonly used_at_ms: number;
  readonly used_from: string;
}

const PAGE = 50;

/** The audit log, imports and API tokens. */
export class Administration {
  constructor(private readonly api: Pick<Api, "ask" | "put">) {}

  audit = (
    asked: { readonly action: string; readonly search: string },
    before: string,
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/audit?${query({ ...asked, before, limit: PAGE })}`);

  plan = (key: string, kind: ImportKind, file: File): Promise<Import> =>
    this.api.put(`/api/imports/${key}?${query({ kind, file_name: file.name.slice(0, 200) })}`, file, "");
  import = (key: string): Promise<Import> => this.api.ask("GET", `/api/imports/${key}`);
  rows = (
    key: string,
    fate: Fate | "",
    after: number,
  ): Promise<{ readonly rows: readonly ImportRow[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/imports/${key}/rows?${query({ fate, after, limit: PAGE })}`);
  apply = (key: string, invite: boolean): Promise<Import> =>
    this.api.ask("POST", `/api/imports/${key}/apply`, { invite });

  tokens = (): Promise<{ readonly tokens: readonly ApiToken[] }> => this.api.ask("GET", "/api/tokens");
  makeToken = (
    name: string,
    scopes: readonly string[],
    days: number,
  ): Promise<{ readonly secret: string; readonly token: ApiToken }> =>
    this.api.ask("POST", "/api/tokens", { name, scopes, days });
  revokeToken = (id: string): Promise<void> => this.api.ask("DELETE", `/api/tokens/${id}`);
}
