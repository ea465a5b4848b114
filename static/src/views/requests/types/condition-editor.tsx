import { said } from "../../../state/requests/form";
import type { ChoiceField, Condition } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { Select } from "../../ui/fields";
import form from "../form/form.module.css";
import { FaultLine, Tick } from "./inputs";
import { useTypeWords } from "./words";

/** When something is asked: always, or if an earlier choice was one of these. */
export function ConditionEditor({
  value,
  sources,
  fault,
  onChange,
}: {
  value: Condition | null | undefined;
  sources: readonly ChoiceField[];
  fault: string | undefined;
  onChange: (value: Condition | null) => void;
}) {
  const words = useTypeWords();
  const locale = useLocale();
  if (sources.length === 0 && !value) return null;
  const source = sources.find((one) => one.id === value?.field);
  return (
    <div className={form.field}>
      <Select
        label={words.showIf}
        selected={value?.field ?? "always"}
        options={[
          { id: "always", label: words.always },
          ...sources.map((one) => ({ id: one.id, label: said(one.label, locale) || one.id })),
        ]}
        onChange={(id) => {
          const next = sources.find((one) => one.id === id);
          onChange(next ? { field: next.id, is_any: next.choices.slice(0, 1).map((one) => one.id) } : null);
        }}
      />
      {value && source ? (
        <fieldset className={form.group}>
          <legend>{words.isAny}</legend>
          <div className={form.choices}>
            {source.choices.map((choice) => (
              <Tick
                key={choice.id}
                isOn={value.is_any.includes(choice.id)}
                onChange={(isOn) => {
                  const picked = isOn
                    ? [...value.is_any, choice.id]
                    : value.is_any.filter((one) => one !== choice.id);
                  if (picked.length > 0) onChange({ field: value.field, is_any: picked });
                }}
              >
                {said(choice.label, locale) || choice.id}
              </Tick>
            ))}
          </div>
        </fieldset>
      ) : null}
      <FaultLine fault={fault} />
    </div>
  );
}
