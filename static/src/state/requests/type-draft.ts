import { ApiError } from "../api";
import type { Clock } from "../clock";
import { Store } from "../store";
import { draftFaults } from "./builder";
import type { Requests } from "./requests";
import type { Definition, RequestType, Tried } from "./shapes";

export type TypeSaving = "saved" | "typing" | "saving" | "wrong" | "failed" | "conflict";

export interface TypeDraftView {
  readonly definition: Definition;
  readonly saving: TypeSaving;
  readonly revision: number;
  /** What publishing would refuse, by path. */
  readonly faults: Readonly<Record<string, string>>;
  /** When it would be due, filed now; 0: not known. */
  readonly dueAtMs: number;
}

const PAUSE_MS = 1_200;
const RETRY_MS = 6_000;

/** The draft of a type: every change is kept by itself, and the server says what still keeps it from being published. */
export class TypeDraft {
  readonly view: Store<TypeDraftView>;
  #stop: (() => void) | null = null;
  #busy: Promise<void> | null = null;

  constructor(
    private readonly requests: Pick<Requests, "saveDraft" | "tryOut">,
    private readonly id: string,
    private readonly clock: Clock,
    type: RequestType,
    definition: Definition,
  ) {
    const revision = type.draft_revision;
    this.view = new Store<TypeDraftView>({ definition, saving: "saved", revision, faults: {}, dueAtMs: 0 });
    void this.#tryOut();
  }

  change(definition: Definition): void {
    if (this.view.get().saving === "conflict") return;
    this.view.update((now) => ({ ...now, definition, saving: "typing" }));
    this.#plan(PAUSE_MS);
  }

  /** All is with the server then: the revision to publish.  Null when it is not. */
  async settle(): Promise<number | null> {
    this.#stop?.();
    this.#stop = null;
    await this.#busy;
    if (this.view.get().saving !== "saved") await this.#save();
    const { saving, revision } = this.view.get();
    return saving === "saved" ? revision : null;
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    if (this.view.get().saving === "typing") void this.#save();
  }

  #plan(delayMs: number): void {
    this.#stop?.();
    this.#stop = this.clock.after(delayMs, () => {
      this.#stop = null;
      void (this.#busy ?? Promise.resolve()).then(() => this.#save());
    });
  }

  async #save(): Promise<void> {
    const { definition, revision } = this.view.get();
    const own = draftFaults(definition);
    if (Object.keys(own).length > 0) {
      this.view.update((now) => ({ ...now, saving: "wrong", faults: { ...now.faults, ...own } }));
      return;
    }
    this.view.update((now) => ({ ...now, saving: "saving" }));
    const run = this.#send(definition, revision);
    this.#busy = run;
    await run;
    this.#busy = null;
  }

  async #send(definition: Definition, revision: number): Promise<void> {
    try {
      const kept = await this.requests.saveDraft(this.id, revision, definition);
      this.view.update((now) => ({
        ...now,
        revision: kept.draft_revision,
        saving: now.definition === definition ? "saved" : "typing",
      }));
      if (this.view.get().saving === "typing") this.#plan(PAUSE_MS);
    } catch (cause) {
      const code = cause instanceof ApiError ? cause.code : "internal";
      const saving = code === "conflict" ? "conflict" : code === "invalid" ? "wrong" : "failed";
      this.view.update((now) => ({ ...now, saving }));
      if (saving === "failed") this.#plan(RETRY_MS);
      return;
    }
    await this.#tryOut();
  }

  async #tryOut(): Promise<void> {
    const { definition } = this.view.get();
    const tried = await this.requests.tryOut(definition, {}).catch((): Tried | null => null);
    if (tried && this.view.get().definition === definition)
      this.view.update((now) => ({ ...now, faults: tried.definition_faults, dueAtMs: tried.due_at_ms }));
  }
}
