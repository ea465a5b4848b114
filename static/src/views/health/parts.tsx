import { useState } from "react";
import type { Words } from "../../i18n/catalogue";
import { health as english } from "../../i18n/en-health";
import { health as chinese } from "../../i18n/zh-health";
import { LEVELS, type PlaceFacts, type Reason, type RiskLevel } from "../../state/health";
import { useLocale, useText } from "../context";
import { Ends } from "../directory/crew-dialogs";
import styles from "../directory/directory.module.css";
import { DayField, LinesField } from "../directory/parts";
import { dayText } from "../directory/words";
import pages from "../pages/page.module.css";
import { fieldFault, useSubmit } from "../pages/use-submit";
import { Dialog } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";

export type HealthWords = Words<typeof english>;

export function useHealthWords(): HealthWords {
  return useLocale() === "en" ? english : chinese;
}

export function spanText(
  words: HealthWords,
  span: { readonly starts_on: string; readonly ends_on: string | null },
  locale: string,
): string {
  const from = dayText(span.starts_on, locale);
  if (span.ends_on === null) return words.since({ from });
  return span.ends_on === span.starts_on ? from : words.span({ from, until: dayText(span.ends_on, locale) });
}

/** Why somebody is concerned. */
export function Reasons({ of, linked }: { of: readonly Reason[]; linked?: boolean }) {
  const words = useHealthWords();
  const locale = useLocale();
  return (
    <ul className={styles.plain} data-testid="reasons">
      {of.map((one) => (
        <li key={`${one.request_id} ${one.text} ${one.starts_on}`}>
          <strong>{words.origins[one.origin]}</strong> {one.text}
          <br />
          <span className={pages.small}>
            {spanText(words, one, locale)} · {words.matched({ words: one.words.join(" › ") })}
            {one.request_number ? " · " : ""}
            {linked ? <a href={`/requests/${one.request_id}`}>{one.request_number}</a> : one.request_number}
          </span>
          {one.sure ? null : <span className={styles.weak}> {words.unsure}</span>}
        </li>
      ))}
    </ul>
  );
}

export function PlaceDialog({
  title,
  known,
  onClose,
  onSave,
}: {
  title: string;
  known: PlaceFacts | null;
  onClose: () => void;
  onSave: (facts: PlaceFacts, note: string) => Promise<void>;
}) {
  const text = useText();
  const words = useHealthWords();
  const [address, setAddress] = useState(known?.address ?? "");
  const [level, setLevel] = useState<string>(known?.level ?? "medium");
  const [source, setSource] = useState(known?.source ?? "");
  const [first, setFirst] = useState(known?.starts_on ?? "");
  const [last, setLast] = useState(known?.ends_on ?? "");
  const [note, setNote] = useState("");
  const saving = useSubmit(() =>
    onSave(
      {
        address: address.trim(),
        level: level as RiskLevel,
        source: source.trim(),
        starts_on: first,
        ends_on: last || null,
      },
      note,
    ),
  );
  return (
    <Dialog title={title} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <TextField
          label={words.form.address}
          hint={words.form.addressHint}
          value={address}
          onChange={setAddress}
          maxLength={200}
          fault={fieldFault(text, "address", saving.fields["address"])}
          isRequired
          autoFocus
          testId="place-address"
        />
        <div className={styles.two}>
          <DayField label={words.form.first} value={first} onChange={setFirst} testId="place-from" />
          <DayField label={words.form.last} value={last} onChange={setLast} isOptional testId="place-until" />
          <Select
            label={words.form.level}
            selected={level}
            onChange={setLevel}
            options={LEVELS.map((id) => ({ id, label: words.levels[id] }))}
          />
          <TextField
            label={words.form.source}
            value={source}
            onChange={setSource}
            maxLength={200}
            isRequired
            testId="place-source"
          />
        </div>
        <LinesField label={words.form.note} value={note} onChange={setNote} max={500} rows={2} />
        <Ends
          saving={saving}
          from={first}
          until={last}
          onClose={onClose}
          isReady={address.trim() !== "" && source.trim() !== "" && first !== ""}
        />
      </form>
    </Dialog>
  );
}
