import { useId, type ReactNode } from "react";
import type { Phrase } from "../../../state/requests/shapes";
import { Select } from "../../ui/fields";
import form from "../form/form.module.css";
import styles from "./builder.module.css";
import { faultText, useTypeWords } from "./words";

const PHRASE_MAX_CHARS = 1_000;

/** The same in Chinese and English, beside each other. */
export function PhraseInput({
  label,
  value,
  fault,
  lines,
  testId,
  onChange,
}: {
  label: string;
  value: Phrase | undefined;
  fault?: string | undefined;
  lines?: boolean;
  testId?: string;
  onChange: (value: Phrase) => void;
}) {
  const words = useTypeWords();
  const id = useId();
  const now = value ?? { zh: "", en: "" };
  return (
    <fieldset className={form.group} data-invalid={fault ? true : undefined}>
      <legend>{label}</legend>
      <div className={styles.phrase}>
        {(["zh", "en"] as const).map((language) => {
          const common = {
            className: form.input,
            value: now[language],
            maxLength: PHRASE_MAX_CHARS,
            lang: language,
            "aria-label": `${label}: ${words[language]}`,
            ...(fault && now[language].trim() === "" ? { "aria-invalid": true as const } : {}),
            ...(fault ? { "aria-describedby": `${id}-fault` } : {}),
            ...(testId ? { "data-testid": `${testId}-${language}` } : {}),
          };
          return (
            <label key={language} className={form.part}>
              <span>{words[language]}</span>
              {lines ? (
                <textarea
                  {...common}
                  rows={3}
                  onChange={(event) => onChange({ ...now, [language]: event.target.value })}
                />
              ) : (
                <input
                  {...common}
                  onChange={(event) => onChange({ ...now, [language]: event.target.value })}
                />
              )}
            </label>
          );
        })}
      </div>
      <FaultLine id={`${id}-fault`} fault={fault} />
    </fieldset>
  );
}

export function FaultLine({ fault, id }: { fault: string | undefined; id?: string }) {
  const words = useTypeWords();
  if (!fault) return null;
  return (
    <p className={form.fault} data-testid="definition-fault" {...(id ? { id } : {})}>
      {faultText(words, fault)}
    </p>
  );
}

export function PlainInput({
  label,
  value,
  hint,
  fault,
  type,
  onChange,
  testId,
}: {
  label: string;
  value: string;
  hint?: string;
  fault?: string | undefined;
  type?: "text" | "time";
  onChange: (value: string) => void;
  testId?: string;
}) {
  const id = useId();
  return (
    <div className={form.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={form.input}
        type={type ?? "text"}
        value={value}
        {...(fault ? { "aria-invalid": true as const } : {})}
        onChange={(event) => onChange(event.target.value)}
        {...(testId ? { "data-testid": testId } : {})}
      />
      {hint ? <p className={form.hint}>{hint}</p> : null}
      <FaultLine fault={fault} />
    </div>
  );
}

/** Null: no limit. */
export function CountInput({
  label,
  value,
  fault,
  onChange,
  testId,
}: {
  label: string;
  value: number | null | undefined;
  fault?: string | undefined;
  onChange: (value: number | null) => void;
  testId?: string;
}) {
  return (
    <PlainInput
      label={label}
      value={value === null || value === undefined || Number.isNaN(value) ? "" : String(value)}
      fault={fault}
      onChange={(text) => {
        const number = Number(text);
        if (text.trim() === "") onChange(null);
        else if (Number.isFinite(number)) onChange(number);
      }}
      {...(testId ? { testId } : {})}
    />
  );
}

export function Tick({
  children,
  isOn,
  onChange,
  testId,
}: {
  children: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  testId?: string;
}) {
  return (
    <label className={form.choice}>
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
        {...(testId ? { "data-testid": testId } : {})}
      />
      <span>{children}</span>
    </label>
  );
}

export function Ticks<T extends string>({
  label,
  names,
  picked,
  hint,
  fault,
  onChange,
}: {
  label: string;
  names: Readonly<Record<T, string>>;
  picked: readonly T[];
  hint?: string;
  fault?: string | undefined;
  onChange: (picked: readonly T[]) => void;
}) {
  return (
    <fieldset className={form.group}>
      <legend>{label}</legend>
      <div className={form.choices}>
        {(Object.keys(names) as T[]).map((id) => (
          <Tick
            key={id}
            isOn={picked.includes(id)}
            onChange={(isOn) => onChange(isOn ? [...picked, id] : picked.filter((one) => one !== id))}
          >
            {names[id]}
          </Tick>
        ))}
      </div>
      {hint ? <p className={form.hint}>{hint}</p> : null}
      <FaultLine fault={fault} />
    </fieldset>
  );
}

export function Pick<T extends string>({
  label,
  names,
  selected,
  onChange,
}: {
  label: string;
  names: Readonly<Record<T, string>>;
  selected: T;
  onChange: (id: T) => void;
}) {
  return (
    <Select
      label={label}
      selected={selected}
      options={(Object.keys(names) as T[]).map((id) => ({ id, label: names[id] }))}
      onChange={(id) => onChange(id as T)}
    />
  );
}
