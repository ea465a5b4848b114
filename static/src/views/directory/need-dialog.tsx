import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Desk, machineTitle } from "../../state/assist/desk";
import type { Directory, NeedCard } from "../../state/directory";
import { useApp, useText } from "../context";
import pages from "../pages/page.module.css";
import { fieldFault, useSubmit } from "../pages/use-submit";
import { Dialog } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { Ends } from "./crew-dialogs";
import styles from "./directory.module.css";
import { Choices, DayField, LinesField } from "./parts";
import { optionsOf, useDirectoryWords } from "./words";

const MACHINES_SHOWN = 100;

/** A new need, or another wording of one that nobody was asked about yet. */
export function NeedDialog({
  card,
  directory,
  onClose,
  onSaved,
}: {
  card: NeedCard | null;
  directory: Directory;
  onClose: () => void;
  onSaved: (card: NeedCard) => void;
}) {
  const { api } = useApp();
  const text = useText();
  const words = useDirectoryWords();
  const need = card?.need;
  const [title, setTitle] = useState(need?.title ?? "");
  const [machine, setMachine] = useState(need?.machine?.id ?? "none");
  const [note, setNote] = useState(card?.note ?? "");
  const [region, setRegion] = useState(need?.region ?? "HB");
  const [site, setSite] = useState(need?.site ?? "");
  const [trades, setTrades] = useState<readonly string[]>(need?.trades ?? []);
  const [languages, setLanguages] = useState<readonly string[]>(need?.languages ?? []);
  const [from, setFrom] = useState(need?.starts_on ?? "");
  const [until, setUntil] = useState(need?.ends_on ?? "");
  const [size, setSize] = useState(String(need?.crew_size ?? 2));
  const desk = useMemo(() => new Desk(api), [api]);
  const machines = useQuery({
    queryKey: ["machines", "", "need"],
    queryFn: () => desk.machines({ search: "", before: "", limit: MACHINES_SHOWN }),
  });
  const own = machines.data?.machines.filter((one) => !need || one.organization.id === need.organization.id);
  const people = Number.parseInt(size, 10);
  const saving = useSubmit(async () => {
    const wish = {
      title: title.trim(),
      machine_id: machine === "none" ? null : machine,
      note,
      region,
      site,
      trades,
      languages,
      starts_on: from,
      ends_on: until,
      crew_size: people,
    };
    onSaved(card ? await directory.change(card.need.id, card.revision, wish) : await directory.post(wish));
  });
  return (
    <Dialog title={words.need.form} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <TextField
          label={words.need.name}
          value={title}
          onChange={setTitle}
          maxLength={120}
          fault={fieldFault(text, "title", saving.fields["title"])}
          isRequired
          autoFocus
          testId="need-title"
        />
        <Select
          label={words.need.machine}
          selected={machine}
          onChange={setMachine}
          options={[
            { id: "none", label: words.need.noMachine },
            ...(own ?? []).map((one) => ({ id: one.id, label: machineTitle(one) })),
          ]}
        />
        <p className={pages.small}>{words.need.machineHint}</p>
        <div className={styles.two}>
          <DayField label={words.form.firstDay} value={from} onChange={setFrom} testId="need-from" />
          <DayField label={words.form.lastDay} value={until} onChange={setUntil} testId="need-until" />
          <Select
            label={words.region}
            selected={region}
            onChange={setRegion}
            options={optionsOf(words.regions)}
          />
          <TextField label={words.need.site} value={site} onChange={setSite} maxLength={120} />
        </div>
        <Choices label={words.need.trades} names={words.trades} chosen={trades} onChange={setTrades} />
        <Choices
          label={words.need.languages}
          names={words.languages}
          chosen={languages}
          onChange={setLanguages}
        />
        <TextField label={words.need.size} value={size} onChange={setSize} maxLength={3} />
        <LinesField label={words.need.note} value={note} onChange={setNote} max={4_000} />
        <Ends
          saving={saving}
          from={from}
          until={until}
          onClose={onClose}
          isReady={title.trim() !== "" && trades.length > 0 && from !== "" && until !== "" && people > 0}
        />
      </form>
    </Dialog>
  );
}
