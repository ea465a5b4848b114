import {
  MARK_COLORS,
  MARK_NUMBER_MAX,
  MARK_TEXT_MAX_CHARS,
  type Code,
  type Mark,
  type MarkColor,
  type PageRegion,
  type RoomView,
} from "../../protocol.gen";
import { Refusal, type Request } from "../connection";
import { inOrder, moderates } from "../room";
import { Store, type Readable } from "../store";
import { WIDTHS, type DrawnMark, type Shape, type Tool } from "./drawing";

export interface MarksDeps {
  readonly request: (request: Request) => Promise<unknown>;
  readonly view: Readable<RoomView | null>;
  readonly me: Readable<string>;
  readonly newId: () => string;
  readonly refused: (code: Code) => void;
}

/** What a step back takes back. Only one's own marks can be placed again, so only those are remembered. */
type Step =
  | { readonly kind: "placed"; readonly marks: readonly DrawnMark[] }
  | { readonly kind: "removed"; readonly marks: readonly DrawnMark[] }
  | { readonly kind: "changed"; readonly before: Change; readonly after: Change };

interface Change {
  readonly mark_id: string;
  readonly text: string;
  readonly color: MarkColor;
  readonly number: number;
}

const STEPS_MAX = 100;

export interface Layer {
  readonly authorId: string;
  readonly name: string;
  readonly count: number;
  readonly isHidden: boolean;
  readonly isOwn: boolean;
  readonly isHere: boolean;
}

/** The marks of a session as one person works with them: the tool in the hand, what is shown, undo and redo. */
export class Marks {
  readonly tool = new Store<Tool>("arrow");
  readonly color: Store<MarkColor>;
  readonly width = new Store<number>(WIDTHS[1]);
  readonly selected = new Store<string | null>(null);
  readonly hidden = new Store<ReadonlySet<string>>(new Set());
  readonly canUndo = new Store(false);
  readonly canRedo = new Store(false);
  /** Drawn here and on their way: shown at once. */
  readonly pending = new Store<ReadonlyMap<string, DrawnMark>>(new Map());
  #done: Step[] = [];
  #undone: Step[] = [];
  #hasChosenColor = false;

  constructor(private readonly deps: MarksDeps) {
    this.color = new Store<MarkColor>("red");
  }

