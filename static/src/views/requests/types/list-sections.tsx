import { Plus } from "lucide-react";
import {
  FIELD_KINDS,
  freeId,
  newField,
  NO_PHRASE,
  sourcesFor,
  withFields,
} from "../../../state/requests/builder";
import { isRequired, said } from "../../../state/requests/form";
import type {
  Definition,
  Field,
  Outcome,
  ReplyTemplate,
  RequiredDocument,
  Reviewer,
  ReviewStep,
} from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { Button } from "../../ui/button";
import { Menu, MenuItem } from "../../ui/menu";
import form from "../form/form.module.css";
import styles from "./builder.module.css";
import { ConditionEditor } from "./condition-editor";
import { FieldEditor } from "./field-editor";
import { FaultLine, Pick, PhraseInput, Tick, Ticks } from "./inputs";
import { ListEditor } from "./list-editor";
import { WhoPick, type SectionProps } from "./sections";
import { useTypeWords } from "./words";

const FIELDS_MAX = 60;
const STEPS_MAX = 6;
const DOCUMENTS_MAX = 20;
const REPLIES_MAX = 30;

export function FieldsSection({ definition, faults, onChange }: SectionProps) {
  const words = useTypeWords();
  const locale = useLocale();
  return (
    <ListEditor<Field>
      items={definition.fields}
      path="fields"
      faults={faults}
      nameOf={(field) => said(field.label, locale)}
      noteOf={(field) => words.fieldKinds[field.kind]}
      canRemove={definition.fields.length > 1}
      onChange={(fields) => onChange(withFields(definition, fields))}
      add={(open) => (
        <Menu
          label={words.addField}
          placement="bottom"
          trigger={
            <Button isDisabled={definition.fields.length >= FIELDS_MAX} testId="add-field">
              <Plus size={16} aria-hidden />
              {words.addField}
            </Button>
          }
        >
          {FIELD_KINDS.map((kind) => (
            <MenuItem
              key={kind}
              testId={`add-${kind}`}
              onAction={() => {
                const ids = definition.fields.map((one) => one.id);
                onChange({ ...definition, fields: [...definition.fields, newField(kind, ids)] });
                open(definition.fields.length);
              }}
            >
              {words.fieldKinds[kind]}
            </MenuItem>
          ))}
        </Menu>
      )}
    >
      {(field, at, change, inside) => (
        <FieldEditor
          field={field}
          sources={sourcesFor(definition, at)}
          faults={inside}
          onChange={(next) => change(next)}
        />
      )}
    </ListEditor>
  );
}

export function StepsSection({ definition, faults, groups, onChange }: SectionProps) {
  const words = useTypeWords();
  const locale = useLocale();
  const set = (change: Partial<Definition>): void => onChange({ ...definition, ...change });
  const { steps } = definition;
  return (
    <div className={styles.editor}>
      <ListEditor<ReviewStep>
        items={steps}
        path="steps"
        faults={faults}
        nameOf={(step) => said(step.name, locale)}
        noteOf={(step) => words.askedKinds[step.by.kind]}
        canRemove={steps.length > 1}
        onChange={(next) => set({ steps: next })}
        add={(open) => (
          <Button
            isDisabled={steps.length >= STEPS_MAX}
            onPress={() => {
              const id = freeId(
                "step",
                steps.map((one) => one.id),
              );
              set({ steps: [...steps, { id, name: NO_PHRASE, by: { kind: "owner" } }] });
              open(steps.length);
            }}
          >
            <Plus size={16} aria-hidden />
            {words.addStep}
          </Button>
        )}
      >
        {(step, _at, change, inside) => (
          <div className={styles.editor}>
            <PhraseInput
              label={words.name}
              value={step.name}
              fault={inside["name"]}
              onChange={(name) => change({ ...step, name })}
            />
            <WhoPick
              label={words.stepBy}
              kinds={["owner", "administrators", "group"]}
              value={step.by}
              groups={groups}
              onChange={(by) => change({ ...step, by: by as Reviewer })}
            />
          </div>
        )}
      </ListEditor>
      <FaultLine fault={faults["steps"]} />
      <Ticks<Outcome>
        label={words.outcomes}
        names={words.outcomeNames}
        picked={definition.outcomes ?? ["approved", "rejected"]}
        fault={faults["outcomes"]}
        onChange={(outcomes) => set({ outcomes })}
      />
      <Pick
        label={words.finish}
        names={words.finishes}
        selected={definition.finish ?? "at_once"}
        onChange={(finish) => set({ finish })}
      />
    </div>
  );
}

