import { ApiError, type Fetch } from "../api";
import { Store } from "../store";
import { newKey, type FilePlace, type Requests } from "./requests";
import type { RequestFile } from "./shapes";

export interface Upload {
  readonly key: string;
  readonly place: FilePlace;
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

/** Files on their way to a request, one after the other; the same key again sends nothing twice. */
export class Uploads {
  readonly list = new Store<readonly Upload[]>([]);
  readonly #files = new Map<string, File>();
  #running = false;

  constructor(
    private readonly requests: Pick<Requests, "putFile">,
    /** The request that they belong to; made first where there is none yet. */
    private readonly requestId: () => Promise<string>,
    private readonly sending: (onSent: (share: number) => void) => Fetch,
    private readonly onKept: (file: RequestFile) => void,
  ) {}

  add(files: readonly File[], place: FilePlace): void {
    const added = files.map((file): Upload => {
      const key = newKey();
      const code = refusedAtOnce(file);
      if (code === null) this.#files.set(key, file);
      return {
        key,
        place,
        name: file.name,
        state: code === null ? "waiting" : "failed",
        share: 0,
        code: code ?? "",
      };
    });
    this.list.update((now) => [...now, ...added]);
    void this.#run();
  }

  retry(key: string): void {
    this.#change(key, { state: "waiting", share: 0, code: "" });
    void this.#run();
  }

  dismiss(key: string): void {
    this.#files.delete(key);
    this.list.update((now) => now.filter((one) => one.key !== key));
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

  async #send(upload: Upload): Promise<void> {
    const file = this.#files.get(upload.key);
    if (!file) {
      this.dismiss(upload.key);
      return;
    }
    this.#change(upload.key, { state: "sending" });
    try {
      const id = await this.requestId();
      const send = this.sending((share) => this.#change(upload.key, { share }));
      const kept = await this.requests.putFile(id, upload.key, upload.place, upload.name, file, send);
      this.dismiss(upload.key);
      this.onKept(kept);
    } catch (cause) {
      const code = cause instanceof ApiError ? cause.code : "internal";
      this.#change(upload.key, { state: "failed", code });
    }
  }

  #change(key: string, change: Partial<Upload>): void {
    this.list.update((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }
}
