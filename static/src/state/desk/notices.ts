import type { Api } from "../api";

export type Area = "park" | "calls" | "requests" | "schedule" | "directory";
export type MailChoice = "now" | "digest" | "off";

export interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly area: Area;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly path: string;
  readonly urgent: boolean;
  readonly created_at_ms: number;
  /** 0: not read. */
  readonly read_at_ms: number;
}

export interface NoticePage {
  readonly notices: readonly Notice[];
  readonly more: boolean;
  readonly unread: number;
}

export interface NoticeSettings {
  readonly kinds: readonly {
    readonly kind: string;
    readonly name: string;
    readonly area: Area;
    readonly mail: MailChoice;
    readonly push: boolean;
  }[];
  readonly quiet: { readonly from_minute: number; readonly until_minute: number } | null;
  readonly digest_minute: number;
  readonly time_zone: string;
  readonly push_key: string;
  readonly browsers: number;
}

interface Marked {
  readonly ids: readonly string[];
  readonly unread: number;
}

/** The inbox and its settings over the API. */
export class Notices {
  constructor(
    private readonly api: Api,
    private readonly locale: string,
  ) {}

  page(query: { state: string; area: string; before: string; limit: number }): Promise<NoticePage> {
    const asked = new URLSearchParams({
      state: query.state,
      limit: String(query.limit),
      locale: this.locale,
    });
    if (query.area) asked.set("area", query.area);
    if (query.before) asked.set("before", query.before);
    return this.api.ask("GET", `/api/notices?${asked.toString()}`);
  }

  read = (ids: readonly string[]): Promise<Marked> => this.api.ask("POST", "/api/notices/read", { ids });
  readAll = (until: string): Promise<Marked> => this.api.ask("POST", "/api/notices/read", { until });
  unread = (ids: readonly string[]): Promise<Marked> => this.api.ask("POST", "/api/notices/unread", { ids });

  settings = (): Promise<NoticeSettings> =>
    this.api.ask("GET", `/api/me/notice-settings?locale=${encodeURIComponent(this.locale)}`);

  choose(settings: NoticeSettings): Promise<NoticeSettings> {
    return this.api.ask("PUT", "/api/me/notice-settings", {
      kinds: settings.kinds.map(({ kind, mail, push }) => ({ kind, mail, push })),
      quiet: settings.quiet,
      digest_minute: settings.digest_minute,
      time_zone: settings.time_zone,
    });
  }
}
