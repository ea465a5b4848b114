import { ArrowDown, ArrowUp, Copy, Trash2 } from "lucide-react";
import { Label, TextArea, TextField as AriaTextField } from "react-aria-components";
import { expectedText, isMeasured, type StepKind } from "../../../state/assist/checklist-rules";
import {
  STEP_KINDS,
  stepFaults,
  stepOf,
  type DraftStep,
  type TemplateEditor,
} from "../../../state/assist/template-editor";
import { Button } from "../../ui/button";
import controls from "../../ui/controls.module.css";
import { Select, Switch, TextField } from "../../ui/fields";
import styles from "./instructions.module.css";
import { useInstructionWords } from "./words";

const TITLE_MAX_CHARS = 120;
const TEXT_MAX_CHARS = 2_000;
const UNIT_MAX_CHARS = 16;

/** Everything about one step. Faults of what is typed show at once, what is missing only after a try to save. */
export function StepForm({
  step,
  index,
  count,
  editor,
  isChecked,
  onDuplicate,
  onRemove,
}: {
  step: DraftStep;
  index: number;
  count: number;
  editor: TemplateEditor;
  isChecked: boolean;
  onDuplicate: () => void;
  onRemove: () => void;
}) {
  const words = useInstructionWords();
  const faults = stepFaults(step);
  const expected = expectedText(stepOf(step));
  const change = (fields: Partial<DraftStep>) => editor.change(step.id, fields);
  return (
    <section className={styles.form} aria-label={words.step({ number: index + 1 })}>
      <h2>{words.step({ number: index + 1 })}</h2>
      <TextField
        label={words.stepTitle}
        value={step.title}
        onChange={(title) => change({ title })}
        maxLength={TITLE_MAX_CHARS}
        autoFocus={!step.title}
        fault={isChecked && faults.has("title") ? words.faults.title : null}
        testId="step-title"
      />
      <AriaTextField
        className={controls.field ?? ""}
        value={step.text}
        onChange={(text) => change({ text })}
        maxLength={TEXT_MAX_CHARS}
      >
        <Label className={controls.label}>{words.text}</Label>
        <TextArea className={controls.input ?? ""} rows={3} />
      </AriaTextField>
      <Select
        label={words.kind}
        options={STEP_KINDS.map((id) => ({ id, label: words.kinds[id] }))}
        selected={step.kind}
        onChange={(kind) => change({ kind: kind as StepKind })}
      />
      {isMeasured(stepOf(step)) ? (
        <div>
          <div className={styles.limits}>
            {(["low", "target", "high"] as const).map((name) => (
              <TextField
                key={name}
                label={words[name]}
                value={step[name]}
                onChange={(typed) => change({ [name]: typed })}
                maxLength={20}
                testId={`step-${name}`}
              />
            ))}
            <TextField
              label={words.unit}
              value={step.unit}
              onChange={(unit) => change({ unit })}
              placeholder={step.kind === "torque" ? "N·m" : ""}
              maxLength={UNIT_MAX_CHARS}
            />
          </div>
          {faults.has("number") || faults.has("order") ? (
            <p className={styles.bad} role="alert">
              {faults.has("number") ? words.faults.number : words.faults.order}
            </p>
          ) : (
            <p className={styles.soft} data-testid="expected">
              {expected ? words.expected({ text: expected }) : words.nothingExpected}
            </p>
          )}
        </div>
      ) : null}
      <Switch isSelected={step.required} onChange={(required) => change({ required })}>
        {words.required}
      </Switch>
      {step.kind === "photo" ? null : (
        <Switch isSelected={step.photo} onChange={(photo) => change({ photo })}>
          {words.photo}
        </Switch>
      )}
      <div className={styles.stepActions}>
        <Button isDisabled={index === 0} onPress={() => editor.move(step.id, index - 1)}>
          <ArrowUp size={16} aria-hidden /> {words.earlier}
        </Button>
        <Button isDisabled={index === count - 1} onPress={() => editor.move(step.id, index + 1)}>
          <ArrowDown size={16} aria-hidden /> {words.later}
        </Button>
        <Button onPress={onDuplicate}>
          <Copy size={16} aria-hidden /> {words.duplicate}
        </Button>
        <Button onPress={onRemove}>
          <Trash2 size={16} aria-hidden /> {words.remove}
        </Button>
      </div>
    </section>
  );
}
