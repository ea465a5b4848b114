import { describe, expect, it } from "vitest";
import { ApiError } from "../api";
import { newStep } from "./checklist-rules";
import { draftStep, stepFaults, stepOf, STEPS_MAX, TemplateEditor } from "./template-editor";
import type { Written, WrittenTemplate } from "./templates";

const first: WrittenTemplate = {
  id: "template-1",
  organization: "Anjie",
  title: "Commission the spindle",
  version: 1,
  archived: false,
  may_change: true,
  changed_at_ms: 1,
  steps: [
    newStep("step-bolts", "Tighten", { kind: "torque", low: 23, target: 25, high: 27 }),
    newStep("step-guard", "Close the guard"),
  ],
};

/** Keeps the latest version as the server does. */
class Shelf {
  latest = first;
  refuses: ApiError | null = null;

  show = () => Promise.resolve(this.latest);
  write = (written: Written) => this.#keep(written, 1);
  rewrite = (_id: string, basedOn: number, written: Written) =>
    basedOn === this.latest.version
      ? this.#keep(written, basedOn + 1)
      : Promise.reject(new ApiError("conflict", 409, 0, {}));

  #keep(written: Written, version: number): Promise<WrittenTemplate> {
    if (this.refuses) return Promise.reject(this.refuses);
    this.latest = { ...this.latest, ...written, version };
    return Promise.resolve(this.latest);
  }
}

function opened(base: WrittenTemplate | null = first) {
  const shelf = new Shelf();
  let count = 0;
  const editor = new TemplateEditor(shelf, base, "", () => `step-new${++count}`);
  return { shelf, editor, ids: () => editor.state.get().draft.steps.map(({ id }) => id) };
}

describe("the steps of a work instruction", () => {
  it("are added, duplicated, moved and removed, and each of that can be taken back", () => {
    const { editor, ids } = opened();
    expect(editor.add("photo", "step-bolts")).toBe("step-new1");
    expect(editor.duplicate("step-bolts")).toBe("step-new2");
    expect(ids()).toEqual(["step-bolts", "step-new2", "step-new1", "step-guard"]);
    editor.move("step-guard", 0);
    editor.move("step-bolts", 99);
    expect(ids()).toEqual(["step-guard", "step-new2", "step-new1", "step-bolts"]);
    editor.place("step-guard", "step-new1", "after");
    expect(ids()).toEqual(["step-new2", "step-new1", "step-guard", "step-bolts"]);
    editor.place("step-bolts", "step-new2", "before");
    editor.remove("step-new1");
    expect(ids()).toEqual(["step-bolts", "step-new2", "step-guard"]);
    while (editor.state.get().canUndo) editor.undo();
    expect(ids()).toEqual(["step-bolts", "step-guard"]);
    expect(editor.state.get().isDirty).toBe(false);
    while (editor.state.get().canRedo) editor.redo();
    expect(ids()).toEqual(["step-bolts", "step-new2", "step-guard"]);
  });

  it("do not count a move to the same place, and end at the bound", () => {
    const { editor } = opened();
    editor.move("step-bolts", -3);
    editor.place("step-bolts", "step-guard", "before");
    expect(editor.state.get().canUndo).toBe(false);
    for (let count = 2; count < STEPS_MAX; count++) editor.add();
    expect(editor.add()).toBeNull();
    expect(editor.duplicate("step-bolts")).toBeNull();
  });

  it("take typing in one field as one edit", () => {
    const { editor } = opened();
    for (const title of ["C", "Ch", "Check"]) editor.change("step-guard", { title });
    editor.change("step-guard", { text: "Both locks" });
    editor.undo();
    expect(editor.state.get().draft.steps[1]).toMatchObject({ title: "Check", text: "" });
    editor.undo();
    expect(editor.state.get().draft.steps[1]?.title).toBe("Close the guard");
    editor.change("step-guard", { title: "Other" });
    expect(editor.state.get().canRedo).toBe(false);
  });

  it("say what is missing or does not fit", () => {
    const torque = draftStep(first.steps[0] ?? newStep("x", "x"));
    expect(torque).toMatchObject({ low: "23", target: "25", high: "27" });
    expect(stepOf({ ...torque, low: "23,5" }).low).toBe(23.5);
    expect([...stepFaults({ ...torque, title: " " })]).toEqual(["title"]);
    expect([...stepFaults({ ...torque, high: "about 30" })]).toEqual(["number"]);
    expect([...stepFaults({ ...torque, target: "", high: "20" })]).toEqual(["order"]);
    expect([...stepFaults({ ...torque, low: "" })]).toEqual([]);
    // What another kind does not ask for is not sent, and is there again when the kind is changed back.
    expect(stepFaults({ ...torque, kind: "photo", high: "x" }).size).toBe(0);
    expect(stepOf({ ...torque, kind: "photo" })).toMatchObject({ low: null, target: null, high: null });
  });
});

describe("saving a work instruction", () => {
  it("writes the next version of what it began with", async () => {
    const { editor, shelf } = opened();
    editor.setTitle(" Commission it ");
    expect(await editor.save()).toMatchObject({ version: 2, title: "Commission it" });
    expect(editor.state.get()).toMatchObject({ isDirty: false, base: { version: 2 } });
    editor.undo();
    expect(editor.state.get().isDirty).toBe(true);
    await editor.save();
    expect(shelf.latest).toMatchObject({ version: 3, title: "Commission the spindle" });
  });

  it("sends nothing that lacks something", async () => {
    const { editor, shelf } = opened(null);
    expect(await editor.save()).toBeNull();
    expect(editor.state.get()).toMatchObject({ isChecked: true, save: { kind: "resting" } });
    editor.setTitle("New");
    const id = editor.add() ?? "";
    expect(await editor.save()).toBeNull();
    editor.change(id, { title: "Look" });
    expect(await editor.save()).toMatchObject({ version: 1, title: "New" });
    expect(shelf.latest.steps).toHaveLength(1);
  });

  it("keeps all when the server is away", async () => {
    const { editor, shelf } = opened();
    editor.remove("step-guard");
    shelf.refuses = new ApiError("unavailable", 0, 0, {});
    expect(await editor.save()).toBeNull();
    expect(editor.state.get()).toMatchObject({
      isDirty: true,
      save: { kind: "failed", code: "unavailable" },
    });
    shelf.refuses = null;
    expect(await editor.save()).not.toBeNull();
  });

  it("asks when somebody else was faster, and can do either", async () => {
    const theirs: WrittenTemplate = { ...first, version: 2, title: "Theirs" };
    const giving = opened();
    giving.shelf.latest = theirs;
    giving.editor.setTitle("Mine");
    expect(await giving.editor.save()).toBeNull();
    expect(giving.editor.state.get().save).toEqual({ kind: "conflict", theirs });
    giving.editor.takeTheirs();
    expect(giving.editor.state.get()).toMatchObject({ isDirty: false, draft: { title: "Theirs" } });
    giving.editor.undo();
    expect(giving.editor.state.get()).toMatchObject({ isDirty: true, draft: { title: "Mine" } });

    const keeping = opened();
    keeping.shelf.latest = theirs;
    keeping.editor.setTitle("Mine");
    await keeping.editor.save();
    expect(await keeping.editor.keepMine()).toMatchObject({ version: 3, title: "Mine" });
  });

  it("brings the steps of an earlier version back as an edit", () => {
    const { editor, ids } = opened();
    editor.restore([newStep("step-older", "Older")]);
    expect(ids()).toEqual(["step-older"]);
    editor.undo();
    expect(ids()).toEqual(["step-bolts", "step-guard"]);
  });
});
