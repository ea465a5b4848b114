import { ApiError } from "../api";
import { Store } from "../store";
import { isMeasured, newStep, readNumber, type Step, type StepKind } from "./checklist-rules";
import type { Templates, Written, WrittenTemplate } from "./templates";

export const STEP_KINDS = ["check", "torque", "value", "yes_no", "photo", "text", "signature"] as const;
export const STEPS_MAX = 200;
const UNDO_MAX = 200;

/** A step as it is being written: limits as they were typed. */
export interface DraftStep extends Omit<Step, "target" | "low" | "high"> {
  readonly target: string;
  readonly low: string;
  readonly high: string;
}

export interface Draft {
  readonly title: string;
  readonly steps: readonly DraftStep[];
}

/** What keeps a step from being sent. */
export type StepFault = "title" | "number" | "order";

export type SaveState =
  | { readonly kind: "resting" }
  | { readonly kind: "saving" }
  | { readonly kind: "failed"; readonly code: string }
  /** Somebody else has written a version meanwhile. */
  | { readonly kind: "conflict"; readonly theirs: WrittenTemplate };

export interface EditorState {
  readonly draft: Draft;
  /** The version that the draft began with; null for one that is not written yet. */
  readonly base: WrittenTemplate | null;
  readonly isDirty: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly save: SaveState;
  /** Whether a try to save has shown what is missing. */
  readonly isChecked: boolean;
}

export function draftStep(step: Step): DraftStep {
  const typed = (value: number | null) => (value === null ? "" : String(value));
  return { ...step, target: typed(step.target), low: typed(step.low), high: typed(step.high) };
}

/** The step that a draft means; what is not a number is none. */
export function stepOf(draft: DraftStep): Step {
  const measured = isMeasured({ ...draft, target: null, low: null, high: null });
  const read = (typed: string) => (measured ? readNumber(typed) : null);
  return {
    ...draft,
    title: draft.title.trim(),
    unit: measured ? draft.unit.trim() : "",
    target: read(draft.target),
    low: read(draft.low),
    high: read(draft.high),
  };
}

export function stepFaults(draft: DraftStep): ReadonlySet<StepFault> {
  const faults = new Set<StepFault>();
  const step = stepOf(draft);
  if (!step.title) faults.add("title");
  if (!isMeasured(step)) return faults;
  if ([draft.low, draft.target, draft.high].some((typed) => typed.trim() && readNumber(typed) === null))
    faults.add("number");
  const limits = [step.low, step.target, step.high].filter((value) => value !== null);
  if (limits.some((value, index) => value < (limits[index - 1] ?? -Infinity))) faults.add("order");
  return faults;
}

/** Whether the server would take it as it stands. */
export function isComplete(draft: Draft): boolean {
  return (
    draft.title.trim() !== "" &&
    draft.steps.length > 0 &&
    draft.steps.every((step) => stepFaults(step).size === 0)
  );
}

/** One work instruction being written: every edit can be taken back, and nothing of somebody else is written over. */
export class TemplateEditor {
  readonly state: Store<EditorState>;
  readonly #past: Draft[] = [];
  #future: Draft[] = [];
  #saved: Draft;
  /** Which field the last edit was about: typing on in it is one edit. */
  #field = "";

  constructor(
    private readonly templates: Pick<Templates, "write" | "rewrite" | "show">,
    base: WrittenTemplate | null,
    /** Of a new one; "" is the writer's first. */
    public organizationId = "",
    private readonly newId: () => string = newStepId,
  ) {
    this.#saved = base ? draftOf(base) : { title: "", steps: [] };
    this.state = new Store<EditorState>({
      draft: this.#saved,
      base,
      isDirty: false,
      canUndo: false,
      canRedo: false,
      save: { kind: "resting" },
      isChecked: false,
    });
  }

  setTitle(title: string): void {
    this.#edit({ ...this.#draft, title }, "title");
  }

  change(id: string, fields: Partial<Omit<DraftStep, "id">>): void {
    const steps = this.#steps.map((step) => (step.id === id ? { ...step, ...fields } : step));
    this.#edit({ ...this.#draft, steps }, `${id} ${Object.keys(fields).join(" ")}`);
  }

  /** After the given step, else at the end. The new step's id; null when there are as many as there may be. */
  add(kind: StepKind = "check", after = ""): string | null {
    return this.#insert(draftStep(newStep(this.newId(), "", { kind })), after);
  }

  duplicate(id: string): string | null {
    const step = this.#steps.find((one) => one.id === id);
    return step ? this.#insert({ ...step, id: this.newId(), mark: null }, id) : null;
  }

  remove(id: string): void {
    this.#edit({ ...this.#draft, steps: this.#steps.filter((step) => step.id !== id) });
  }

