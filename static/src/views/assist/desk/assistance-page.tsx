import { useQueryClient } from "@tanstack/react-query";
import { ListChecks, ScanEye, Wrench } from "lucide-react";
import { useDeferredValue, useState, type ReactNode } from "react";
import { Link } from "react-aria-components";
import { machineTitle, type Job, type Session } from "../../../state/assist/desk";
import { useApp, useLocale } from "../../context";
import { More, useListing } from "../../pages/listing";
import pages from "../../pages/page.module.css";
import { Button, ButtonLink } from "../../ui/button";
import { classes } from "../../ui/classes";
import { TextField } from "../../ui/fields";
import { DeskFrame, NotLoaded, useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { InviteDialog } from "./invite-dialog";
import { JobDialog } from "./job-dialog";
import { MachineDialog } from "./machine-dialog";
import { SessionRow } from "./session-row";
import { StartDialog } from "./start-dialog";
import { useDeskWords } from "./words";

const PAGE_SIZE = 10;
const MACHINES_PAGE = 30;

export default function AssistancePage() {
  const words = useDeskWords();
  return (
    <DeskFrame title={words.title}>
      <Assistance />
    </DeskFrame>
  );
}

function Assistance() {
  const words = useDeskWords();
  const client = useQueryClient();
  const [starting, setStarting] = useState(false);
  const [started, setStarted] = useState<Session | null>(null);
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{words.title}</h1>
          <p className={pages.soft}>{words.intro}</p>
        </div>
        <div className={pages.actions}>
          <Button tone="primary" large onPress={() => setStarting(true)} testId="start-assistance">
            <ScanEye size={18} aria-hidden />
            {words.start}
          </Button>
          <ButtonLink large href="/assist/instructions">
            <ListChecks size={18} aria-hidden />
            {words.instructions}
          </ButtonLink>
        </div>
      </div>
      <Sessions />
      <Jobs />
      <Machines />
      {starting ? (
        <StartDialog
          onClose={() => setStarting(false)}
          onStarted={(session) => {
            setStarting(false);
            setStarted(session);
            void client.invalidateQueries({ queryKey: ["sessions"] });
          }}
        />
      ) : null}
      {started ? <InviteDialog session={started} onClose={() => setStarted(null)} /> : null}
    </>
  );
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function None({ title, text }: { title: string; text: string }) {
  return (
    <p className={styles.none}>
      <strong>{title}</strong>
      {text}
    </p>
  );
}

function Sessions() {
  const { desk } = useDesk();
  const words = useDeskWords();
  const { query, rows: sessions } = useListing(
    ["sessions"],
    (after) => desk.sessions({ before: after, limit: PAGE_SIZE }),
    (page) => page.sessions,
  );
  return (
    <Section title={words.sessions}>
      {query.isError ? <NotLoaded cause={query.error} retry={() => void query.refetch()} /> : null}
      {query.isSuccess && sessions.length === 0 ? (
        <None title={words.noSessions} text={words.noSessionsText} />
      ) : null}
      {sessions.length > 0 ? (
        <ul className={pages.list}>
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      ) : null}
      <More query={query} />
    </Section>
  );
}

function Jobs() {
  const { desk } = useDesk();
  const words = useDeskWords();
  const { query, rows: jobs } = useListing(
    ["jobs"],
    (after) => desk.jobs({ before: after, limit: PAGE_SIZE }),
    (page) => page.jobs,
  );
  return (
    <Section title={words.jobs}>
      {query.isError ? <NotLoaded cause={query.error} retry={() => void query.refetch()} /> : null}
      {query.isSuccess && jobs.length === 0 ? <None title={words.noJobs} text={words.noJobsText} /> : null}
      {jobs.length > 0 ? (
        <ul className={pages.list}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      ) : null}
      <More query={query} />
    </Section>
  );
}

export function JobRow({ job }: { job: Job }) {
  const words = useDeskWords();
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  const over = job.state === "signed_off" || job.state === "declined" || job.state === "cancelled";
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={styles.rowLink ?? ""} href={`/jobs/${job.id}`}>
            {job.title}
          </Link>
          <span className={classes(pages.badge, over ? styles.stateOver : styles.state)}>
            {words.states[job.state]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, "tabular")}>
          <span>{machineTitle(job.machine)}</span>
          <span>{job.installer.name}</span>
          {job.starts_at_ms > 0 ? <span>{day.format(job.starts_at_ms)}</span> : null}
        </div>
      </div>
    </li>
  );
}

function Machines() {
  const { desk } = useDesk();
  const { router } = useApp();
  const words = useDeskWords();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const [dialog, setDialog] = useState<"machine" | "job" | null>(null);
  const { query, rows: machines } = useListing(
    ["machines", wanted],
    (after) => desk.machines({ search: wanted, before: after, limit: MACHINES_PAGE }),
    (page) => page.machines,
    { staysWhileAsking: true },
  );
  const own = machines.filter((machine) => machine.may_change);
  return (
    <Section
      title={words.machines}
      action={
        <>
          {own.length > 0 ? <Button onPress={() => setDialog("job")}>{words.request}</Button> : null}
          <Button onPress={() => setDialog("machine")} testId="register-machine">
            <Wrench size={16} aria-hidden />
            {words.register}
          </Button>
        </>
      }
    >
      {machines.length > 0 || wanted !== "" ? (
        <TextField
          label={words.search}
          placeholder={words.search}
          type="search"
          hideLabel
          value={search}
          onChange={setSearch}
        />
      ) : null}
      {query.isError ? <NotLoaded cause={query.error} retry={() => void query.refetch()} /> : null}
      {query.isSuccess && machines.length === 0 ? (
        wanted === "" ? (
          <None title={words.noMachines} text={words.noMachinesText} />
        ) : (
          <p className={styles.none}>{words.noMatch}</p>
        )
      ) : null}
      {machines.length > 0 ? (
        <ul className={pages.list}>
          {machines.map((machine) => (
            <li key={machine.id} className={pages.row}>
              <div className={pages.rowText}>
                <div className={pages.rowTitle}>
                  <Link className={styles.rowLink ?? ""} href={`/machines/${machine.id}`}>
                    {machineTitle(machine)}
                  </Link>
                </div>
                <div className={pages.rowMeta}>
                  {machine.serial ? <span>{machine.serial}</span> : null}
                  {machine.site ? <span>{machine.site}</span> : null}
                  <span>{machine.organization.name}</span>
                </div>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
      <More query={query} />
      {dialog === "machine" ? (
        <MachineDialog
          machine={null}
          onClose={() => setDialog(null)}
          onDone={(machine) => router.go(`/machines/${machine.id}`)}
        />
      ) : null}
      {dialog === "job" ? <JobDialog machines={own} onClose={() => setDialog(null)} /> : null}
    </Section>
  );
}
