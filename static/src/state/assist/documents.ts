import type { Code, DocumentRegion, PageRegion } from "../../protocol.gen";
import { ApiError, type Api, type Fetch } from "../api";
import { Store } from "../store";

/** A manual or a drawing of the session or of its machine. */
export interface KeptDocument {
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly media_type: string;
  readonly size_bytes: number;
  /** That it opens at, from 1. */
  readonly page: number;
  /** Of who brought it. */
  readonly name: string;
  /** Whoever looks. */
  readonly may_remove: boolean;
}

/** Everything rejects with an ApiError. */
export interface DocumentsPort {
  list(): Promise<readonly KeptDocument[]>;
  /** From byte `begin` to before `end`. */
  bytes(document: KeptDocument, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** `onSent` hears of the share that has gone out. Twice under the same key is once. */
  add(key: string, file: Blob, title: string, onSent: (share: number) => void): Promise<KeptDocument>;
  remove(id: string): Promise<void>;
  newKey(): string;
}

/** Why a file was not taken: what the page sees by itself, before a byte is sent, and what the server says. */
export type AddFault = "pdf_too_large" | "picture_too_large" | "wrong_kind" | Code;

export interface Adding {
  readonly name: string;
  readonly sizeBytes: number;
  /** 0..1. */
  readonly sent: number;
  readonly fault: AddFault | null;
}

/** As in collab/assist/records.py. */
export const PDF_MAX_BYTES = 50_000_000;
export const PICTURE_MAX_BYTES = 20_000_000;
const PDF = "application/pdf";
export const KINDS: readonly string[] = [PDF, "image/jpeg", "image/png"];
const TITLE_MAX_CHARS = 120;
/** A region this small, in shares of the page, was a click. */
const REGION_LEAST = 0.01;

/** `bearer` of an opened link; "" for an account. `send` makes a `Fetch` that tells of its progress. */
export function sessionDocuments(
  api: Pick<Api, "ask" | "file" | "put">,
  sessionId: string,
  bearer: string,
  send: (onSent: (share: number) => void) => Fetch,
): DocumentsPort {
  const path = `/api/assist/sessions/${encodeURIComponent(sessionId)}/documents`;
  return {
    list: async () =>
      (await api.ask<{ documents: readonly KeptDocument[] }>("GET", path, undefined, bearer)).documents,
    bytes: async (document, begin, end) =>
      new Uint8Array(await (await api.file(document.url, bearer, { begin, end })).arrayBuffer()),
    add: (key, file, title, onSent) =>
      api.put(`${path}/${key}?title=${encodeURIComponent(title)}`, file, bearer, send(onSent)),
    remove: (id) => api.ask("DELETE", `/api/assist/documents/${encodeURIComponent(id)}`, undefined, bearer),
    newKey: () => crypto.randomUUID().replaceAll("-", "").slice(0, 24),
  };
}

/** The documents of a session, and the one that is being sent. */
export class Documents {
  /** Null until the server has said. */
  readonly list = new Store<readonly KeptDocument[] | null>(null);
  readonly adding = new Store<Adding | null>(null);
  #last: { readonly key: string; readonly file: File } | null = null;

  constructor(private readonly port: DocumentsPort) {}

  async refresh(): Promise<void> {
    try {
      this.list.set(await this.port.list());
    } catch {
      // The list that is there stays; the next change asks again.
      this.list.update((list) => list ?? []);
    }
  }

  bytes(document: KeptDocument, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.port.bytes(document, begin, end);
  }

  /** Null when it was not taken: `adding` says why. What cannot be taken is told before a byte is sent. */
  async add(file: File): Promise<KeptDocument | null> {
    if (this.#isSending()) return null;
    this.#last = { key: this.port.newKey(), file };
    const fault = faultOf(file);
    if (fault) {
      this.adding.set({ name: file.name, sizeBytes: file.size, sent: 0, fault });
      return null;
    }
    return this.#send(this.#last.key, file);
  }

  /** Under the same key: what has arrived after all does not come twice. */
  async again(): Promise<KeptDocument | null> {
    return this.#last && !this.#isSending() ? this.#send(this.#last.key, this.#last.file) : null;
  }

  dismiss(): void {
    if (this.#isSending()) return;
    this.#last = null;
    this.adding.set(null);
  }

  /** False when it is still there. One that somebody else has taken away is gone as well. */
  async remove(id: string): Promise<boolean> {
    try {
      await this.port.remove(id);
    } catch (cause) {
      if (!(cause instanceof ApiError && cause.code === "not_found")) return false;
    }
    this.list.update((list) => list?.filter((document) => document.id !== id) ?? null);
    await this.refresh();
    return true;
  }

  titleOf(id: string): string {
    return this.list.get()?.find((document) => document.id === id)?.title ?? "";
  }

  #isSending(): boolean {
    return this.adding.get()?.fault === null;
  }

  async #send(key: string, file: File): Promise<KeptDocument | null> {
    const state: Adding = { name: file.name, sizeBytes: file.size, sent: 0, fault: null };
    this.adding.set(state);
    try {
      const kept = await this.port.add(key, file, titleFor(file.name), (sent) =>
        this.adding.set({ ...state, sent }),
      );
      this.#last = null;
      this.adding.set(null);
      await this.refresh();
      return kept;
    } catch (cause) {
      this.adding.set({ ...state, fault: cause instanceof ApiError ? cause.code : "internal" });
      return null;
    }
  }
}

function faultOf(file: File): AddFault | null {
  if (!KINDS.includes(file.type)) return "wrong_kind";
  if (file.type === PDF) return file.size > PDF_MAX_BYTES ? "pdf_too_large" : null;
  return file.size > PICTURE_MAX_BYTES ? "picture_too_large" : null;
}

function titleFor(fileName: string): string {
  return fileName.replace(/\.(pdf|png|jpe?g)$/i, "").slice(0, TITLE_MAX_CHARS) || fileName;
}

export type Part = Pick<DocumentRegion, "x" | "y" | "width" | "height">;

export const WHOLE: Part = { x: 0, y: 0, width: 1, height: 1 };

/** The part of a page between two corners, in 0..1; null for a click. */
export function partBetween(from: readonly [number, number], to: readonly [number, number]): Part | null {
  const inside = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
  const [x0, x1] = [inside(Math.min(from[0], to[0])), inside(Math.max(from[0], to[0]))];
  const [y0, y1] = [inside(Math.min(from[1], to[1])), inside(Math.max(from[1], to[1]))];
  if (x1 - x0 < REGION_LEAST || y1 - y0 < REGION_LEAST) return null;
  const size = (value: number): number => Math.round(value * 1_000) / 1_000;
  return { x: x0, y: y0, width: size(x1 - x0), height: size(y1 - y0) };
}

export function isWhole(part: Partial<Part>): boolean {
  return (part.width ?? 1) >= 1 && (part.height ?? 1) >= 1;
}

export function regionOf(documentId: string, page: number, part: Part | null): PageRegion {
  return { document_id: documentId, page, ...(part ?? WHOLE) };
}
