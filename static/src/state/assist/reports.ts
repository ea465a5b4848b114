import { ApiError, type Api } from "../api";
import { Store } from "../store";

export interface Report {
  readonly id: string;
  readonly number: string;
  readonly language: ReportLanguage;
  /** The last link of the chain of hashes, in hex: what verify-report says of an unchanged file. */
  readonly chain: string;
  /** Of who asked for it. */
  readonly name: string;
  readonly made_at_ms: number;
  readonly pdf_url: string;
  readonly html_url: string;
}

export type ReportLanguage = "en" | "zh";

/** The endpoints of one session's reports. Everything rejects with an ApiError. */
export interface ReportPort {
  list(): Promise<{ readonly reports: readonly Report[] }>;
  make(language: ReportLanguage, timeZone: string): Promise<Report>;
  /** Null where the browser can load the file by itself, with the cookie of an account. */
  readonly file: ((url: string) => Promise<Blob>) | null;
}

/** `bearer` of an opened link; "" for an account. */
export function sessionReports(
  api: Pick<Api, "ask" | "file">,
  sessionId: string,
  bearer: string,
): ReportPort {
  const path = `/api/assist/sessions/${encodeURIComponent(sessionId)}/reports`;
  return {
    list: () => api.ask("GET", path, undefined, bearer),
    make: (language, timeZone) =>
      api.ask("POST", path, { language, ...(timeZone ? { time_zone: timeZone } : {}) }, bearer),
    file: bearer ? (url) => api.file(url, bearer) : null,
  };
}

export interface ReportsState {
  readonly isLoaded: boolean;
  readonly reports: readonly Report[];
  readonly making: ReportLanguage | null;
  /** The code of what went wrong last; "" when nothing did. */
  readonly fault: string;
}

/** The reports of a session, newest first, and the one that is being made. */
export class Reports {
  readonly state = new Store<ReportsState>({ isLoaded: false, reports: [], making: null, fault: "" });

  constructor(private readonly port: ReportPort) {}

  /** Whether files are to be had by `read` only. */
  get needsBearer(): boolean {
    return this.port.file !== null;
  }

  /** Also when the room says that a record of the kind `report` has changed. */
  async load(): Promise<void> {
    try {
      const { reports } = await this.port.list();
      this.#set({ isLoaded: true, reports, fault: "" });
    } catch (cause) {
      this.#set({ fault: codeOf(cause) });
    }
  }

  async make(language: ReportLanguage, timeZone: string): Promise<void> {
    if (this.state.get().making) return;
    this.#set({ making: language, fault: "" });
    try {
      const made = await this.port.make(language, timeZone);
      const others = this.state.get().reports.filter(({ id }) => id !== made.id);
      this.#set({ making: null, isLoaded: true, reports: [made, ...others] });
    } catch (cause) {
      this.#set({ making: null, fault: codeOf(cause) });
    }
  }

  /** The file's bytes where the browser has no cookie to load it by itself; null when that failed. */
  async read(url: string): Promise<Blob | null> {
    this.#set({ fault: "" });
    try {
      return (await this.port.file?.(url)) ?? null;
    } catch (cause) {
      this.#set({ fault: codeOf(cause) });
      return null;
    }
  }

  #set(change: Partial<ReportsState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

/** Sixty-four figures in groups that can be compared by eye. */
export function chainText(chain: string): string {
  return (chain.match(/.{1,8}/g) ?? []).join(" ");
}

function codeOf(cause: unknown): string {
  return cause instanceof ApiError ? cause.code : "internal";
}
