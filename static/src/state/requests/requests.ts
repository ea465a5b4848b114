import type { KeptHours } from "./hours";
import type { Api, Fetch } from "../api";
import type {
  Action,
  Answers,
  Batch,
  BatchAction,
  Board,
  Definition,
  DocumentCheck,
  Group,
  Name,
  RequestCard,
  RequestComment,
  RequestFile,
  RequestPage,
  RequestType,
  Statistics,
  Tried,
  TypeVersion,
} from "./shapes";

export interface RequestQuery {
  readonly scope: string;
  readonly sort?: string;
  readonly state?: string;
  readonly type_id?: string;
  readonly organization_id?: string;
  readonly search?: string;
  readonly late?: boolean;
  readonly before?: string;
  readonly limit?: number;
}

/** A span is of the days on which requests were filed. */
export type ExportQuery = RequestQuery & { readonly from_ms?: number; readonly to_ms?: number };

export interface MoveWish {
  readonly action: Action;
  readonly note?: string;
  readonly to?: string;
  readonly title?: string;
  readonly answers?: Answers;
  readonly revision?: number;
}

/** Where a file belongs: a field, a line of the checklist, or neither. */
export interface FilePlace {
  readonly field?: string;
  readonly document?: string;
  readonly internal?: boolean;
}

/** Requests over the API. */
export class Requests {
  constructor(private readonly api: Pick<Api, "ask" | "put">) {}

  list = (query: RequestQuery): Promise<RequestPage> =>
    this.api.ask("GET", `/api/requests?${searchOf({ ...query })}`);
  get = (id: string): Promise<RequestCard> => this.api.ask("GET", at(id));
  file = (body: {
    type_id: string;
    title?: string;
    answers?: Answers;
    key?: string;
    organization_id?: string;
  }): Promise<RequestCard> => this.api.ask("POST", "/api/requests", body);
  change = (id: string, body: { title?: string; answers: Answers }): Promise<RequestCard> =>
    this.api.ask("PATCH", at(id), body);
  remove = (id: string): Promise<void> => this.api.ask("DELETE", at(id));
  move = (id: string, wish: MoveWish): Promise<RequestCard> => this.api.ask("POST", `${at(id)}/moves`, wish);
  comment = (id: string, key: string, text: string, internal: boolean): Promise<RequestComment> =>
    this.api.ask("PUT", `${at(id)}/comments/${key}`, { text, internal });
  check = (
    id: string,
    body: { document_id: string; accepted: boolean; note?: string },
  ): Promise<{ checks: readonly DocumentCheck[] }> => this.api.ask("PUT", `${at(id)}/checks`, body);
  putFile = (
    id: string,
    key: string,
    place: FilePlace,
    name: string,
    content: Blob,
    by?: Fetch,
  ): Promise<RequestFile> =>
    this.api.put(`${at(id)}/files/${key}?${searchOf({ name, ...place })}`, content, "", by);
  removeFile = (id: string, key: string): Promise<void> => this.api.ask("DELETE", `${at(id)}/files/${key}`);

  staff = (): Promise<{ staff: readonly Name[] }> => this.api.ask("GET", "/api/requests/staff");
  board = (scope: string, typeId: string): Promise<Board> =>
    this.api.ask("GET", `/api/requests/board?${searchOf({ scope, type_id: typeId })}`);
  statistics = (query: { from_ms?: number; to_ms?: number; type_id?: string }): Promise<Statistics> =>
    this.api.ask("GET", `/api/requests/statistics?${searchOf(query)}`);
  startBatch = (
    key: string,
    body: { action: BatchAction; note: string; request_ids: readonly string[] },
  ): Promise<Batch> => this.api.ask("PUT", `/api/requests/batches/${key}`, body);
  batch = (key: string): Promise<Batch> => this.api.ask("GET", `/api/requests/batches/${key}`);

  types = (): Promise<{ types: readonly RequestType[] }> => this.api.ask("GET", "/api/request-types");
  type = (id: string): Promise<RequestType> => this.api.ask("GET", typeAt(id));
  addType = (key: string, definition: Definition): Promise<RequestType> =>
    this.api.ask("POST", "/api/request-types", { key, definition });
  retire = (id: string, retired: boolean): Promise<RequestType> =>
    this.api.ask("PATCH", typeAt(id), { retired });
  saveDraft = (id: string, revision: number, definition: Definition): Promise<RequestType> =>
    this.api.ask("PUT", `${typeAt(id)}/draft`, { revision, definition });
  publish = (id: string, revision: number): Promise<RequestType> =>
    this.api.ask("POST", `${typeAt(id)}/versions`, { revision });
  versions = (id: string): Promise<{ versions: readonly TypeVersion[] }> =>
    this.api.ask("GET", `${typeAt(id)}/versions`);
  definition = (id: string, version: number): Promise<{ definition: Definition }> =>
    this.api.ask("GET", `${typeAt(id)}/definition?version=${version}`);
  tryOut = (definition: Definition, answers: Answers): Promise<Tried> =>
    this.api.ask("POST", "/api/request-types/preview", { definition, answers });
  setGroup = (group: {
    key: string;
    name_zh: string;
    name_en: string;
    account_ids: readonly string[];
  }): Promise<{ groups: readonly Group[] }> => this.api.ask("PUT", "/api/requests/groups", group);
  removeGroup = (key: string): Promise<void> => this.api.ask("DELETE", "/api/requests/groups", { key });
  hours = (): Promise<KeptHours> => this.api.ask("GET", "/api/requests/hours");
  setHours = (kept: KeptHours): Promise<KeptHours> => this.api.ask("PUT", "/api/requests/hours", kept);
  groups = (): Promise<{ groups: readonly Group[] }> => this.api.ask("GET", "/api/requests/groups");
}

/** Where the list of a query is saved as a table. */
export function exportUrl(query: ExportQuery, kind: "csv" | "xlsx", locale: string): string {
  const wanted: Record<string, string | number | boolean | undefined> = {
    ...query,
    language: locale === "en" ? "en" : "zh",
  };
  for (const name of ["sort", "before", "limit"]) wanted[name] = undefined;
  return `/api/requests/export.${kind}?${searchOf(wanted)}`;
}

export const printUrl = (id: string, locale: string): string =>
  `${at(id)}/print.pdf?language=${locale === "en" ? "en" : "zh"}`;

const at = (id: string): string => `/api/requests/${encodeURIComponent(id)}`;
const typeAt = (id: string): string => `/api/request-types/${encodeURIComponent(id)}`;

/** What is empty is left out. */
export function searchOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== "" && value !== false) search.set(name, String(value));
  return search.toString();
}
