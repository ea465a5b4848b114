import { ChevronLeft, History, ListPlus, Redo2, Smartphone, Undo2 } from "lucide-react";
import { useEffect, useState, type KeyboardEvent } from "react";
import type { Organization } from "../../../state/api";
import type { Step } from "../../../state/assist/checklist-rules";
import {
  STEPS_MAX,
  stepFaults,
  TemplateEditor,
  type EditorState,
} from "../../../state/assist/template-editor";
import type { Templates, WrittenTemplate } from "../../../state/assist/templates";
import { useApp, useStore, useText } from "../../context";
import { Button, ButtonLink, IconButton } from "../../ui/button";
import { Confirm, Dialog, DialogActions, DialogText, Fault, type Question } from "../../ui/dialog";
import { Select, TextField } from "../../ui/fields";
import { HistoryDialog } from "./history-dialog";
import styles from "./instructions.module.css";
import { StepForm } from "./step-form";
import { StepList } from "./step-list";
import { StepPreview } from "./step-preview";
import { useInstructionWords } from "./words";

const TITLE_MAX_CHARS = 120;
/** Where list, form and preview stand side by side. */
const WIDE = "(min-width: 861px)";

export function EditorView({
  base,
  templates,
  organizations,
  onWritten,
}: {
  base: WrittenTemplate | null;
  templates: Templates;
  organizations: readonly Organization[];
  onWritten: (template: WrittenTemplate) => void;
}) {
  const words = useInstructionWords();
  const text = useText();
  const [editor] = useState(() => new TemplateEditor(templates, base));
  const state = useStore(editor.state);
  const { draft, save } = state;
  const mayChange = base?.may_change ?? true;
  const [selected, setSelected] = useState(() =>
    window.matchMedia(WIDE).matches ? (draft.steps[0]?.id ?? "") : "",
  );
  const [owner, setOwner] = useState(organizations[0]?.id ?? "");
  const [dialog, setDialog] = useState<"history" | "preview" | null>(null);
  const [said, setSaid] = useState({ words: "", draft });
  const leaving = useUnsavedGuard(state.isDirty);
  const index = draft.steps.findIndex(({ id }) => id === selected);
  const step = draft.steps[index];

  /** Stands until the next edit. */
  const say = (told: string) => setSaid({ words: told, draft: editor.state.get().draft });
  const written = (kept: WrittenTemplate | null) => {
    say(kept ? words.saved({ number: kept.version }) : "");
    if (kept) onWritten(kept);
  };
  const store = () => {
    editor.organizationId = base ? "" : owner;
    void editor.save().then(written);
  };
  const add = () => {
    const id = editor.add("check", selected);
    if (id) setSelected(id);
    say(id ? "" : words.tooMany({ count: STEPS_MAX }));
  };
  const remove = () => {
    if (!step) return;
    const next = draft.steps[index + 1] ?? draft.steps[index - 1];
    editor.remove(step.id);
    setSelected(window.matchMedia(WIDE).matches ? (next?.id ?? "") : "");
    say(words.removed({ title: step.title.trim() || words.untitled }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const act = {
      z: () => (event.shiftKey ? editor.redo() : editor.undo()),
      y: () => editor.redo(),
      s: store,
    }[key];
    if (!act || !mayChange) return;
    event.preventDefault();
    act();
  };
  return (
    <div onKeyDown={onKeyDown}>
      <ButtonLink tone="quiet" href="/assist/instructions">
        <ChevronLeft size={16} aria-hidden /> {words.back}
      </ButtonLink>
      <div className={styles.head}>
        <h1 className={styles.title}>{draft.title.trim() || words.newTitle}</h1>
        <span className={styles.soft} role="status">
          {(said.draft === draft && said.words) ||
            (state.isDirty ? words.unsaved : state.base ? words.version({ number: state.base.version }) : "")}
        </span>
        <div className={styles.tools}>
          {mayChange ? (
            <>
              <IconButton
                name={words.undo}
                shortcut="Ctrl Z"
                isDisabled={!state.canUndo}
                onPress={() => editor.undo()}
                testId="undo"
              >
                <Undo2 size={18} aria-hidden />
              </IconButton>
              <IconButton
                name={words.redo}
                shortcut="Ctrl Shift Z"
                isDisabled={!state.canRedo}
                onPress={() => editor.redo()}
              >
                <Redo2 size={18} aria-hidden />
              </IconButton>
            </>
          ) : null}
          {state.base ? (
            <IconButton name={words.history} onPress={() => setDialog("history")} testId="history">
              <History size={18} aria-hidden />
            </IconButton>
          ) : null}
          <span className={styles.narrowOnly}>
            <IconButton name={words.preview} onPress={() => setDialog("preview")} testId="open-preview">
              <Smartphone size={18} aria-hidden />
            </IconButton>
          </span>
          {mayChange ? (
            <Button tone="primary" large isPending={save.kind === "saving"} onPress={store} testId="save">
              {words.save}
            </Button>
          ) : null}
        </div>
      </div>
      <Faults state={state} />
      {save.kind === "failed" ? <Fault>{text.errors[save.code as keyof typeof text.errors]}</Fault> : null}
      {mayChange ? (
        <div className={styles.about}>
          <TextField
            label={words.name}
            value={draft.title}
            onChange={(title) => editor.setTitle(title)}
            placeholder={words.namePlaceholder}
            maxLength={TITLE_MAX_CHARS}
            fault={state.isChecked && !draft.title.trim() ? words.titleMissing : null}
            testId="title"
          />
          {!base && organizations.length > 1 ? (
            <Select
              label={words.organization}
              options={organizations.map(({ id, name }) => ({ id, label: name }))}
              selected={owner}
              onChange={setOwner}
            />
          ) : null}
        </div>
      ) : (
        <p className={styles.notice}>{words.readOnly}</p>
      )}
      <div className={styles.columns} data-editing={step !== undefined} data-fixed={!mayChange}>
        {mayChange ? (
          <>
            <div className={styles.listColumn}>
              {draft.steps.length === 0 ? (
                <p className={styles.none}>
                  <strong>{words.noSteps}</strong>
                  {words.noStepsText}
                </p>
              ) : (
                <>
                  <StepList
                    steps={draft.steps}
                    selected={selected}
                    onSelect={setSelected}
                    editor={editor}
                    isChecked={state.isChecked}
                  />
                  <p className={styles.hint}>{words.reorderHint}</p>
                </>
              )}
              <Button large wide onPress={add} testId="add-step">
                <ListPlus size={18} aria-hidden /> {words.addStep}
              </Button>
            </div>
            <div className={styles.formColumn}>
              <span className={styles.narrowOnly}>
                <Button tone="quiet" onPress={() => setSelected("")}>
                  <ChevronLeft size={16} aria-hidden /> {words.toSteps}
                </Button>
              </span>
              {step ? (
                <StepForm
                  key={step.id}
                  step={step}
                  index={index}
                  count={draft.steps.length}
                  editor={editor}
                  isChecked={state.isChecked}
                  onDuplicate={() => setSelected(editor.duplicate(step.id) ?? step.id)}
                  onRemove={remove}
                />
              ) : (
                <p className={styles.none}>{words.chooseStep}</p>
              )}
            </div>
          </>
        ) : null}
        <aside className={styles.previewColumn} aria-label={words.previewTitle}>
          <h2>{words.previewTitle}</h2>
          <StepPreview steps={draft.steps} selected={selected} />
        </aside>
      </div>
      {dialog === "history" && state.base ? (
        <HistoryDialog
          id={state.base.id}
          templates={templates}
          onClose={() => setDialog(null)}
          onRestore={
            mayChange
              ? (version: number, steps: readonly Step[]) => {
                  editor.restore(steps);
                  setSelected("");
                  say(words.restored({ number: version }));
                  setDialog(null);
                }
              : null
          }
        />
      ) : null}
      <Dialog title={words.previewTitle} isOpen={dialog === "preview"} onClose={() => setDialog(null)}>
        <StepPreview steps={draft.steps} selected={selected || (draft.steps[0]?.id ?? "")} />
      </Dialog>
      {save.kind === "conflict" ? (
        <Dialog title={words.conflictTitle} isOpen onClose={() => undefined} role="alertdialog">
          <DialogText>
            {words.conflictText({ number: save.theirs.version, title: save.theirs.title })}
          </DialogText>
          <DialogActions>
            <Button onPress={() => editor.takeTheirs()} testId="take-theirs">
              {words.takeTheirs}
            </Button>
            <Button tone="primary" onPress={() => void editor.keepMine().then(written)} testId="keep-mine">
              {words.keepMine}
            </Button>
          </DialogActions>
        </Dialog>
      ) : null}
      <Confirm
        question={
          leaving.leave
            ? ({
                title: words.leaveTitle,
                text: words.leaveText({ title: draft.title.trim() || words.newTitle }),
                action: words.leave,
                run: leaving.leave,
              } satisfies Question)
            : null
        }
        onClose={leaving.stay}
      />
    </div>
  );
}

/** What a try to save has found. */
function Faults({ state: { draft, isChecked } }: { state: EditorState }) {
  const words = useInstructionWords();
  const count = draft.steps.filter((step) => stepFaults(step).size > 0).length;
  if (!isChecked) return null;
  if (draft.steps.length === 0) return <Fault>{words.stepsMissing}</Fault>;
  return count > 0 ? <Fault>{words.incomplete({ count })}</Fault> : null;
}

/** Asks before what was not saved is left, within the site by a question of ours, else by the browser's. */
function useUnsavedGuard(isDirty: boolean): { leave: (() => void) | null; stay: () => void } {
  const { router } = useApp();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!isDirty) return;
    const release = router.hold((go) => setLeave(() => go));
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => {
      release();
      window.removeEventListener("beforeunload", warn);
    };
  }, [isDirty, router]);
  return { leave, stay: () => setLeave(null) };
}
