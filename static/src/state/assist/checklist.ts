import { ApiError } from "../api";
import type { Clock } from "../clock";
import type { KeyValue } from "../preferences";
import { Store } from "../store";
import {
  judged,
  newAnswer,
  progressOf,
  together,
  type Answer,
  type AnswerState,
  type Answered,
  type Progress,
  type Run,
  type Signature,
  type Step,
  type Stroke,
  type Template,
} from "./checklist-rules";

/** The endpoints of one session's work. */
export interface ChecklistPort {
  runs(): Promise<{ runs: readonly Run[]; signatures: readonly Signature[] }>;
  begin(runId: string, body: { template_id?: string; title?: string; steps?: readonly Step[] }): Promise<Run>;
  answer(runId: string, stepId: string, answer: Answer): Promise<Answered>;
  sign(body: {
    name: string;
    organization: string;
    strokes: readonly Stroke[];
  }): Promise<readonly Signature[]>;
  templates(): Promise<readonly Template[]>;
}

export interface ShownStep {
  readonly step: Step;
  readonly answer: Answer | null;
  readonly state: AnswerState;
  readonly name: string;
  /** Entered here, and not yet at the server. */
  readonly isWaiting: boolean;
}

export interface ShownRun {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly ShownStep[];
  readonly progress: Progress;
}

export interface ChecklistState {
  readonly isLoaded: boolean;
  /** The last try to reach the server failed: what is shown may be old, what is entered waits. */
  readonly isOffline: boolean;
  readonly runs: readonly ShownRun[];
  readonly signatures: readonly Signature[];
  readonly waiting: number;
  /** Why the server refused the last thing for good. */
  readonly refused: string;
}

interface Waiting {
  readonly run_id: string;
  readonly step_id: string;
  readonly answer: Answer;
}

const RETRY_MS = 5_000;
const WAITING_MAX = 2_000;
const NOTHING: ChecklistState = {
  isLoaded: false,
  isOffline: false,
  runs: [],
  signatures: [],
  waiting: 0,
  refused: "",
};

/**
 * The checklist of a session. What is entered shows at once and is kept on the device until the server has it; of two
 * answers to one step the later holds, wherever it was entered.
 */
export class Checklist {
  readonly state = new Store(NOTHING);
  #runs: readonly Run[] = [];
  #signatures: readonly Signature[] = [];
  #waiting: Waiting[];
  #isSending = false;
  /** Something changed while it was read: what was read may be old already. */
  #isAgain = false;
  #isOffline = false;
  #stop: (() => void) | null = null;

  constructor(
    private readonly port: ChecklistPort,
    private readonly storage: KeyValue | null,
    private readonly key: string,
    private readonly clock: Clock,
    private readonly name: string,
  ) {
    this.#waiting = readWaiting(storage, key);
  }

  async open(): Promise<void> {
    this.#stop ??= this.clock.every(RETRY_MS, () => {
      if (this.#waiting.length > 0 || this.#isOffline) void this.sync();
    });
    await this.sync();
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Sends what waits, then reads what is there. Called again whenever there may be a line or something new. */
  async sync(): Promise<void> {
    this.#isAgain = this.#isSending;
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      await this.#send();
      const { runs, signatures } = await this.port.runs();
      this.#runs = runs;
      this.#signatures = signatures;
      this.#isOffline = false;
      this.#show({ isLoaded: true });
    } catch (cause) {
      this.#isOffline = isPassing(cause);
      this.#show(this.#isOffline ? {} : { refused: codeOf(cause) });
    } finally {
      this.#isSending = false;
    }
    if (this.#isAgain) await this.sync();
  }

