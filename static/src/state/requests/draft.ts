import type { Clock } from "../clock";
import { ApiError } from "../api";
import type { KeyValue } from "../preferences";
import { Store } from "../store";
import { storable } from "./form";
import type { Requests } from "./requests";
import { newKey } from "../new-key";
import type { Answer, Answers, Definition, RequestCard } from "./shapes";

/** typing: not sent yet.  partly: all but what is wrong is kept.  failed: the server is away; it is tried again. */
export type Saving = "untouched" | "typing" | "saving" | "saved" | "partly" | "failed" | "gone";

export interface DraftView {
  readonly id: string;
  readonly answers: Answers;
  readonly saving: Saving;
  readonly savedAtMs: number;
  /** What the server found wrong, by field. */
  readonly faults: Readonly<Record<string, string>>;
}

const PAUSE_MS = 900;
const RETRY_MS = 5_000;

interface Copy {
  readonly id: string;
  readonly key: string;
  readonly answers: Answers;
}

/**
 * A draft that saves itself: some time after the last key it goes to the server, and what the server cannot keep stays
 * in this tab, so that a reload loses nothing.  Made on the server with the first answer, under a key of the page's own.
 */
export class Draft {
  readonly view: Store<DraftView>;
  /** For whom it is filed; "": the first of one's organizations that may. Fixed once the draft exists. */
  organizationId = "";
  readonly #key: string;
  #sent = "";
  #stopTimer: (() => void) | null = null;
  #busy: Promise<void> | null = null;
  #closed = false;

  constructor(
    private readonly requests: Pick<Requests, "file" | "change">,
    private readonly typeId: string,
    readonly definition: Definition,
    private readonly clock: Clock,
    private readonly storage: KeyValue | null,
    /** The account: another one that signs in here finds nothing. */
    private readonly owner: string,
    card: RequestCard | null,
    start: Answers = {},
  ) {
    const kept = readCopy(storage, this.#storageKey(card?.request.id ?? ""));
    const id = card?.request.id ?? kept?.id ?? "";
    this.#key = kept?.key ?? newKey();
    this.#sent = card ? JSON.stringify(storable(definition, card.answers).answers) : "";
    this.view = new Store<DraftView>({
      id,
      answers: { ...start, ...card?.answers, ...kept?.answers },
      saving: "untouched",
      savedAtMs: card?.request.changed_at_ms ?? 0,
      faults: {},
    });
    if (kept || Object.keys(start).length > 0) this.#plan(0);
  }

  set(fieldId: string, answer: Answer): void {
    const now = this.view.get();
    const faults = Object.fromEntries(Object.entries(now.faults).filter(([name]) => name !== fieldId));
    this.view.set({ ...now, answers: { ...now.answers, [fieldId]: answer }, saving: "typing", faults });
    this.#keepCopy();
    this.#plan(PAUSE_MS);
  }

  fail(faults: Readonly<Record<string, string>>): void {
    this.view.update((now) => ({ ...now, faults }));
  }

  /** Everything that can be kept is with the server then.  Gives the id; raises ApiError. */
  async settle(): Promise<string> {
    this.#stopTimer?.();
    this.#stopTimer = null;
    await this.#busy;
    await this.#save(true);
    return this.view.get().id;
  }

  /** The draft exists on the server then: files belong to it.  Raises ApiError. */
  async exist(): Promise<string> {
    return this.view.get().id || this.settle();
  }

  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    if (this.view.get().saving === "typing") void this.#save(false).catch(() => undefined);
    this.#closed = true;
  }

  /** Submitted or deleted: nothing is kept in the tab any more. */
  forget(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.storage?.removeItem(this.#storageKey(this.view.get().id));
    this.storage?.removeItem(this.#storageKey(""));
  }

  #plan(delayMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.clock.after(delayMs, () => {
      this.#stopTimer = null;
      const run = this.#busy ? this.#busy.then(() => this.#save(false)) : this.#save(false);
      void run.catch(() => undefined);
    });
  }

  async #save(isNeeded: boolean): Promise<void> {
    const { answers, id } = this.view.get();
    const { answers: kept, left } = storable(this.definition, answers);
    const packed = JSON.stringify(kept);
    if (packed === this.#sent && id) {
      this.#be(left.length > 0 ? "partly" : "saved");
      return;
    }
    const run = this.#send(kept, left);
    this.#busy = run.then(
      () => undefined,
      () => undefined,
    );
    try {
      await run;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      if (cause.code === "invalid") {
        this.view.update((now) => ({ ...now, faults: cause.fields, saving: "partly" }));
      } else if (cause.code === "wrong_state" || cause.code === "not_found") {
        this.#be("gone");
      } else {
        this.#be("failed");
        if (!this.#closed) this.#plan(Math.max(RETRY_MS, cause.retryAfterMs));
      }
      if (isNeeded) throw cause;
    } finally {
      this.#busy = null;
    }
  }

  async #send(kept: Answers, left: readonly string[]): Promise<void> {
    this.#be("saving");
    let { id } = this.view.get();
    if (id) await this.requests.change(id, { answers: kept });
    else {
      const card = await this.requests.file({
        type_id: this.typeId,
        answers: kept,
        key: this.#key,
        ...(this.organizationId ? { organization_id: this.organizationId } : {}),
      });
      id = card.request.id;
      this.storage?.removeItem(this.#storageKey(""));
    }
    this.#sent = JSON.stringify(kept);
    // Written on while this went out: it is not saved yet.
    const now = this.view.get();
    const isBehind = JSON.stringify(storable(this.definition, now.answers).answers) !== this.#sent;
    const saving = isBehind ? "typing" : left.length > 0 ? "partly" : "saved";
    this.view.set({ ...now, id, saving, savedAtMs: this.clock.now() });
    if (saving === "saved") this.storage?.removeItem(this.#storageKey(id));
    else this.#keepCopy();
  }

  #be(saving: Saving): void {
    this.view.update((now) => ({ ...now, saving }));
  }

  #keepCopy(): void {
    const { id, answers } = this.view.get();
    try {
      this.storage?.setItem(
        this.#storageKey(id),
        JSON.stringify({ id, key: this.#key, answers } satisfies Copy),
      );
    } catch {
      // Full, or forbidden: the server has what it took.
    }
  }

  #storageKey(id: string): string {
    return `tongxin.draft.${this.owner}.${id || this.typeId}`;
  }
}

function readCopy(storage: KeyValue | null, key: string): Copy | null {
  try {
    const value: unknown = JSON.parse(storage?.getItem(key) ?? "null");
    if (typeof value !== "object" || value === null || !("answers" in value)) return null;
    return value as Copy;
  } catch {
    return null;
  }
}
