import { Camera, Check, CircleAlert, CloudOff, SkipForward, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import type { ShownStep } from "../../../state/assist/checklist";
import {
  expectedText,
  isMeasured,
  isWithin,
  missing,
  newAnswer,
  readNumber,
  unitOf,
  type Answer,
  type AnswerState,
  type Missing,
  type Stroke,
} from "../../../state/assist/checklist-rules";
import { Button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { TextField } from "../../ui/fields";
import styles from "./checklist.module.css";
import { SignaturePad } from "./signature-pad";
import { useChecklistWords } from "./words";

export type Give = (stepId: string, state: AnswerState, fields: Partial<Answer>) => void;

const ICONS = { open: null, done: <Check />, failed: <CircleAlert />, skipped: <SkipForward /> } as const;

/** One step: a line when it is answered, a form when it is its turn. */
export function StepCard({
  shown,
  number,
  isCurrent,
  isFixed,
  give,
  takePhoto,
  showMark,
  Title = "h4",
}: {
  shown: ShownStep;
  number: number;
  isCurrent: boolean;
  isFixed: boolean;
  give: Give;
  takePhoto: (() => Promise<string | null>) | null;
  showMark: ((markId: string) => void) | null;
  /** Below the heading that is there. */
  Title?: "h3" | "h4";
}) {
  const words = useChecklistWords();
  const [isChanging, setChanging] = useState(false);
  const { step, answer, state } = shown;
  const isOpen = !isFixed && (isCurrent || isChanging);
  const expected = expectedText(step);
  return (
    <li
      className={classes(styles.step, isOpen && styles.current)}
      data-testid="step"
      data-state={state}
      data-waiting={shown.isWaiting}
    >
      <div className={styles.head}>
        <span className={styles.number} data-state={state} title={words.states[state]}>
          {ICONS[state] ?? step.mark?.number ?? number}
        </span>
        <div className={styles.about}>
          <Title>{step.title}</Title>
          {step.text ? <p className={styles.text}>{step.text}</p> : null}
          {expected ? <p className={styles.soft}>{words.expected({ text: expected })}</p> : null}
          {state !== "open" && !isOpen ? <Outcome shown={shown} /> : null}
          {shown.isWaiting ? (
            <p className={styles.weak}>
              <CloudOff aria-hidden="true" /> {words.waiting}
            </p>
          ) : null}
        </div>
        {step.mark && showMark ? (
          <Button tone="quiet" onPress={() => showMark(step.mark?.mark_id ?? "")}>
            {words.markTitle({ number: step.mark.number })}
          </Button>
        ) : null}
        {state !== "open" && !isOpen && !isFixed ? (
          <Button tone="quiet" label={`${words.change} ${step.title}`} onPress={() => setChanging(true)}>
            {words.change}
          </Button>
        ) : null}
      </div>
      {isOpen ? (
        <StepForm
          key={answer?.at_ms ?? 0}
          shown={shown}
          takePhoto={takePhoto}
          give={(given, fields) => {
            setChanging(false);
            give(step.id, given, fields);
          }}
        />
      ) : null}
    </li>
  );
}

function Outcome({ shown: { step, answer, state, name } }: { shown: ShownStep }) {
  const words = useChecklistWords();
  if (!answer) return null;
  const said = [
    answer.number === null ? "" : `${answer.number} ${unitOf(step)}`.trim(),
    answer.yes === null ? "" : answer.yes ? words.yes : words.no,
    answer.text,
    answer.still_ids.length > 0 ? words.photos({ count: answer.still_ids.length }) : "",
    answer.note,
  ].filter(Boolean);
  return (
    <p className={state === "failed" ? styles.bad : styles.soft}>
      {[words.states[state], ...said, name && words.by({ name })].filter(Boolean).join(" · ")}
    </p>
  );
}

function StepForm({
  shown: { step, answer },
  takePhoto,
  give,
}: {
  shown: ShownStep;
  takePhoto: (() => Promise<string | null>) | null;
  give: (state: AnswerState, fields: Partial<Answer>) => void;
}) {
  const words = useChecklistWords();
  const [typed, setTyped] = useState(answer?.number === null ? "" : String(answer?.number ?? ""));
  const [text, setText] = useState(answer?.text ?? "");
  const [note, setNote] = useState(answer?.note ?? "");
  const [yes, setYes] = useState(answer?.yes ?? null);
  const [stills, setStills] = useState(answer?.still_ids ?? []);
  const [strokes, setStrokes] = useState<readonly Stroke[]>(answer?.strokes ?? []);
  const [fault, setFault] = useState<Missing | null>(null);
  const [isSkipping, setSkipping] = useState(false);
  const [isTaking, setTaking] = useState(false);
  const number = isMeasured(step) ? readNumber(typed) : null;
  const wantsPhoto = step.photo || step.kind === "photo";

  const finish = (state: AnswerState) => {
    const fields = { number, yes, text, note, still_ids: stills, strokes };
    const lacks = missing(step, newAnswer(state, 0, fields));
    setFault(lacks);
    if (lacks === "note" && state === "skipped") setSkipping(true);
    if (!lacks) give(state, fields);
  };
  const photograph = () => {
    setTaking(true);
    void takePhoto?.()
      .then((id) => {
        if (id) setStills((taken) => [...taken, id]);
      })
      .finally(() => setTaking(false));
  };
  const within = isWithin(step, number);
  return (
    <div className={styles.form}>
      {isMeasured(step) ? (
        <div className={styles.measure}>
          <TextField
            label={`${words.value}${unitOf(step) ? ` (${unitOf(step)})` : ""}`}
            value={typed}
            onChange={setTyped}
            fault={fault === "number" ? words.missing.number : within === false ? words.states.failed : null}
            testId="step-value"
          />
        </div>
      ) : null}
      {step.kind === "text" ? (
        <TextField
          label={words.words}
          value={text}
          onChange={setText}
          fault={fault === "text" ? words.missing.text : null}
        />
      ) : null}
      {step.kind === "yes_no" ? (
        <YesNo yes={yes} onChange={setYes} fault={fault === "yes" ? words.missing.yes : null} />
      ) : null}
      {wantsPhoto ? (
        <Row fault={fault === "still_ids" ? words.missing.still_ids : null}>
          {takePhoto ? (
            <Button large isPending={isTaking} onPress={photograph} testId="step-photo">
              <Camera aria-hidden="true" /> {words.takePhoto}
            </Button>
          ) : null}
          {stills.length > 0 ? <span>{words.photos({ count: stills.length })}</span> : null}
        </Row>
      ) : null}
      {step.kind === "signature" ? (
        <Row fault={fault === "strokes" ? words.missing.strokes : null}>
          <SignaturePad label={words.signHere} strokes={strokes} onChange={setStrokes} />
          <Button tone="quiet" onPress={() => setStrokes([])}>
            {words.clear}
          </Button>
        </Row>
      ) : null}
      {isSkipping ? (
        <TextField
          label={words.skipReason}
          value={note}
          onChange={setNote}
          autoFocus
          fault={fault === "note" ? words.missing.note : null}
        />
      ) : (
        <TextField label={words.note} value={note} onChange={setNote} maxLength={2_000} />
      )}
      <div className={styles.actions}>
        <Button tone="primary" large onPress={() => finish("done")} testId="step-done">
          <Check aria-hidden="true" /> {words.done}
        </Button>
        <Button large onPress={() => finish("failed")}>
          <X aria-hidden="true" /> {words.notInOrder}
        </Button>
        <Button large tone="quiet" onPress={() => finish("skipped")}>
          {words.skip}
        </Button>
      </div>
    </div>
  );
}

function YesNo({
  yes,
  onChange,
  fault,
}: {
  yes: boolean | null;
  onChange: (yes: boolean) => void;
  fault: string | null;
}) {
  const words = useChecklistWords();
  return (
    <Row fault={fault}>
      <ToggleButtonGroup
        className={styles.choice ?? ""}
        disallowEmptySelection
        selectedKeys={yes === null ? [] : [String(yes)]}
        onSelectionChange={(keys) => onChange(keys.has("true"))}
      >
        <ToggleButton id="true">{words.yes}</ToggleButton>
        <ToggleButton id="false">{words.no}</ToggleButton>
      </ToggleButtonGroup>
    </Row>
  );
}

function Row({ children, fault }: { children: ReactNode; fault: string | null }) {
  return (
    <div>
      <div className={styles.row}>{children}</div>
      {fault ? (
        <p className={styles.bad} role="alert">
          {fault}
        </p>
      ) : null}
    </div>
  );
}
