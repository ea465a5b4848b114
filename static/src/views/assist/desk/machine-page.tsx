import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Pencil, Printer, QrCode, ScanEye } from "lucide-react";
import { useState } from "react";
import { machineTitle, type History, type Session } from "../../../state/assist/desk";
import { useLocale, useText } from "../../context";
import { CallPeopleButton } from "../../calls/call-people-button";
import { CallRecordSection } from "../../calls/call-record";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Dialog, DialogText, Fault } from "../../ui/dialog";
import { Switch, TextField } from "../../ui/fields";
import { JobRow } from "./assistance-page";
import { DeskFrame, NotLoaded, useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { InviteDialog } from "./invite-dialog";
import { JobDialog } from "./job-dialog";
import { MachineDialog } from "./machine-dialog";
import { SessionRow } from "./session-row";
import { useDeskWords } from "./words";

const ITEM_MAX_CHARS = 500;
const JOBS_SHOWN = 20;

export default function MachinePage({ id }: { id: string }) {
  const words = useDeskWords();
  return (
    <DeskFrame title={words.machine}>
      <MachineView id={id} />
    </DeskFrame>
  );
}

function MachineView({ id }: { id: string }) {
  const { desk } = useDesk();
  const query = useQuery({ queryKey: ["history", id], queryFn: () => desk.history(id) });
  if (query.isError) return <NotLoaded cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known history={query.data} /> : null;
}

function Known({ history }: { history: History }) {
  const { machine } = history;
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<"change" | "label" | "job" | null>(null);
  const [started, setStarted] = useState<Session | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["history", machine.id] });
  const jobs = useQuery({
    queryKey: ["jobs", machine.id],
    queryFn: () => desk.jobs({ before: "", limit: JOBS_SHOWN, machine_id: machine.id }),
  });
  const start = useSubmit(async () => {
    setStarted(await desk.start({ machine_id: machine.id }));
    await refresh();
  });
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{machineTitle(machine)}</h1>
        <div className={pages.actions}>
          <Button tone="primary" large isPending={start.pending} onPress={() => void start.run()}>
            <ScanEye size={18} aria-hidden />
            {words.start}
          </Button>
          <Button large onPress={() => setDialog("label")}>
            <QrCode size={18} aria-hidden />
            {words.label}
          </Button>
          <CallPeopleButton about={{ kind: "machine", id: machine.id }} />
          {machine.may_change ? (
            <Button large onPress={() => setDialog("change")}>
              <Pencil size={18} aria-hidden />
              {words.change}
            </Button>
          ) : null}
        </div>
      </div>
      {start.code ? <Fault>{text.errors[start.code]}</Fault> : null}
      <section className={styles.section}>
        <dl className={styles.facts}>
          <Fact name={words.serial} value={machine.serial} />
          <Fact name={words.site} value={machine.site} />
          <Fact name={words.owner} value={machine.organization.name} />
        </dl>
      </section>
      <CallRecordSection about={{ kind: "machine", id: machine.id }} className={styles.section ?? ""} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Head title={words.sessions} />
          {history.sessions.length === 0 ? (
            <p className={styles.none}>{words.noSessionsText}</p>
          ) : (
            <ul className={pages.list}>
              {history.sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          )}
          {history.marks.length > 0 ? (
            <p className={pages.small}>{words.marks({ count: history.marks.length })}</p>
          ) : null}
          <Head title={words.pictures} />
          <Pictures history={history} />
        </div>
        <div className={styles.stack}>
          <Head title={words.items} />
          <Items history={history} onChange={() => void refresh()} />
          <Head title={words.jobs} />
          {jobs.data && jobs.data.jobs.length > 0 ? (
            <ul className={pages.list}>
              {jobs.data.jobs.map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
            </ul>
          ) : (
            <p className={styles.none}>{words.noJobsText}</p>
          )}
          {machine.may_change ? (
            <div className={pages.moreRow}>
              <Button onPress={() => setDialog("job")}>{words.request}</Button>
            </div>
          ) : null}
          <Head title={words.documents} />
          <Documents history={history} />
          {machine.may_change ? <AddDocument machineId={machine.id} onDone={() => void refresh()} /> : null}
        </div>
      </div>
      {dialog === "change" ? (
        <MachineDialog machine={machine} onClose={() => setDialog(null)} onDone={() => void refresh()} />
      ) : null}
      {dialog === "job" ? <JobDialog machines={[machine]} onClose={() => setDialog(null)} /> : null}
      <Dialog title={words.label} isOpen={dialog === "label"} onClose={() => setDialog(null)}>
        <div className={pages.form}>
          <img
            className={styles.qr}
            src={`/api/assist/machines/${machine.id}/label.svg`}
            alt={machine.link}
          />
          <p className="tabular">{machine.link}</p>
          <div className={styles.screenOnly}>
            <DialogText>{words.labelText}</DialogText>
            <Button onPress={() => window.print()}>
              <Printer size={16} aria-hidden />
              {words.print}
            </Button>
          </div>
        </div>
      </Dialog>
      {started ? <InviteDialog session={started} onClose={() => setStarted(null)} /> : null}
    </>
  );
}