  answer(runId: string, stepId: string, state: AnswerState, fields: Partial<Answer> = {}): void {
    const former = this.#waiting.find(({ run_id, step_id }) => run_id === runId && step_id === stepId);
    // Later than what it replaces, even when the clock of this device was put back.
    const atMs = Math.max(
      this.clock.now(),
      (former?.answer.at_ms ?? 0) + 1,
      this.#heldAtMs(runId, stepId) + 1,
    );
    const answer = newAnswer(state, atMs, fields);
    this.#waiting = [
      ...this.#waiting.filter((one) => one !== former),
      { run_id: runId, step_id: stepId, answer },
    ].slice(-WAITING_MAX);
    this.#keep();
    this.#show({ refused: "" });
    void this.sync();
  }

  /** Needs a line: a template is on the server. Rejects with an ApiError. */
  async begin(body: { template_id?: string; title?: string; steps?: readonly Step[] }): Promise<void> {
    await this.port.begin(newRunId(), body);
    await this.sync();
  }

  /** After all that waits has been sent: one signs what is there. Rejects with an ApiError. */
  async sign(name: string, organization: string, strokes: readonly Stroke[]): Promise<void> {
    await this.#send();
    this.#signatures = await this.port.sign({ name, organization, strokes });
    this.#show({});
  }

  templates(): Promise<readonly Template[]> {
    return this.port.templates();
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const sent = next;
      try {
        const held = await this.port.answer(sent.run_id, sent.step_id, sent.answer);
        this.#runs = this.#runs.map((run) => (run.id === sent.run_id ? withAnswer(run, held) : run));
      } catch (cause) {
        if (isPassing(cause)) throw cause;
        this.#show({ refused: codeOf(cause) }); // it will never be taken: shown, and not sent again
      }
      this.#waiting = this.#waiting.filter((one) => one !== sent);
      this.#keep();
    }
  }

  #heldAtMs(runId: string, stepId: string): number {
    const run = this.#runs.find(({ id }) => id === runId);
    return run?.answers.find(({ step_id }) => step_id === stepId)?.answer.at_ms ?? 0;
  }

  #keep(): void {
    try {
      if (this.#waiting.length === 0) this.storage?.removeItem(this.key);
      else this.storage?.setItem(this.key, JSON.stringify(this.#waiting));
    } catch {
      // Storage is refused or full: what waits lives as long as the page.
    }
  }

  #show(change: Partial<ChecklistState>): void {
    this.state.update((state) => ({
      ...state,
      isOffline: this.#isOffline,
      runs: this.#runs.map((run) => this.#shown(run)),
      signatures: this.#signatures,
      waiting: this.#waiting.length,
      ...change,
    }));
  }

  #shown(run: Run): ShownRun {
    const mine = this.#waiting
      .filter(({ run_id }) => run_id === run.id)
      .map(({ step_id, answer }) => ({ step_id, answer, name: this.name }));
    const held = together(run.answers, mine);
    const steps = run.steps.map((step): ShownStep => {
      const answered = held.get(step.id);
      return {
        step,
        answer: answered?.answer ?? null,
        state: answered ? judged(step, answered.answer) : "open",
        name: answered?.name ?? "",
        isWaiting: mine.some((one) => one === answered),
      };
    });
    return { id: run.id, title: run.title, steps, progress: progressOf(run, held) };
  }
}

function withAnswer(run: Run, held: Answered): Run {
  return { ...run, answers: [...run.answers.filter(({ step_id }) => step_id !== held.step_id), held] };
}

/** No line, or a server that is busy: worth another try. */
function isPassing(cause: unknown): boolean {
  return !(cause instanceof ApiError) || ["unavailable", "internal", "rate_limited"].includes(cause.code);
}

function codeOf(cause: unknown): string {
  return cause instanceof ApiError ? cause.code : "internal";
}

function newRunId(): string {
  return `run-${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
}

function readWaiting(storage: KeyValue | null, key: string): Waiting[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isWaiting) : [];
  } catch {
    return [];
  }
}

function isWaiting(value: unknown): value is Waiting {
  const one = value as Partial<Waiting> | null;
  return (
    typeof one?.run_id === "string" &&
    typeof one.step_id === "string" &&
    typeof one.answer?.at_ms === "number"
  );
}