  /** Each expert begins with a colour of their own, until they choose one. */
  assignColor(): void {
    const view = this.deps.view.get();
    if (!view || this.#hasChosenColor) return;
    const experts = inOrder(view).filter((person) => person.assist_role === "expert");
    const index = Math.max(
      0,
      experts.findIndex((person) => person.id === this.deps.me.get()),
    );
    this.color.set(MARK_COLORS[index % MARK_COLORS.length] ?? "red");
  }

  chooseColor(color: MarkColor): void {
    this.#hasChosenColor = true;
    this.color.set(color);
    const mark = this.#ownSelected();
    if (mark && mark.color !== color) void this.change(mark.id, { color });
  }

  nextNumber(): number {
    const used = Object.values(this.deps.view.get()?.marks ?? {}).map((mark) => mark.number);
    const pending = [...this.pending.get().values()].map((mark) => mark.number);
    return Math.min(MARK_NUMBER_MAX, Math.max(0, ...used, ...pending) + 1);
  }

  newId(): string {
    return this.deps.newId();
  }

  /** Pen up: the shape becomes a mark, here at once and for all as soon as the room has it. */
  async place(
    markId: string,
    shape: Shape,
    frame: DrawnMark["frame"],
    words: { readonly text?: string; readonly number?: number } = {},
  ): Promise<boolean> {
    const mark: DrawnMark = {
      ...shape,
      mark_id: markId,
      color: this.color.get(),
      frame,
      text: (words.text ?? "").slice(0, MARK_TEXT_MAX_CHARS),
      number: words.number ?? 0,
    };
    const placed = await this.#place([mark]);
    if (placed) this.#remember({ kind: "placed", marks: [mark] });
    return placed;
  }

  async change(
    markId: string,
    wanted: { readonly text?: string; readonly color?: MarkColor; readonly number?: number },
  ): Promise<boolean> {
    const mark = this.deps.view.get()?.marks[markId];
    if (!mark) return false;
    const before: Change = { mark_id: markId, text: mark.text, color: mark.color, number: mark.number };
    const after: Change = { ...before, ...wanted };
    if (!(await this.#ask({ type: "change_mark", ...after }))) return false;
    this.#remember({ kind: "changed", before, after });
    return true;
  }

  link(markId: string, region: PageRegion | null): Promise<boolean> {
    return this.#ask({ type: "link_mark", mark_id: markId, region });
  }

  async remove(markId: string): Promise<boolean> {
    const mark = this.deps.view.get()?.marks[markId];
    if (!mark) return false;
    if (this.selected.get() === markId) this.selected.set(null);
    if (!(await this.#ask({ type: "remove_mark", mark_id: markId }))) return false;
    if (this.#isOwn(mark)) this.#remember({ kind: "removed", marks: [drawnOf(mark)] });
    return true;
  }

  /** All of one's own. */
  async clear(): Promise<boolean> {
    const own = Object.values(this.deps.view.get()?.marks ?? {}).filter((mark) => this.#isOwn(mark));
    if (own.length === 0) return true;
    this.selected.set(null);
    if (!(await this.#ask({ type: "remove_marks", everyones: false }))) return false;
    this.#remember({ kind: "removed", marks: own.map(drawnOf) });
    return true;
  }

  async undo(): Promise<void> {
    const step = this.#done.pop();
    if (!step) return;
    this.#undone.push(step);
    this.#told();
    await this.#play(step, true);
  }

  async redo(): Promise<void> {
    const step = this.#undone.pop();
    if (!step) return;
    this.#done.push(step);
    this.#told();
    await this.#play(step, false);
  }

  /** Whether this person may change and remove it. */
  mayTouch(mark: Mark): boolean {
    const me = this.deps.view.get()?.participants[this.deps.me.get()];
    return this.#isOwn(mark) || me?.assist_role === "on_site" || moderates(me?.role);
  }

  setHidden(authorId: string, isHidden: boolean): void {
    this.hidden.update((hidden) => {
      const next = new Set(hidden);
      if (isHidden) next.add(authorId);
      else next.delete(authorId);
      return next;
    });
    const selected = this.deps.view.get()?.marks[this.selected.get() ?? ""];
    if (isHidden && selected?.author_id === authorId) this.selected.set(null);
  }

  /** Something was said of the room: what is known to it is not on its way any more. */
  settle(): void {
    const marks = this.deps.view.get()?.marks ?? {};
    const { pending, selected } = this;
    if ([...pending.get().keys()].some((id) => id in marks))
      pending.update((waiting) => new Map([...waiting].filter(([id]) => !(id in marks))));
    const chosen = selected.get();
    if (chosen !== null && !(chosen in marks)) selected.set(null);
  }

  // ------------------------------------------------------------ inside

  async #place(marks: readonly DrawnMark[]): Promise<boolean> {
    this.pending.update(
      (pending) => new Map([...pending, ...marks.map((mark) => [mark.mark_id, mark] as const)]),
    );
    let all = true;
    for (const mark of marks) {
      if (await this.#ask({ type: "place_mark", ...mark })) continue;
      all = false;
      this.pending.update((pending) => new Map([...pending].filter(([id]) => id !== mark.mark_id)));
    }
    this.settle();
    return all;
  }

  async #play(step: Step, isBack: boolean): Promise<void> {
    if (step.kind === "changed") {
      await this.#ask({ type: "change_mark", ...(isBack ? step.before : step.after) }, ["not_found"]);
    } else if ((step.kind === "removed") === isBack) {
      await this.#place(step.marks);
    } else {
      for (const { mark_id } of step.marks) await this.#ask({ type: "remove_mark", mark_id }, ["not_found"]);
    }
  }

  #remember(step: Step): void {
    this.#done = [...this.#done, step].slice(-STEPS_MAX);
    this.#undone = [];
    this.#told();
  }

  #told(): void {
    this.canUndo.set(this.#done.length > 0);
    this.canRedo.set(this.#undone.length > 0);
  }

  /** `fine`: refusals that mean that it is so already. */
  async #ask(request: Request, fine: readonly Code[] = []): Promise<boolean> {
    try {
      await this.deps.request(request);
      return true;
    } catch (cause) {
      const code = cause instanceof Refusal ? cause.code : "internal";
      if (fine.includes(code)) return true;
      this.deps.refused(code);
      return false;
    }
  }

  #isOwn(mark: Mark): boolean {
    return mark.author_id === this.deps.me.get();
  }

  #ownSelected(): Mark | undefined {
    const mark = this.deps.view.get()?.marks[this.selected.get() ?? ""];
    return mark && this.#isOwn(mark) ? mark : undefined;
  }
}

function drawnOf(mark: Mark): DrawnMark {
  const { id, kind, points, width, color, text, number, frame } = mark;
  return { mark_id: id, kind, points, width, color, text, number, frame };
}

/** Who has drawn, in the order in which they began. */
export function layersOf(view: RoomView, hidden: ReadonlySet<string>, me: string): readonly Layer[] {
  const layers = new Map<string, Layer>();
  for (const mark of listed(view)) {
    const known = layers.get(mark.author_id);
    layers.set(mark.author_id, {
      authorId: mark.author_id,
      name: view.participants[mark.author_id]?.name ?? mark.author_name,
      count: (known?.count ?? 0) + 1,
      isHidden: hidden.has(mark.author_id),
      isOwn: mark.author_id === me,
      isHere: view.participants[mark.author_id]?.presence === "here",
    });
  }
  return [...layers.values()];
}

/** The latest first: that is what is being spoken of. */
export function latestFirst(view: RoomView): readonly Mark[] {
  return [...listed(view)].reverse();
}

/** Those that a page of a manual can be linked to: the selected one, then the latest. */
export function linkable(
  view: RoomView,
  selected: string | null,
  mayTouch: (mark: Mark) => boolean,
): readonly Mark[] {
  const marks = latestFirst(view).filter(mayTouch);
  return [...marks.filter(({ id }) => id === selected), ...marks.filter(({ id }) => id !== selected)];
}

function listed(view: RoomView): readonly Mark[] {
  return Object.values(view.marks).sort((a, b) => a.made_at_ms - b.made_at_ms || (a.id < b.id ? -1 : 1));
}
