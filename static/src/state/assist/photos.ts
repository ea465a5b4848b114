import type { Api } from "../api";
import { Store } from "../store";
import type { SeenMark } from "./archive";
import type { OverlayMark } from "./overlay";

/** A photo that was taken on site, as the server lists it. */
export interface Photo {
  readonly id: string;
  readonly url: string;
  /** A small picture of it, for lists. */
  readonly small_url: string;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly taken_at_ms: number;
  readonly marks: readonly SeenMark[];
}

export interface ShownPhoto extends Photo {
  /** Where the browser finds the small picture; "" while it is on its way. */
  readonly smallSrc: string;
  /** And the photo itself; "" until it was opened and has come. */
  readonly src: string;
}

/** Everything rejects with an ApiError. */
export interface PhotosPort {
  list(): Promise<{ readonly stills: readonly Photo[] }>;
  /** Null where the browser can load the file by itself, with the cookie of an account. */
  readonly file: ((url: string) => Promise<Blob>) | null;
  readonly makeUrl: (blob: Blob) => string;
  readonly forgetUrl: (url: string) => void;
}

/** `bearer` of an opened link; "" for an account. */
export function sessionPhotos(api: Pick<Api, "ask" | "file">, sessionId: string, bearer: string): PhotosPort {
  return {
    list: () =>
      api.ask("GET", `/api/assist/sessions/${encodeURIComponent(sessionId)}/stills`, undefined, bearer),
    file: bearer ? (url) => api.file(url, bearer) : null,
    makeUrl: (blob) => URL.createObjectURL(blob),
    forgetUrl: (url) => URL.revokeObjectURL(url),
  };
}

/** Photos that are listed. */
const SHOWN_MAX = 60;
/** Photos that are held in full resolution: they are large. */
const FULL_MAX = 6;

/** The photos of a session, the newest first; one that comes while one looks is `fresh` until it is opened or put aside. */
export class Photos {
  readonly all = new Store<readonly ShownPhoto[]>([]);
  readonly fresh = new Store<ShownPhoto | null>(null);
  readonly opened = new Store<ShownPhoto | null>(null);
  readonly #small = new Map<string, string>();
  /** The one opened last at the end. */
  readonly #full = new Map<string, string>();
  #known: ReadonlySet<string> | null = null;
  #loading: Promise<void> | null = null;
  #isAgain = false;
  #isClosed = false;

  constructor(private readonly port: PhotosPort) {}

  /** Also when the room says that a record of the kind `still` has changed. Keeps what it has where there is no line. */
  async load(): Promise<void> {
    this.#isAgain = this.#loading !== null;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      if (this.#isAgain) void this.load();
    });
    await this.#loading;
  }

  open(id: string): void {
    const photo = this.all.get().find((one) => one.id === id) ?? null;
    this.opened.set(photo);
    if (photo) void this.#fetch(this.#full, id, photo.url).then(() => this.#forgetOld());
    if (this.fresh.get()?.id === id) this.fresh.set(null);
  }

  /** The one before or after the opened one; at either end nothing happens. */
  step(by: 1 | -1): void {
    const all = this.all.get();
    const at = all.findIndex(({ id }) => id === this.opened.get()?.id);
    const next = at < 0 ? undefined : all[at + by];
    if (next) this.open(next.id);
  }

  shut(): void {
    this.opened.set(null);
  }

  putAside(): void {
    this.fresh.set(null);
  }

  close(): void {
    this.#isClosed = true;
    for (const kept of [this.#small, this.#full]) for (const id of kept.keys()) this.#forget(kept, id);
  }

  async #load(): Promise<void> {
    const listed = await this.port.list().catch(() => null);
    if (!listed || this.#isClosed) return;
    const photos = [...listed.stills].reverse().slice(0, SHOWN_MAX);
    const isNew = (id: string): boolean => this.#known !== null && !this.#known.has(id);
    const newest = photos.find(({ id }) => isNew(id));
    this.#known = new Set(photos.map(({ id }) => id));
    this.#show(photos);
    if (newest) this.fresh.set(this.all.get().find(({ id }) => id === newest.id) ?? null);
    for (const { id, small_url } of photos) await this.#fetch(this.#small, id, small_url);
  }

  async #fetch(kept: Map<string, string>, id: string, url: string): Promise<void> {
    if (kept.has(id)) return;
    const { file, makeUrl } = this.port;
    const blob = file ? await file(url).catch(() => null) : null;
    if (this.#isClosed || kept.has(id) || (file && !blob)) return;
    kept.set(id, blob ? makeUrl(blob) : url);
    this.#show(this.all.get());
  }

  #forget(kept: Map<string, string>, id: string): void {
    const src = kept.get(id) ?? "";
    kept.delete(id);
    if (this.port.file) this.port.forgetUrl(src);
  }

  #forgetOld(): void {
    for (const id of [...this.#full.keys()].slice(0, -FULL_MAX))
      if (id !== this.opened.get()?.id) this.#forget(this.#full, id);
    this.#show(this.all.get());
  }

  #show(photos: readonly Photo[]): void {
    const shown = photos.map((photo) => ({
      ...photo,
      smallSrc: this.#small.get(photo.id) ?? "",
      src: this.#full.get(photo.id) ?? "",
    }));
    this.all.set(shown);
    for (const store of [this.fresh, this.opened]) {
      const id = store.get()?.id;
      if (id !== undefined) store.set(shown.find((photo) => photo.id === id) ?? null);
    }
    const ids = new Set(photos.map(({ id }) => id));
    for (const kept of [this.#small, this.#full])
      for (const id of [...kept.keys()]) if (!ids.has(id)) this.#forget(kept, id);
  }
}

/** What was drawn on it, for a picture of its size. */
export function photoMarks({ marks, width, height }: Photo): OverlayMark[] {
  return marks.map(({ points, width: share, author_name: name, ...mark }) => ({
    mark: {
      ...mark,
      id: "",
      width: share * Math.max(width, height),
      points: points.map((at, k) => at * (k % 2 === 0 ? width : height)),
      frame: { rtp_timestamp: 0, width, height },
    },
    h: null,
    state: "ok",
    name,
  }));
}
