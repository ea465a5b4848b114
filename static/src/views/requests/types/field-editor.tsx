import { Plus, Trash2 } from "lucide-react";
import { faultsUnder, freeId, NO_PHRASE, replaced, without } from "../../../state/requests/builder";
import { isRequired, said } from "../../../state/requests/form";
import type { Choice, ChoiceField, Column, Field, TableField } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { Button, IconButton } from "../../ui/button";
import form from "../form/form.module.css";
import styles from "./builder.module.css";
import { ConditionEditor } from "./condition-editor";
import { CountInput, FaultLine, Pick, PhraseInput, Tick, Ticks } from "./inputs";
import { ListEditor } from "./list-editor";
import { useTypeWords } from "./words";

type Faults = Readonly<Record<string, string>>;

/** Everything about one field. */
export function FieldEditor({
  field,
  sources,
  faults,
  onChange,
}: {
  field: Field;
  sources: readonly ChoiceField[];
  faults: Faults;
  onChange: (field: Field) => void;
}) {
  const words = useTypeWords();
  return (
    <div className={styles.editor}>
      <PhraseInput
        label={words.label}
        value={field.label}
        fault={faults["label"]}
        onChange={(label) => onChange({ ...field, label })}
        testId="field-label"
      />
      <PhraseInput label={words.hint} value={field.hint} onChange={(hint) => onChange({ ...field, hint })} />
      <div className={form.choices}>
        <Tick isOn={isRequired(field)} onChange={(required) => onChange({ ...field, required })}>
          {words.isRequired}
        </Tick>
      </div>
      <KindEditor field={field} faults={faults} onChange={onChange} />
      <ConditionEditor
        value={field.show_if}
        sources={sources}
        fault={faults["show_if"]}
        onChange={(show_if) => onChange({ ...field, show_if })}
      />
      <FaultLine fault={faults["id"] ?? faults[""]} />
    </div>
  );
}

function KindEditor({
  field,
  faults,
  onChange,
}: {
  field: Field;
  faults: Faults;
  onChange: (field: Field) => void;
}) {
  const words = useTypeWords();
  switch (field.kind) {
    case "text":
      return (
        <div className={styles.row}>
          <Tick isOn={field.lines ?? false} onChange={(lines) => onChange({ ...field, lines })}>
            {words.lines}
          </Tick>
          <CountInput
            label={words.maxChars}
            value={field.max_chars ?? 200}
            fault={faults["max_chars"]}
            onChange={(most) => onChange({ ...field, max_chars: most ?? NaN })}
          />
        </div>
      );
    case "number":
      return (
        <>
          <div className={styles.row}>
            <CountInput label={words.low} value={field.low} onChange={(low) => onChange({ ...field, low })} />
            <CountInput
              label={words.high}
              value={field.high}
              fault={faults["high"]}
              onChange={(high) => onChange({ ...field, high })}
            />
            <Tick isOn={field.whole ?? false} onChange={(whole) => onChange({ ...field, whole })}>
              {words.whole}
            </Tick>
          </div>
          <PhraseInput
            label={words.unit}
            value={field.unit}
            onChange={(unit) => onChange({ ...field, unit })}
          />
        </>
      );
    case "choice":
      return <Choices field={field} faults={faults} onChange={onChange} />;
    case "date":
      return (
        <div className={styles.row}>
          <Tick isOn={field.time ?? false} onChange={(time) => onChange({ ...field, time })}>
            {words.withTime}
          </Tick>
          <CountInput
            label={words.earliest}
            value={field.earliest}
            onChange={(earliest) => onChange({ ...field, earliest })}
          />
          <CountInput
            label={words.latest}
            value={field.latest}
            fault={faults["latest"]}
            onChange={(latest) => onChange({ ...field, latest })}
          />
        </div>
      );
    case "people":
      return (
        <>
          <Ticks
            label={words.parts}
            names={words.personParts}
            picked={field.parts ?? ["phone"]}
            onChange={(parts) => onChange({ ...field, parts })}
          />
          <CountInput
            label={words.maxPeople}
            value={field.max_people ?? 200}
            fault={faults["max_people"]}
            onChange={(most) => onChange({ ...field, max_people: most ?? NaN })}
          />
        </>
      );
    case "table":
      return <Columns field={field} faults={faults} onChange={onChange} />;
    case "file":
      return (
        <CountInput
          label={words.maxFiles}
          value={field.max_files ?? 5}
          fault={faults["max_files"]}
          onChange={(most) => onChange({ ...field, max_files: most ?? NaN })}
        />
      );
    case "address":
      return null;
  }
}

