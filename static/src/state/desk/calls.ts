import type { Api } from "../api";

export interface Call {
  readonly id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly about: string;
  readonly path: string;
  readonly caller: { readonly id: string; readonly name: string };
  readonly callee: { readonly id: string; readonly name: string };
  readonly state: "ringing" | "accepted" | "declined" | "missed" | "cancelled";
  /** Of the room, once it is accepted. */
  readonly code: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly ended_at_ms: number;
  readonly attendees: readonly {
    readonly name: string;
    readonly joined_at_ms: number;
    readonly left_at_ms: number;
  }[];
  readonly recordings: readonly {
    readonly id: string;
    readonly state: "recording" | "finishing" | "ready";
    readonly film_ms: number;
    readonly may_watch: boolean;
  }[];
  /** That were shared in the room's chat. */
  readonly files: readonly {
    readonly key: string;
    readonly name: string;
    readonly size_bytes: number;
    readonly media_type: string;
    readonly by: string;
    readonly at_ms: number;
    readonly may_open: boolean;
  }[];
  /** Of its chat, for who may save it; else 0. */
  readonly messages: number;
  /** What came of it. */
  readonly note: {
    readonly text: string;
    readonly revision: number;
    readonly by: string;
    readonly at_ms: number;
  };
  readonly may_write: boolean;
}

export interface CallAbout {
  readonly kind: string;
  readonly id: string;
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly organization: string;
  readonly kind: "park" | "enterprise" | "institution" | "installer";
}

/** Calls over the API. */
export class Calls {
  constructor(private readonly api: Api) {}

  ring = (about: CallAbout, to: string): Promise<Call> => this.api.ask("POST", "/api/calls", { about, to });
  get = (id: string): Promise<Call> => this.api.ask("GET", `/api/calls/${id}`);
  answer = (id: string, accept: boolean): Promise<Call> =>
    this.api.ask("POST", `/api/calls/${id}/answer`, { accept });
  cancel = (id: string): Promise<Call> => this.api.ask("POST", `/api/calls/${id}/cancel`, {});
  /** Where its chat is, as a file to save. */
  chatPath = (id: string, form: "text" | "csv", locale: string): string => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const language = locale.startsWith("zh") ? "zh" : "en";
    return `/api/calls/${id}/chat?${new URLSearchParams({ form, language, zone }).toString()}`;
  };
  /** Where to get a file, for a minute. */
  fileLink = (id: string, key: string): Promise<{ readonly path: string }> =>
    this.api.ask("POST", `/api/calls/${id}/files/${key}`, {});
  writeNote = (id: string, revision: number, text: string): Promise<Call> =>
    this.api.ask("PUT", `/api/calls/${id}/note`, { revision, text });
  /** Whom one may call about a thing, or without one. */
  people(q: string, about: CallAbout | null): Promise<{ readonly people: readonly Contact[] }> {
    const query = new URLSearchParams({ q, ...about });
    return this.api.ask("GET", `/api/calls/people?${query.toString()}`);
  }

  ringing = (): Promise<{ readonly calls: readonly Call[] }> => this.api.ask("GET", "/api/calls/ringing");

  /** The record of a thing: its calls, the newest first. */
  about(about: CallAbout, before = ""): Promise<{ readonly calls: readonly Call[]; readonly more: boolean }> {
    const query = new URLSearchParams({ ...about, ...(before ? { before } : {}) });
    return this.api.ask("GET", `/api/calls?${query.toString()}`);
  }
}