export function DocumentsSection({ definition, faults, onChange }: SectionProps) {
  const words = useTypeWords();
  const locale = useLocale();
  const documents = definition.documents ?? [];
  const set = (next: readonly RequiredDocument[]): void => onChange({ ...definition, documents: next });
  return (
    <>
      <ListEditor<RequiredDocument>
        items={documents}
        path="documents"
        faults={faults}
        nameOf={(document) => said(document.name, locale)}
        onChange={set}
        add={(open) => (
          <Button
            isDisabled={documents.length >= DOCUMENTS_MAX}
            testId="add-document"
            onPress={() => {
              const taken = [...documents.map((one) => one.id), ...definition.fields.map((one) => one.id)];
              set([...documents, { id: freeId("document", taken), name: NO_PHRASE }]);
              open(documents.length);
            }}
          >
            <Plus size={16} aria-hidden />
            {words.addDocument}
          </Button>
        )}
      >
        {(document, _at, change, inside) => (
          <div className={styles.editor}>
            <PhraseInput
              label={words.name}
              value={document.name}
              fault={inside["name"]}
              onChange={(name) => change({ ...document, name })}
            />
            <PhraseInput
              label={words.hint}
              value={document.hint}
              onChange={(hint) => change({ ...document, hint })}
            />
            <div className={form.choices}>
              <Tick isOn={isRequired(document)} onChange={(required) => change({ ...document, required })}>
                {words.isRequired}
              </Tick>
            </div>
            <ConditionEditor
              value={document.show_if}
              sources={sourcesFor(definition, definition.fields.length)}
              fault={inside["show_if"]}
              onChange={(show_if) => change({ ...document, show_if })}
            />
          </div>
        )}
      </ListEditor>
      <FaultLine fault={faults["documents"]} />
    </>
  );
}

export function RepliesSection({ definition, faults, onChange }: SectionProps) {
  const words = useTypeWords();
  const locale = useLocale();
  const replies = definition.replies ?? [];
  const set = (next: readonly ReplyTemplate[]): void => onChange({ ...definition, replies: next });
  const names = { question: words.replyQuestion, ...words.outcomeNames };
  return (
    <>
      <ListEditor<ReplyTemplate>
        items={replies}
        path="replies"
        faults={faults}
        nameOf={(reply) => said(reply.name, locale)}
        noteOf={(reply) => names[reply.outcome ?? "question"]}
        onChange={set}
        add={(open) => (
          <Button
            isDisabled={replies.length >= REPLIES_MAX}
            onPress={() => {
              const id = freeId(
                "reply",
                replies.map((one) => one.id),
              );
              set([...replies, { id, name: NO_PHRASE, text: NO_PHRASE, outcome: "approved" }]);
              open(replies.length);
            }}
          >
            <Plus size={16} aria-hidden />
            {words.addReply}
          </Button>
        )}
      >
        {(reply, _at, change, inside) => (
          <div className={styles.editor}>
            <PhraseInput
              label={words.name}
              value={reply.name}
              fault={inside["name"]}
              onChange={(name) => change({ ...reply, name })}
            />
            <PhraseInput
              label={words.replyText}
              value={reply.text}
              fault={inside["text"]}
              lines
              onChange={(text) => change({ ...reply, text })}
            />
            <p className={form.hint}>{words.replyPlaces}</p>
            <Pick<keyof typeof names>
              label={words.replyOutcome}
              names={names}
              selected={reply.outcome ?? "question"}
              onChange={(id) => change({ ...reply, outcome: id === "question" ? null : id })}
            />
          </div>
        )}
      </ListEditor>
      <FaultLine fault={faults["replies"]} />
    </>
  );
}
