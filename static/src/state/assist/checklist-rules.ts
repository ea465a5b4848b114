/** The shapes of docs/api.md for work instructions, and what the page decides by itself while there is no line. Pure. */

export type StepKind = "check" | "yes_no" | "value" | "torque" | "text" | "photo" | "signature";
export type AnswerState = "open" | "done" | "failed" | "skipped";
export type Stroke = readonly number[];

export interface Step {
  readonly id: string;
  readonly title: string;
  readonly kind: StepKind;
  readonly text: string;
  readonly required: boolean;
  readonly photo: boolean;
  readonly picture: string;
  readonly unit: string;
  readonly target: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly mark: { readonly mark_id: string; readonly number: number; readonly still_id: string } | null;
}

export interface Answer {
  readonly state: AnswerState;
  /** By the clock of the device that it was entered on. */
  readonly at_ms: number;
  readonly number: number | null;
  readonly yes: boolean | null;
  readonly text: string;
  readonly note: string;
  readonly still_ids: readonly string[];
  readonly strokes: readonly Stroke[];
}

export interface Answered {
  readonly step_id: string;
  readonly answer: Answer;
  readonly name: string;
}

export interface Run {
  readonly id: string;
  readonly template_id: string | null;
  readonly version: number;
  readonly title: string;
  readonly steps: readonly Step[];
  readonly answers: readonly Answered[];
}

export interface Signature {
  readonly part: "on_site" | "expert" | "observer";
  readonly name: string;
  readonly organization: string;
  readonly strokes: readonly Stroke[];
  readonly signed_at_ms: number;
}

export interface Template {
  readonly id: string;
  readonly organization: string;
  readonly title: string;
  readonly version: number;
  readonly archived: boolean;
  readonly may_change: boolean;
  readonly steps: readonly Step[];
}

export type Missing = "number" | "yes" | "text" | "still_ids" | "strokes" | "note";

const EMPTY = { number: null, yes: null, text: "", note: "", still_ids: [], strokes: [] } as const;

export function newAnswer(state: AnswerState, atMs: number, fields: Partial<Answer> = {}): Answer {
  return { ...EMPTY, ...fields, state, at_ms: atMs };
}

export function newStep(id: string, title: string, fields: Partial<Step> = {}): Step {
  return {
    kind: "check",
    text: "",
    required: true,
    photo: false,
    picture: "",
    unit: "",
    target: null,
    low: null,
    high: null,
    mark: null,
    ...fields,
    id,
    title,
  };
}

export function isMeasured(step: Step): boolean {
  return step.kind === "value" || step.kind === "torque";
}

/** What the answer lacks, as the server would say; null when it can be sent. */
export function missing(step: Step, answer: Answer): Missing | null {
  if (answer.state === "skipped") return step.required && !answer.note.trim() ? "note" : null;
  if (answer.state !== "done") return null;
  if (isMeasured(step) && answer.number === null) return "number";
  if (step.kind === "yes_no" && answer.yes === null) return "yes";
  if (step.kind === "text" && !answer.text.trim()) return "text";
  if ((step.photo || step.kind === "photo") && answer.still_ids.length === 0) return "still_ids";
  if (step.kind === "signature" && answer.strokes.length === 0) return "strokes";
  return null;
}

/** Null where nothing was measured or nothing was asked for. */
export function isWithin(step: Step, number: number | null): boolean | null {
  if (number === null || !isMeasured(step) || (step.low === null && step.high === null)) return null;
  return (step.low === null || number >= step.low) && (step.high === null || number <= step.high);
}

/** The state that an answer means: a "no" and a value out of tolerance are failures. */
export function judged(step: Step, answer: Answer): AnswerState {
  const failed = answer.yes === false || isWithin(step, answer.number) === false;
  return answer.state === "done" && failed ? "failed" : answer.state;
}

export function unitOf(step: Step): string {
  return step.unit || (step.kind === "torque" ? "N·m" : "");
}

/** "25 ± 2 N·m", "20 … 35 ℃", "≤ 27"; "" where nothing is asked for. */
export function expectedText(step: Step): string {
  const { low, target, high } = step;
  let said = "";
  if (low !== null && high !== null) {
    const even =
      target !== null && Math.abs(target - low - (high - target)) <= 1e-9 * Math.max(1, Math.abs(high));
    said = even ? `${plain(target)} ± ${plain(target - low)}` : `${plain(low)} … ${plain(high)}`;
  } else if (low !== null) said = `≥ ${plain(low)}`;
  else if (high !== null) said = `≤ ${plain(high)}`;
  else if (target !== null) said = plain(target);
  return said && `${said} ${unitOf(step)}`.trim();
}

/** A number as people type it here: comma or point; null for what is none. */
export function readNumber(typed: string): number | null {
  const clean = typed.trim().replace(",", ".").replace("\u2212", "-");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(clean)) return null;
  const value = Number(clean);
  return Number.isFinite(value) && Math.abs(value) <= 1e12 ? value : null;
}

/** What holds when the server's answers and those that wait here are put together: the later, step by step. */
export function together(answers: readonly Answered[], waiting: readonly Answered[]): Map<string, Answered> {
  const held = new Map(answers.map((one) => [one.step_id, one]));
  for (const one of waiting) {
    const other = held.get(one.step_id);
    if (!other || one.answer.at_ms > other.answer.at_ms) held.set(one.step_id, one);
  }
  return held;
}

export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly all: number;
  /** The first step that is still open; null when none is. */
  readonly next: string | null;
}

export function progressOf(run: Run, held: ReadonlyMap<string, Answered>): Progress {
  const states = run.steps.map((step) => {
    const answer = held.get(step.id)?.answer;
    return answer ? judged(step, answer) : "open";
  });
  const next = run.steps.find((_, index) => states[index] === "open");
  return {
    done: states.filter((state) => state === "done" || state === "skipped").length,
    failed: states.filter((state) => state === "failed").length,
    all: run.steps.length,
    next: next?.id ?? null,
  };
}

/** Numbered marks in their order, each as a step of its own. */
export function stepsOfMarks(
  marks: readonly { id: string; number: number; text: string; still_id: string }[],
  title: (number: number) => string,
): Step[] {
  return [...marks]
    .sort((a, b) => a.number - b.number)
    .map((mark) =>
      newStep(mark.id, mark.text.trim() || title(mark.number), {
        mark: { mark_id: mark.id, number: mark.number, still_id: mark.still_id },
      }),
    );
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
