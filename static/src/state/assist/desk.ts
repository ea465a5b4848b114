import type { AssistRole, Phase } from "../../protocol.gen";
import type { Api } from "../api";
import { newKey } from "../new-key";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Machine {
  readonly id: string;
  readonly label: string;
  readonly link: string;
  readonly organization: Named;
  readonly make: string;
  readonly model: string;
  readonly serial: string;
  readonly site: string;
  readonly may_change: boolean;
  readonly created_at_ms: number;
}

export type MachineBrief = Pick<Machine, "id" | "make" | "model" | "serial" | "site">;

export interface MachineWords {
  readonly make: string;
  readonly model: string;
  readonly serial: string;
  readonly site: string;
}

export const JOB_STATES = [
  "requested",
  "accepted",
  "scheduled",
  "in_progress",
  "signed_off",
  "declined",
  "cancelled",
] as const;
export type JobState = (typeof JOB_STATES)[number];
export type JobAction = "accept" | "decline" | "schedule" | "start" | "sign_off" | "cancel";

export interface Job {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly machine: MachineBrief;
  readonly enterprise: Named;
  readonly installer: Named;
  readonly state: JobState;
  readonly actions: readonly JobAction[];
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly created_at_ms: number;
}

export interface JobEvent {
  readonly action: JobAction | "request";
  readonly state: JobState;
  readonly name: string;
  readonly note: string;
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly at_ms: number;
}

export interface JobCard {
  readonly job: Job;
  readonly events: readonly JobEvent[];
}

export interface Session {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly phase: Phase;
  readonly maker: Named | null;
  readonly machine: MachineBrief | null;
  readonly job_id: string | null;
  readonly you: { readonly role: AssistRole; readonly manages: boolean };
  readonly people_count: number;
  readonly created_at_ms: number;
  readonly ended_at_ms: number;
}

export interface NewLink {
  readonly url: string;
  readonly qr_svg: string;
  readonly sms: { readonly zh: string; readonly en: string };
}

export const LINK_STATES = ["fresh", "opened", "revoked", "shut", "expired"] as const;

/** A way into a session that was given out; its address was shown once. */
export interface Link {
  readonly id: string;
  readonly role: AssistRole;
  readonly name: string;
  readonly one_time: boolean;
  /** shut: somebody who came by it was removed. */
  readonly state: (typeof LINK_STATES)[number];
  readonly made_by: string;
  readonly opened_by: readonly { readonly name: string; readonly at_ms: number }[];
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
}

export interface LinkCard {
  readonly title: string;
  readonly machine: string;
  readonly inviter: string;
  readonly role: AssistRole;
  readonly name: string;
  readonly phase: Phase;
}

export interface OpenedLink {
  readonly room_code: string;
  readonly token: string;
  readonly name: string;
  readonly role: AssistRole;
  readonly session_id: string;
}

export interface Still {
  readonly id: string;
  readonly session_id: string;
  readonly url: string;
  /** Of at most 480 pixels. */
  readonly small_url: string;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly taken_at_ms: number;
}

export interface DocumentFile {
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly size_bytes: number;
  readonly name: string;
  readonly stored_at_ms: number;
  readonly media_type: string;
  /** A manual: of every machine of this make and model in the company. */
  readonly for_model: boolean;
  /** That it opens at. */
  readonly page: number;
}

export interface OpenItem {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly created_at_ms: number;
  readonly done_at_ms: number;
  readonly done_by_name: string;
}

export interface History {
  readonly machine: Machine;
  readonly sessions: readonly Session[];
  readonly stills: readonly Still[];
  readonly documents: readonly DocumentFile[];
  readonly marks: readonly { readonly session_id: string }[];
  readonly items: readonly OpenItem[];
}

const FILE_NAME_MAX_CHARS = 200;

interface Page {
  readonly before: string;
  readonly limit: number;
}

type Query = Readonly<Record<string, string | number | boolean>>;

/** The endpoints of docs/api.md that the pages of machines, jobs and sessions use. */
export class Desk {
  constructor(private readonly api: Pick<Api, "ask">) {}

