import type { Fetch } from "./api";
import { Store } from "./store";

export interface Upload {
  readonly key: string;
  readonly name: string;
  readonly state: "waiting" | "sending" | "failed";
  /** 0..1 of the file. */
  readonly share: number;
  /** Why it failed. */
  readonly code: string;
}

const TYPES: ReadonlySet<string> = new Set(["application/pdf", "image/jpeg", "image/png"]);
const PDF_MAX_BYTES = 30_000_000;
const PICTURE_MAX_BYTES = 20_000_000;
export const ACCEPTED = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png";

/** What need not be sent to be refused; null when only the server can say. */
export function refusedAtOnce(file: { readonly size: number; readonly type: string }): string | null {
  if (file.type !== "" && !TYPES.has(file.type)) return "bad_file";
  if (file.size === 0) return "bad_file";
  return file.size > (file.type.startsWith("image/") ? PICTURE_MAX_BYTES : PDF_MAX_BYTES)
    ? "too_large"
    : null;
}

/** Files on their way, one after the other; the same key again sends nothing twice. */
export class UploadQueue<U extends Upload> {
  readonly list = new Store<readonly U[]>([]);
  readonly #files = new Map<string, File>();
  #running = false;
  #cancel: { readonly key: string; readonly by: AbortController } | null = null;

  constructor(
    private readonly send: (upload: U, file: File, by: Fetch) => Promise<unknown>,
    private readonly sending: (onSent: (share: number) => void) => Fetch,
    private readonly codeOf: (cause: unknown) => string,
  ) {}

  protected put(entries: readonly { readonly upload: U; readonly file: File }[]): void {
    const added = entries.map(({ upload, file }): U => {
      const code = refusedAtOnce(file);
      if (code === null) this.#files.set(upload.key, file);
      return code === null ? upload : { ...upload, state: "failed", code };
    });
    this.list.update((now) => [...now, ...added]);
    void this.#run();
  }

  retry(key: string): void {
    this.#change(key, { state: "waiting", share: 0, code: "" });
    void this.#run();
  }

  /** Wherever it stands: what is on its way is broken off. */
  dismiss(key: string): void {
    this.#files.delete(key);
    this.list.update((now) => now.filter((one) => one.key !== key));
    if (this.#cancel?.key === key) this.#cancel.by.abort();
  }

  /** Whether trying again may help. */
  canRetry(upload: Upload): boolean {
    return this.#files.has(upload.key) && upload.code !== "bad_file" && upload.code !== "too_large";
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const next = this.list.get().find((one) => one.state === "waiting");
        if (!next) return;
        await this.#send(next);
      }
    } finally {
      this.#running = false;
    }
  }

  async #send(upload: U): Promise<void> {
    const file = this.#files.get(upload.key);
    if (!file) {
      this.dismiss(upload.key);
      return;
    }
    this.#change(upload.key, { state: "sending" });
    const by = new AbortController();
    this.#cancel = { key: upload.key, by };
    const sending = this.sending((share) => this.#change(upload.key, { share }));
    try {
      await this.send(upload, file, (path, init) => {
        by.signal.throwIfAborted();
        return sending(path, { ...init, signal: by.signal });
      });
      this.dismiss(upload.key);
    } catch (cause) {
      this.#change(upload.key, { state: "failed", code: this.codeOf(cause) });
    } finally {
      this.#cancel = null;
    }
  }

  #change(key: string, change: Partial<Upload>): void {
    this.list.update((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }
}