  /** To a place counted from 0; beyond the ends is the end. */
  move(id: string, index: number): void {
    const step = this.#steps.find((one) => one.id === id);
    const place = Math.min(Math.max(index, 0), this.#steps.length - 1);
    if (!step || this.#steps[place] === step) return;
    const steps = this.#steps.filter((one) => one !== step);
    steps.splice(place, 0, step);
    this.#edit({ ...this.#draft, steps });
  }

  /** Beside another step, as a drag ends. */
  place(id: string, other: string, side: "before" | "after"): void {
    const rest = this.#steps.filter((step) => step.id !== id);
    const index = rest.findIndex((step) => step.id === other);
    if (index >= 0) this.move(id, side === "before" ? index : index + 1);
  }

  /** The steps of an earlier version, as an edit. */
  restore(steps: readonly Step[]): void {
    this.#edit({ ...this.#draft, steps: steps.map(draftStep) });
  }

  undo(): void {
    const draft = this.#past.pop();
    if (!draft) return;
    this.#future.push(this.#draft);
    this.#show(draft);
  }

  redo(): void {
    const draft = this.#future.pop();
    if (!draft) return;
    this.#past.push(this.#draft);
    this.#show(draft);
  }

  /** What was written; null when something is missing, refused, or somebody was faster: the state says which. */
  async save(): Promise<WrittenTemplate | null> {
    const { draft, base, save } = this.state.get();
    if (save.kind === "saving") return null;
    this.#set({ isChecked: true });
    if (!isComplete(draft)) return null;
    this.#set({ save: { kind: "saving" } });
    const written: Written = { title: draft.title.trim(), steps: draft.steps.map(stepOf) };
    try {
      const kept = base
        ? await this.templates.rewrite(base.id, base.version, written)
        : await this.templates.write(written, this.organizationId);
      this.#saved = draft; // typing may have gone on meanwhile
      this.#set({
        base: kept,
        save: { kind: "resting" },
        isChecked: false,
        isDirty: !isSame(this.#draft, draft),
      });
      return kept;
    } catch (cause) {
      await this.#refused(cause, base);
      return null;
    }
  }

  /** Goes on with the other's version; one's own can be had back by undo. */
  takeTheirs(): void {
    const { save } = this.state.get();
    if (save.kind !== "conflict") return;
    this.#saved = draftOf(save.theirs);
    this.#set({ base: save.theirs, save: { kind: "resting" } });
    this.#edit(this.#saved);
  }

  /** Writes one's own as the version after the other's, which stays in the history. */
  async keepMine(): Promise<WrittenTemplate | null> {
    const { save } = this.state.get();
    if (save.kind !== "conflict") return null;
    this.#set({ base: save.theirs, save: { kind: "resting" } });
    return this.save();
  }

  get #draft(): Draft {
    return this.state.get().draft;
  }

  get #steps(): readonly DraftStep[] {
    return this.#draft.steps;
  }

  async #refused(cause: unknown, base: WrittenTemplate | null): Promise<void> {
    const code = codeOf(cause);
    if (code !== "conflict" || !base) {
      this.#set({ save: { kind: "failed", code } });
      return;
    }
    try {
      this.#set({ save: { kind: "conflict", theirs: await this.templates.show(base.id) } });
    } catch (again) {
      this.#set({ save: { kind: "failed", code: codeOf(again) } });
    }
  }

  #insert(step: DraftStep, after: string): string | null {
    if (this.#steps.length >= STEPS_MAX) return null;
    const found = this.#steps.findIndex((one) => one.id === after);
    const index = found < 0 ? this.#steps.length : found + 1;
    this.#edit({
      ...this.#draft,
      steps: [...this.#steps.slice(0, index), step, ...this.#steps.slice(index)],
    });
    return step.id;
  }

  #edit(draft: Draft, field = ""): void {
    const isGoingOn = field !== "" && field === this.#field;
    if (!isGoingOn) this.#past.push(this.#draft);
    if (this.#past.length > UNDO_MAX) this.#past.shift();
    this.#future = [];
    this.#show(draft);
    this.#field = field;
  }

  #show(draft: Draft): void {
    this.#field = "";
    this.#set({
      draft,
      isDirty: !isSame(draft, this.#saved),
      canUndo: this.#past.length > 0,
      canRedo: this.#future.length > 0,
    });
  }

  #set(change: Partial<EditorState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

function draftOf(template: WrittenTemplate): Draft {
  return { title: template.title, steps: template.steps.map(draftStep) };
}

function isSame(a: Draft, b: Draft): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function codeOf(cause: unknown): string {
  return cause instanceof ApiError ? cause.code : "internal";
}

function newStepId(): string {
  return `step-${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
}
