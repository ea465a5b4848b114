import { useState } from "react";
import {
  isWhole,
  tidied,
  type Policies,
  type PolicyCard,
  type Rules,
  type TypeName,
} from "../../state/policies";
import { said } from "../../state/requests/form";
import { useLocale, useText } from "../context";
import lists from "../directory/directory.module.css";
import { LinesField } from "../directory/parts";
import pages from "../pages/page.module.css";
import { fieldFault, useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { RulesEditor } from "./rules-editor";
import { usePolicyWords } from "./words";

const SUMMARY_MAX = 4_000;

/** A new policy, or another wording of one. */
export function PolicyDialog({
  card,
  types,
  policies,
  onClose,
  onSaved,
}: {
  card: PolicyCard | null;
  types: readonly TypeName[];
  policies: Policies;
  onClose: () => void;
  onSaved: (card: PolicyCard) => void;
}) {
  const text = useText();
  const words = usePolicyWords();
  const locale = useLocale();
  const { form } = words;
  const line = card?.policy;
  const [value, setValue] = useState({
    title_zh: line?.title.zh ?? "",
    title_en: line?.title.en ?? "",
    summary_zh: card?.summary.zh ?? "",
    summary_en: card?.summary.en ?? "",
    source: line?.source ?? "",
    number: line?.number ?? "",
    source_url: card?.source_url ?? "",
    issued_on: line?.issued_on ?? "",
    apply_from: line?.apply_from ?? "",
    apply_until: line?.apply_until ?? "",
    request_type: card?.request_type || "none",
  });
  const [rules, setRules] = useState<Rules>(card?.rules ?? { all: [] });
  const set = (name: keyof typeof value) => (given: string) => setValue({ ...value, [name]: given });
  const saving = useSubmit(async () => {
    const wish = {
      ...value,
      issued_on: value.issued_on || null,
      apply_from: value.apply_from || null,
      apply_until: value.apply_until || null,
      request_type: value.request_type === "none" ? "" : value.request_type,
      rules: tidied(rules),
    };
    onSaved(card ? await policies.write(card.policy.id, card.revision, wish) : await policies.add(wish));
  });
  const wrongRule = Object.keys(saving.fields).some((name) => name.startsWith("rules"));
  const fault = (name: string) => fieldFault(text, name, saving.fields[name]);
  return (
    <Dialog title={form.title} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <div className={lists.two}>
          <TextField
            label={form.titleZh}
            value={value.title_zh}
            onChange={set("title_zh")}
            maxLength={120}
            fault={fault("title")}
            autoFocus
            testId="policy-title-zh"
          />
          <TextField
            label={form.titleEn}
            value={value.title_en}
            onChange={set("title_en")}
            maxLength={120}
            testId="policy-title-en"
          />
          <LinesField
            label={form.summaryZh}
            value={value.summary_zh}
            onChange={set("summary_zh")}
            max={SUMMARY_MAX}
            rows={5}
          />
          <LinesField
            label={form.summaryEn}
            value={value.summary_en}
            onChange={set("summary_en")}
            max={SUMMARY_MAX}
            rows={5}
          />
          <TextField label={words.source} value={value.source} onChange={set("source")} maxLength={120} />
          <TextField label={words.number} value={value.number} onChange={set("number")} maxLength={60} />
        </div>
        <TextField
          label={form.url}
          value={value.source_url}
          onChange={set("source_url")}
          placeholder="https://"
          maxLength={400}
          fault={fault("source_url")}
        />
        <div className={lists.two}>
          <Day label={words.issued} value={value.issued_on} onChange={set("issued_on")} />
          <Select
            label={form.type}
            selected={value.request_type}
            onChange={set("request_type")}
            options={[
              { id: "none", label: form.noType },
              ...types.map((one) => ({ id: one.key, label: said(one.name, locale) })),
            ]}
          />
          <Day label={form.from} value={value.apply_from} onChange={set("apply_from")} />
          <Day label={form.until} value={value.apply_until} onChange={set("apply_until")} />
        </div>
        {saving.fields["apply_until"] ? <Fault>{text.fields.invalid}</Fault> : null}
        <RulesEditor rules={rules} onChange={setRules} />
        {wrongRule || !isWhole(rules) ? <Fault>{form.wrong}</Fault> : null}
        {saving.code ? (
          <Fault>
            {saving.code === "conflict"
              ? words.changed
              : saving.fields["summary"] || saving.fields["title"]
                ? words.incomplete
                : text.errors[saving.code]}
          </Fault>
        ) : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            tone="primary"
            isPending={saving.pending}
            isDisabled={(!value.title_zh.trim() && !value.title_en.trim()) || !isWhole(rules)}
            testId="save-policy"
          >
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A day that may stay empty. */
function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <label className={lists.choices}>
      <span>{label}</span>
      <input
        className={lists.day}
        type="date"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