  machines = (query: Page & { search: string }): Promise<{ machines: readonly Machine[]; more: boolean }> =>
    this.#get("machines", { ...query });
  register = (words: MachineWords): Promise<Machine> => this.#post("machines", words);
  changeMachine = (id: string, words: MachineWords): Promise<Machine> =>
    this.api.ask("PATCH", `/api/assist/machines/${id}`, words);
  byLabel = (label: string): Promise<Machine> => this.#get(`labels/${label}`, {});
  history = (id: string): Promise<History> => this.#get(`machines/${id}/history`, {});
  addItem = (machineId: string, text: string): Promise<OpenItem> =>
    this.api.ask("PUT", `/api/assist/machines/${machineId}/items/${newKey()}`, { text });
  addDocument = (
    machineId: string,
    file: File,
    manual: { readonly page: number } | null = null,
  ): Promise<DocumentFile> => {
    const query = new URLSearchParams({ title: file.name.slice(0, FILE_NAME_MAX_CHARS) });
    if (manual) {
      query.set("for_model", "true");
      query.set("page", String(manual.page));
    }
    return this.api.ask(
      "PUT",
      `/api/assist/machines/${machineId}/documents/${newKey()}?${query.toString()}`,
      file,
    );
  };
  tick = (itemId: string, done: boolean): Promise<OpenItem> =>
    this.api.ask("PATCH", `/api/assist/items/${itemId}`, { done });

  installers = (): Promise<{ installers: readonly Named[] }> => this.#get("installers", {});
  jobs = (
    query: Page & { machine_id?: string; open_only?: boolean },
  ): Promise<{ jobs: readonly Job[]; more: boolean }> => this.#get("jobs", { ...query });
  job = (id: string): Promise<JobCard> => this.#get(`jobs/${id}`, {});
  requestJob = (wish: {
    machine_id: string;
    installer_id: string;
    title: string;
    note: string;
  }): Promise<JobCard> => this.#post("jobs", wish);
  step = (
    id: string,
    step: { action: JobAction; note?: string; starts_at_ms?: number; ends_at_ms?: number },
  ): Promise<JobCard> => this.#post(`jobs/${id}/steps`, step);

  sessions = (
    query: Page & { phase?: Phase; job_id?: string },
  ): Promise<{ sessions: readonly Session[]; more: boolean }> => this.#get("sessions", { ...query });
  start = (wish: {
    title?: string;
    machine_id?: string;
    job_id?: string;
    role?: AssistRole;
  }): Promise<Session> => this.#post("sessions", wish);
  link = (
    sessionId: string,
    wish: { role: AssistRole; name: string; hours: number; one_time: boolean },
  ): Promise<NewLink> => this.#post(`sessions/${sessionId}/links`, wish);
  links = (sessionId: string): Promise<{ links: readonly Link[] }> =>
    this.#get(`sessions/${sessionId}/links`, {});
  revokeLink = (sessionId: string, linkId: string): Promise<Link> =>
    this.api.ask("DELETE", `/api/assist/sessions/${sessionId}/links/${linkId}`);
  restoreLink = (sessionId: string, linkId: string): Promise<Link> =>
    this.#post(`sessions/${sessionId}/links/${linkId}/restore`, {});
  reissueLink = (sessionId: string, linkId: string): Promise<NewLink> =>
    this.#post(`sessions/${sessionId}/links/${linkId}/reissue`, {});
  lookAtLink = (token: string): Promise<LinkCard> => this.#get("links", { token });
  openLink = (token: string, name: string): Promise<OpenedLink> => this.#post("links/open", { token, name });

  #get<T>(path: string, query: Query): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== "");
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.api.ask("GET", `/api/assist/${path}${search ? `?${search}` : ""}`);
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.api.ask("POST", `/api/assist/${path}`, body);
  }
}

export function machineTitle(machine: MachineBrief): string {
  return [machine.make, machine.model].filter(Boolean).join(" ");
}