function Head({ title }: { title: string }) {
  return (
    <div className={styles.sectionHead}>
      <h2>{title}</h2>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value || "—"}</dd>
    </div>
  );
}

function Pictures({ history }: { history: History }) {
  const words = useDeskWords();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "short", timeStyle: "short" });
  if (history.stills.length === 0) return <p className={styles.none}>{words.noPictures}</p>;
  return (
    <div className={styles.stills}>
      {history.stills.toReversed().map((still) => (
        <a key={still.id} className={styles.still} href={still.url} target="_blank" rel="noopener noreferrer">
          <img
            src={still.small_url}
            width={still.width}
            height={still.height}
            alt={`${still.name} ${when.format(still.taken_at_ms)}`}
            loading="lazy"
            decoding="async"
          />
          <span>{`${still.name} · ${when.format(still.taken_at_ms)}`}</span>
        </a>
      ))}
    </div>
  );
}

function Documents({ history }: { history: History }) {
  const words = useDeskWords();
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  if (history.documents.length === 0) return <p className={styles.none}>{words.noDocuments}</p>;
  return (
    <ul className={pages.list}>
      {history.documents.map((document) => (
        <li key={document.id} className={pages.row}>
          <div className={pages.rowText}>
            <div className={pages.rowTitle}>
              <span>{document.title}</span>
              {document.for_model ? <span className={pages.badge}>{words.manual}</span> : null}
            </div>
            <div className={pages.rowMeta}>
              <span>{document.name}</span>
              <span>{day.format(document.stored_at_ms)}</span>
              {document.page > 1 ? <span>{words.opensAt({ page: document.page })}</span> : null}
            </div>
          </div>
          <a className={styles.file} href={document.url} download={document.title}>
            <Download size={16} aria-hidden />
            {sizeText(document.size_bytes)}
          </a>
        </li>
      ))}
    </ul>
  );
}

function AddDocument({ machineId, onDone }: { machineId: string; onDone: () => void }) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0); // a new field for the next file
  const [isManual, setManual] = useState(false);
  const [page, setPage] = useState("");
  const form = useSubmit(async () => {
    if (file)
      await desk.addDocument(machineId, file, isManual ? { page: Math.max(1, Number(page) || 1) } : null);
    setFile(null);
    setPage("");
    setSent((count) => count + 1);
    onDone();
  });
  return (
    <form className={styles.adding} onSubmit={form.onSubmit}>
      <label className={styles.field}>
        {words.documentKinds}
        <input
          key={sent}
          type="file"
          accept="application/pdf,image/jpeg,image/png"
          onChange={(event) => setFile(event.target.files?.[0] ?? file)}
        />
      </label>
      <Switch isSelected={isManual} onChange={setManual}>
        {words.forModel}
      </Switch>
      {isManual ? (
        <TextField
          label={words.firstPage}
          value={page}
          onChange={(typed) => setPage(typed.replace(/\D/g, ""))}
          maxLength={4}
          autoComplete="off"
        />
      ) : null}
      <Button type="submit" large isPending={form.pending} isDisabled={file === null}>
        {words.addDocument}
      </Button>
      {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
    </form>
  );
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function Items({ history, onChange }: { history: History; onChange: () => void }) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const [wanted, setWanted] = useState("");
  const tick = useMutation({
    mutationFn: ({ id, done }: { id: string; done: boolean }) => desk.tick(id, done),
    onSettled: onChange,
  });
  const form = useSubmit(async () => {
    await desk.addItem(history.machine.id, wanted.trim());
    setWanted("");
    onChange();
  });
  return (
    <>
      {history.items.length === 0 ? (
        <p className={styles.none}>{words.noItems}</p>
      ) : (
        <ul className={pages.list}>
          {history.items.map((item) => (
            <li key={item.id} className={pages.row}>
              <label className={styles.item}>
                <input
                  type="checkbox"
                  checked={item.done_at_ms > 0}
                  onChange={(event) => tick.mutate({ id: item.id, done: event.target.checked })}
                />
                <span className={pages.rowText}>
                  <span className={item.done_at_ms > 0 ? styles.done : undefined}>{item.text}</span>
                  <span className={pages.rowMeta}>
                    {item.done_at_ms > 0 ? words.doneBy({ name: item.done_by_name }) : item.name}
                  </span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      <form className={styles.adding} onSubmit={form.onSubmit}>
        <TextField
          label={words.itemLabel}
          placeholder={words.itemLabel}
          hideLabel
          value={wanted}
          onChange={setWanted}
          maxLength={ITEM_MAX_CHARS}
          autoComplete="off"
        />
        <Button type="submit" large isPending={form.pending} isDisabled={wanted.trim() === ""}>
          {words.addItem}
        </Button>
      </form>
      {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
    </>
  );
}
