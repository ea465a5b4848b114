import type { Api } from "../api";
import type { Step, Template } from "./checklist-rules";

/** A work instruction as its endpoints show it. */
export interface WrittenTemplate extends Template {
  readonly changed_at_ms: number;
}

export interface TemplateVersion {
  readonly version: number;
  readonly name: string;
  readonly made_at_ms: number;
  readonly steps: readonly Step[];
}

export interface TemplatePage {
  readonly templates: readonly WrittenTemplate[];
  readonly more: boolean;
}

/** What is said of a work instruction when it is written. */
export interface Written {
  readonly title: string;
  readonly steps: readonly Step[];
}

const BASE = "/api/assist/templates";

/** The endpoints of work instructions. Everything rejects with an ApiError. */
export class Templates {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (query: { archived: boolean; before: string; limit: number }): Promise<TemplatePage> => {
    const asked = new URLSearchParams({ limit: String(query.limit), archived: String(query.archived) });
    if (query.before) asked.set("before", query.before);
    return this.api.ask("GET", `${BASE}?${asked.toString()}`);
  };
  show = (id: string): Promise<WrittenTemplate> => this.api.ask("GET", one(id));
  write = (written: Written, organizationId: string): Promise<WrittenTemplate> =>
    this.api.ask("POST", BASE, {
      ...written,
      ...(organizationId ? { organization_id: organizationId } : {}),
    });
  /** Refused with `conflict` when `basedOn` is no longer the latest version. */
  rewrite = (id: string, basedOn: number, written: Written): Promise<WrittenTemplate> =>
    this.api.ask("POST", `${one(id)}/versions`, { ...written, based_on: basedOn });
  archive = (id: string, archived: boolean): Promise<WrittenTemplate> =>
    this.api.ask("PATCH", one(id), { archived });
  versions = (id: string): Promise<{ readonly versions: readonly TemplateVersion[] }> =>
    this.api.ask("GET", `${one(id)}/versions`);
}

function one(id: string): string {
  return `${BASE}/${encodeURIComponent(id)}`;
}
