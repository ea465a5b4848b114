import { isRequired, pickedIn, said, textOf } from "../../../state/requests/form";
import type {
  Address,
  Answer,
  ChoiceField,
  DateField,
  Field,
  NumberField,
  Person,
  TableRow,
  TextField,
} from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { FieldShell, type Parts } from "./field-shell";
import styles from "./form.module.css";
import { PeopleInput } from "./people-input";
import { TableInput } from "./table-input";
import { faultWords, rangeWords, useFormWords } from "./words";

const CHARS_SHOWN_FROM = 0.7;
const RADIOS_MAX = 6;

export interface FieldProps<F extends Field> {
  readonly field: F;
  readonly answer: Answer | undefined;
  readonly onChange: (answer: Answer) => void;
  readonly parts: Parts;
}

/** One field of a form, whatever its kind; files are elsewhere (files-input.tsx). */
export function FieldView({
  field,
  answer,
  fault,
  onChange,
}: {
  field: Exclude<Field, { kind: "file" }>;
  answer: Answer | undefined;
  fault: string | undefined;
  onChange: (answer: Answer) => void;
}) {
  const words = useFormWords();
  const locale = useLocale();
  const range = field.kind === "number" ? rangeWords(words, field.low, field.high) : "";
  const many = field.kind === "choice" && field.many ? words.anyOf : "";
  const hint = [said(field.hint, locale), range, many].filter(Boolean).join(" · ");
  const isGroup =
    field.kind === "people" ||
    field.kind === "table" ||
    field.kind === "address" ||
    (field.kind === "choice" && (Boolean(field.many) || field.choices.length <= RADIOS_MAX));
  return (
    <FieldShell
      anchor={`field-${field.id}`}
      label={said(field.label, locale)}
      hint={hint}
      fault={fault ? faultWords(words, field, fault) : undefined}
      isOptional={!isRequired(field)}
      isGroup={isGroup}
    >
      {(parts) => {
        const common = { answer, onChange, parts };
        switch (field.kind) {
          case "text":
            return <TextInput field={field} {...common} />;
          case "number":
            return <NumberInput field={field} {...common} />;
          case "choice":
            return <ChoiceInput field={field} {...common} />;
          case "date":
            return <DateInput field={field} {...common} />;
          case "people":
            return (
              <PeopleInput field={field} people={(answer ?? []) as readonly Person[]} onChange={onChange} />
            );
          case "table":
            return (
              <TableInput field={field} rows={(answer ?? []) as readonly TableRow[]} onChange={onChange} />
            );
          case "address":
            return <AddressInput address={(answer ?? {}) as Address} onChange={onChange} parts={parts} />;
        }
      }}
    </FieldShell>
  );
}

const described = (parts: Parts): { "aria-describedby"?: string; "aria-invalid"?: true } => ({
  ...(parts.describedBy ? { "aria-describedby": parts.describedBy } : {}),
  ...(parts.isInvalid ? { "aria-invalid": true as const } : {}),
});

function TextInput({ field, answer, onChange, parts }: FieldProps<TextField>) {
  const words = useFormWords();
  const value = typeof answer === "string" ? answer : "";
  const most = field.max_chars ?? 200;
  const left = most - [...value].length;
  return (
    <>
      {field.lines ? (
        <textarea
          id={parts.id}
          className={styles.input}
          rows={Math.min(10, Math.max(3, value.split("\n").length + 1))}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          {...described(parts)}
        />
      ) : (
        <input
          id={parts.id}
          className={styles.input}
          value={value}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          {...described(parts)}
        />
      )}
      {left < most * (1 - CHARS_SHOWN_FROM) ? (
        <p className={styles.hint} data-invalid={left < 0 ? true : undefined}>
          {words.chars({ left })}
        </p>
      ) : null}
    </>
  );
}

function NumberInput({ field, answer, onChange, parts }: FieldProps<NumberField>) {
  const locale = useLocale();
  const unit = said(field.unit, locale);
  return (
    <span className={styles.withUnit}>
      <input
        id={parts.id}
        className={styles.input}
        inputMode={field.whole ? "numeric" : "decimal"}
        autoComplete="off"
        value={textOf(answer)}
        onChange={(event) => onChange(event.target.value.replace(/[，,\s]/g, "").replace("。", "."))}
        {...described(parts)}
      />
      {unit ? <span>{unit}</span> : null}
    </span>
  );
}

function ChoiceInput({ field, answer, onChange, parts }: FieldProps<ChoiceField>) {
  const words = useFormWords();
  const locale = useLocale();
  const picked = pickedIn(field, answer);
  if (!field.many && field.choices.length > RADIOS_MAX)
    return (
      <select
        id={parts.id}
        className={styles.input}
        value={picked[0] ?? ""}
        onChange={(event) => onChange(event.target.value)}
        {...described(parts)}
      >
        <option value="">{isRequired(field) ? words.chooseOne : words.noChoice}</option>
        {field.choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {said(choice.label, locale)}
          </option>
        ))}
      </select>
    );
  return (
    <div className={styles.choices}>
      {field.choices.map((choice) => (
        <label key={choice.id} className={styles.choice}>
          <input
            type={field.many ? "checkbox" : "radio"}
            name={parts.id}
            checked={picked.includes(choice.id)}
            onChange={(event) => {
              if (!field.many) onChange(choice.id);
              else if (event.target.checked) onChange([...picked, choice.id]);
              else onChange(picked.filter((one) => one !== choice.id));
            }}
            onClick={() => {
              // What need not be answered can be taken back.
              if (!field.many && !isRequired(field) && picked[0] === choice.id) onChange("");
            }}
          />
          <span>{said(choice.label, locale)}</span>
        </label>
      ))}
    </div>
  );
}

function DateInput({ field, answer, onChange, parts }: FieldProps<DateField>) {
  const today = new Date();
  const day = (offset: number | null | undefined): string | undefined => {
    if (offset === null || offset === undefined) return undefined;
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() + offset);
    const text = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
    return field.time ? `${text}T${offset < 0 || offset === 0 ? "00:00" : "23:59"}` : text;
  };
  return (
    <input
      id={parts.id}
      type={field.time ? "datetime-local" : "date"}
      className={styles.dateInput}
      value={typeof answer === "string" ? answer : ""}
      min={day(field.earliest)}
      max={day(field.latest)}
      onChange={(event) => onChange(event.target.value.slice(0, 16))}
      {...described(parts)}
    />
  );
}

function AddressInput({
  address,
  onChange,
  parts,
}: {
  address: Address;
  onChange: (answer: Answer) => void;
  parts: Parts;
}) {
  const words = useFormWords();
  return (
    <div className={styles.pair}>
      {(["region", "detail"] as const).map((part) => (
        <label key={part} className={styles.part}>
          {words.address[part]}
          <input
            className={styles.input}
            value={address[part] ?? ""}
            maxLength={part === "region" ? 120 : 200}
            onChange={(event) => onChange({ ...address, [part]: event.target.value })}
            {...(part === "detail" ? described(parts) : {})}
          />
        </label>
      ))}
    </div>
  );
}
