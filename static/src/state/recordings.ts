import type { Api } from "./api";

export interface RecordingChapter {
  readonly at_ms: number;
  readonly title: string;
}

/** As docs/api.md has it. */
export interface KeptRecording {
  readonly id: string;
  readonly meeting_id: string;
  readonly title: string;
  readonly state: "recording" | "finishing" | "ready" | "empty";
  readonly started_at_ms: number;
  readonly film_ms: number;
  readonly size_bytes: number;
  readonly done: number;
  readonly chapters: readonly RecordingChapter[];
  readonly shared_until_ms: number;
  readonly trashed_at_ms: number;
  readonly may_change: boolean;
  readonly film_url: string;
  readonly sound_url: string;
  readonly sound_bytes: number;
  readonly sound_done: number | null;
}

/** Somebody's microphone, camera or screen by itself; `begins_ms` in the film. */
export interface RecordedTrack {
  readonly id: string;
  readonly participant_id: string;
  readonly name: string;
  readonly source: "microphone" | "camera" | "screen" | "screen_audio";
  readonly codec: string;
  readonly begins_ms: number;
  readonly length_ms: number;
  readonly size_bytes: number;
  readonly url: string;
}

export type SharedRecording = Pick<
  KeptRecording,
  "title" | "started_at_ms" | "film_ms" | "size_bytes" | "chapters" | "film_url"
>;

export interface RecordingPage {
  readonly recordings: readonly KeptRecording[];
  readonly more: boolean;
}

const PAGE_SIZE = 30;

export class Recordings {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (search: string, trashed: boolean, before: string): Promise<RecordingPage> =>
    this.api.ask(
      "GET",
      `/api/recordings?${new URLSearchParams({
        ...(search ? { search } : {}),
        ...(trashed ? { trashed: "true" } : {}),
        ...(before ? { before } : {}),
        limit: String(PAGE_SIZE),
      }).toString()}`,
    );
  get = (id: string): Promise<KeptRecording> => this.api.ask("GET", path(id));
  rename = (id: string, title: string): Promise<KeptRecording> => this.api.ask("PATCH", path(id), { title });
  trash = (id: string): Promise<void> => this.api.ask("DELETE", path(id));
  restore = (id: string): Promise<KeptRecording> => this.api.ask("POST", `${path(id)}/restore`, {});
  share = (id: string, hours: number): Promise<{ url: string; expires_at_ms: number }> =>
    this.api.ask("POST", `${path(id)}/share`, { hours });
  makeSound = (id: string): Promise<KeptRecording> => this.api.ask("POST", `${path(id)}/sound`, {});
  tracks = async (id: string): Promise<readonly RecordedTrack[]> =>
    (await this.api.ask<{ readonly tracks: readonly RecordedTrack[] }>("GET", `${path(id)}/tracks`)).tracks;
  unshare = (id: string): Promise<void> => this.api.ask("DELETE", `${path(id)}/share`);
  shared = (token: string): Promise<SharedRecording> =>
    this.api.ask("GET", `/api/shared-recording?${new URLSearchParams({ token }).toString()}`);
}

const path = (id: string): string => `/api/recordings/${encodeURIComponent(id)}`;

/** The same address, so that the browser saves the film instead of showing it. */
export function savingUrl(filmUrl: string): string {
  return `${filmUrl}${filmUrl.includes("?") ? "&" : "?"}save=true`;
}

const UNITS = [
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
  ["kilobyte", 1e3],
] as const;

/** "1.4 GB", in the reader's way of writing numbers. */
export function sizeText(bytes: number, locale: string): string {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? ["byte", 1];
  const value = bytes / size;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: value < 10 && size > 1 ? 1 : 0,
  }).format(value);
}