function Choices({
  field,
  faults,
  onChange,
}: {
  field: ChoiceField;
  faults: Faults;
  onChange: (field: Field) => void;
}) {
  const words = useTypeWords();
  const set = (choices: readonly Choice[]): void => onChange({ ...field, choices });
  return (
    <fieldset className={form.group}>
      <legend>{words.choices}</legend>
      {field.choices.map((choice, at) => (
        <div key={choice.id} className={styles.choiceRow}>
          <PhraseInput
            label={words.unnamed({ number: at + 1 })}
            value={choice.label}
            fault={faultsUnder(faults, `choices.${at}`)["label"]}
            onChange={(label) => set(replaced(field.choices, at, { ...choice, label }))}
            testId="choice"
          />
          <IconButton
            name={words.remove({ name: choice.label.zh || words.unnamed({ number: at + 1 }) })}
            isDisabled={field.choices.length === 1}
            onPress={() => set(without(field.choices, at))}
          >
            <Trash2 size={16} aria-hidden />
          </IconButton>
        </div>
      ))}
      <FaultLine fault={faults["choices"]} />
      <div className={styles.row}>
        <Button
          onPress={() => {
            const ids = field.choices.map((one) => one.id);
            set([...field.choices, { id: freeId("choice", ids), label: NO_PHRASE }]);
          }}
          testId="add-choice"
        >
          <Plus size={16} aria-hidden />
          {words.addChoice}
        </Button>
        <Tick isOn={field.many ?? false} onChange={(many) => onChange({ ...field, many })}>
          {words.many}
        </Tick>
      </div>
    </fieldset>
  );
}

function Columns({
  field,
  faults,
  onChange,
}: {
  field: TableField;
  faults: Faults;
  onChange: (field: Field) => void;
}) {
  const words = useTypeWords();
  const locale = useLocale();
  return (
    <fieldset className={form.group}>
      <legend>{words.columns}</legend>
      <ListEditor<Column>
        items={field.columns}
        path="columns"
        faults={faults}
        nameOf={(column) => said(column.label, locale)}
        canRemove={field.columns.length > 1}
        onChange={(columns) => onChange({ ...field, columns })}
        add={(open) => (
          <Button
            onPress={() => {
              const ids = field.columns.map((one) => one.id);
              onChange({
                ...field,
                columns: [...field.columns, { id: freeId("column", ids), label: NO_PHRASE }],
              });
              open(field.columns.length);
            }}
          >
            <Plus size={16} aria-hidden />
            {words.addColumn}
          </Button>
        )}
      >
        {(column, _at, change, inside) => (
          <div className={styles.editor}>
            <PhraseInput
              label={words.label}
              value={column.label}
              fault={inside["label"]}
              onChange={(label) => change({ ...column, label })}
            />
            <div className={styles.row}>
              <Pick
                label={words.columnKind}
                names={words.columnKinds}
                selected={column.kind ?? "text"}
                onChange={(kind) => change({ ...column, kind })}
              />
              <Tick isOn={isRequired(column)} onChange={(required) => change({ ...column, required })}>
                {words.isRequired}
              </Tick>
            </div>
          </div>
        )}
      </ListEditor>
      <CountInput
        label={words.maxRows}
        value={field.max_rows ?? 50}
        fault={faults["max_rows"]}
        onChange={(most) => onChange({ ...field, max_rows: most ?? NaN })}
      />
    </fieldset>
  );
}
