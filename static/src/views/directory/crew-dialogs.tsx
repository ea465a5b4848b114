import { useState } from "react";
import type { Certificate, Crew, Directory } from "../../state/directory";
import { useText } from "../context";
import pages from "../pages/page.module.css";
import { useSubmit, type Submission } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import styles from "./directory.module.css";
import { Choices, DayField } from "./parts";
import { optionsOf, useDirectoryWords } from "./words";

interface Shared {
  readonly directory: Directory;
  readonly onClose: () => void;
}

export function CertificateDialog({
  organizationId,
  certificate,
  directory,
  onClose,
}: Shared & { organizationId: string; certificate: Certificate | null }) {
  const words = useDirectoryWords();
  const { form } = words;
  const [trade, setTrade] = useState<string>(certificate?.trade ?? "mechanical");
  const [title, setTitle] = useState(certificate?.title ?? "");
  const [number, setNumber] = useState(certificate?.number ?? "");
  const [issuer, setIssuer] = useState(certificate?.issuer ?? "");
  const [from, setFrom] = useState(certificate?.valid_from ?? "");
  const [until, setUntil] = useState(certificate?.valid_until ?? "");
  const saving = useSubmit(async () => {
    const body = { trade, title: title.trim(), number, issuer, valid_from: from, valid_until: until };
    if (certificate) await directory.changeCertificate(certificate.id, body);
    else await directory.addCertificate(organizationId, body);
    onClose();
  });
  return (
    <Dialog title={form.certificate} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <TextField
          label={form.certificateTitle}
          value={title}
          onChange={setTitle}
          maxLength={120}
          isRequired
          autoFocus
        />
        <Select
          label={words.form.trades}
          selected={trade}
          onChange={setTrade}
          options={optionsOf(words.trades)}
        />
        <div className={styles.two}>
          <TextField label={form.number} value={number} onChange={setNumber} maxLength={60} />
          <TextField label={form.issuer} value={issuer} onChange={setIssuer} maxLength={120} />
          <DayField label={form.from} value={from} onChange={setFrom} />
          <DayField label={form.until} value={until} onChange={setUntil} />
        </div>
        <Ends saving={saving} from={from} until={until} onClose={onClose} isReady={title.trim() !== ""} />
      </form>
    </Dialog>
  );
}

export function CrewDialog({
  organizationId,
  crew,
  directory,
  onClose,
  onRetire,
}: Shared & { organizationId: string; crew: Crew | null; onRetire: (crew: Crew) => void }) {
  const words = useDirectoryWords();
  const { form } = words;
  const [name, setName] = useState(crew?.name ?? "");
  const [size, setSize] = useState(String(crew?.size ?? 4));
  const [region, setRegion] = useState(crew?.region ?? "HB");
  const [trades, setTrades] = useState<readonly string[]>(crew?.trades ?? []);
  const [languages, setLanguages] = useState<readonly string[]>(crew?.languages ?? ["zh"]);
  const [goesTo, setGoesTo] = useState<readonly string[]>(crew?.goes_to ?? []);
  const people = Number.parseInt(size, 10);
  const saving = useSubmit(async () => {
    const body = { name: name.trim(), size: people, region, trades, languages, goes_to: goesTo };
    if (crew) await directory.changeCrew(crew.id, body);
    else await directory.addCrew(organizationId, body);
    onClose();
  });
  return (
    <Dialog title={form.crew} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <TextField
          label={form.crewName}
          value={name}
          onChange={setName}
          maxLength={64}
          isRequired
          autoFocus
        />
        <div className={styles.two}>
          <TextField label={form.crewSize} value={size} onChange={setSize} maxLength={3} />
          <Select
            label={form.home}
            selected={region}
            onChange={setRegion}
            options={optionsOf(words.regions)}
          />
        </div>
        <Choices label={form.trades} names={words.trades} chosen={trades} onChange={setTrades} />
        <Choices label={form.languages} names={words.languages} chosen={languages} onChange={setLanguages} />
        <Choices label={form.goesTo} names={words.regions} chosen={goesTo} onChange={setGoesTo} scrolls />
        {crew ? (
          <div>
            <Button tone="quiet" onPress={() => onRetire(crew)}>
              {form.retire}
            </Button>
          </div>
        ) : null}
        <Ends saving={saving} onClose={onClose} isReady={name.trim() !== "" && people > 0} />
      </form>
    </Dialog>
  );
}

export function BusyDialog({ crew, directory, onClose }: Shared & { crew: Crew }) {
  const { form } = useDirectoryWords();
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [note, setNote] = useState("");
  const saving = useSubmit(async () => {
    await directory.addBusy(crew.id, { starts_on: from, ends_on: until, note });
    onClose();
  });
  return (
    <Dialog title={`${form.busy} · ${crew.name}`} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <div className={styles.two}>
          <DayField label={form.firstDay} value={from} onChange={setFrom} />
          <DayField label={form.lastDay} value={until} onChange={setUntil} />
        </div>
        <TextField label={form.note} value={note} onChange={setNote} maxLength={120} />
        <Ends saving={saving} from={from} until={until} onClose={onClose} isReady />
      </form>
    </Dialog>
  );
}

export function StatusDialog({ crew, directory, onClose }: Shared & { crew: Crew }) {
  const words = useDirectoryWords();
  const [status, setStatus] = useState<string>(crew.status);
  const [note, setNote] = useState(crew.status_note);
  const saving = useSubmit(async () => {
    await directory.changeCrew(crew.id, { status, status_note: note });
    onClose();
  });
  return (
    <Dialog title={`${words.page.setStatus} · ${crew.name}`} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <Select
          label={words.page.setStatus}
          selected={status}
          onChange={setStatus}
          options={optionsOf(words.statuses)}
        />
        <TextField label={words.page.statusNote} value={note} onChange={setNote} maxLength={120} />
        <Ends saving={saving} onClose={onClose} isReady />
      </form>
    </Dialog>
  );
}

/** The end of a form: what is wrong, cancel, save. */
export function Ends({
  saving,
  from = "",
  until = "",
  onClose,
  isReady,
}: {
  saving: Submission;
  from?: string;
  until?: string;
  onClose: () => void;
  isReady: boolean;
}) {
  const text = useText();
  const words = useDirectoryWords();
  const isBackwards = from !== "" && until !== "" && until < from;
  return (
    <>
      {isBackwards ? <Fault>{words.form.daysWrong}</Fault> : null}
      {saving.code ? <Fault>{text.errors[saving.code]}</Fault> : null}
      <DialogActions>
        <Button onPress={onClose}>{text.common.cancel}</Button>
        <Button
          type="submit"
          tone="primary"
          isPending={saving.pending}
          isDisabled={!isReady || isBackwards}
          testId="save"
        >
          {text.common.save}
        </Button>
      </DialogActions>
    </>
  );
}
