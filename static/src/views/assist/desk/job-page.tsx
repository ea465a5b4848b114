import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ScanEye } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-aria-components";
import {
  machineTitle,
  type Job,
  type JobAction,
  type JobCard,
  type Session,
} from "../../../state/assist/desk";
import { CallPeopleButton } from "../../calls/call-people-button";
import { CallRecordSection } from "../../calls/call-record";
import { useLocale, useText } from "../../context";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Confirm, Dialog, DialogActions, Fault } from "../../ui/dialog";
import { DeskFrame, NotLoaded, useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { InviteDialog } from "./invite-dialog";
import { SessionRow } from "./session-row";
import { useDeskWords, type DeskWords } from "./words";

const JobProgress = lazy(() => import("../../directory/job-progress"));

const SESSIONS_SHOWN = 50;

export default function JobPage({ id }: { id: string }) {
  const words = useDeskWords();
  return (
    <DeskFrame title={words.jobs}>
      <JobView id={id} />
    </DeskFrame>
  );
}

function JobView({ id }: { id: string }) {
  const { desk } = useDesk();
  const query = useQuery({ queryKey: ["job", id], queryFn: () => desk.job(id) });
  if (query.isError) return <NotLoaded cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known card={query.data} /> : null;
}

/** What the person most likely came for, if they may do it. */
const NEXT: readonly JobAction[] = ["accept", "sign_off", "start", "schedule"];

type Asking = "decline" | "cancel" | "sign_off";

function Known({ card }: { card: JobCard }) {
  const { job, events } = card;
  const { desk, me } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const client = useQueryClient();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  const [asking, setAsking] = useState<Asking | null>(null);
  const [scheduling, setScheduling] = useState(false);
  const [started, setStarted] = useState<Session | null>(null);
  const [taking, setTaking] = useState<JobAction | null>(null);
  const sessions = useQuery({
    queryKey: ["sessions", job.id],
    queryFn: () => desk.sessions({ before: "", limit: SESSIONS_SHOWN, job_id: job.id }),
  });
  const refresh = (): Promise<void> => client.invalidateQueries();
  const act = useSubmit(async () => {
    setStarted(await desk.start({ job_id: job.id }));
    await refresh();
  });
  const [failed, setFailed] = useState<unknown>(null);
  const step = async (action: JobAction): Promise<void> => {
    setTaking(action);
    setFailed(null);
    try {
      await desk.step(job.id, { action });
    } catch (cause) {
      setFailed(cause);
    } finally {
      setTaking(null);
      await refresh();
    }
  };
  const press = (action: JobAction): void => {
    if (action === "schedule") setScheduling(true);
    else if (action === "decline" || action === "cancel" || action === "sign_off") setAsking(action);
    else void step(action);
  };
  const next = NEXT.find((action) => job.actions.includes(action));
  const mayStart = job.state !== "declined" && job.state !== "cancelled";
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{job.title}</h1>
          <p className={pages.soft}>{words.states[job.state]}</p>
        </div>
        <div className={pages.actions}>
          {job.actions.map((action) => (
            <Button
              key={action}
              large
              tone={
                action === next
                  ? "primary"
                  : action === "cancel" || action === "decline"
                    ? "quiet"
                    : "secondary"
              }
              isPending={taking === action}
              onPress={() => press(action)}
            >
              {words.actions[action]}
            </Button>
          ))}
          <CallPeopleButton about={{ kind: "job", id: job.id }} />
          {mayStart ? (
            <Button large isPending={act.pending} onPress={() => void act.run()}>
              <ScanEye size={18} aria-hidden />
              {words.start}
            </Button>
          ) : null}
        </div>
      </div>
      {failed !== null ? <NotLoaded cause={failed} /> : null}
      {act.code ? <Fault>{text.errors[act.code]}</Fault> : null}
      <section className={styles.section}>
        <dl className={styles.facts}>
          <div>
            <dt>{words.machine}</dt>
            <dd>
              <Link className={styles.rowLink ?? ""} href={`/machines/${job.machine.id}`}>
                {machineTitle(job.machine)}
              </Link>
            </dd>
          </div>
          <div>
            <dt>{words.enterprise}</dt>
            <dd>{job.enterprise.name}</dd>
          </div>
          <div>
            <dt>{words.installer}</dt>
            <dd>{job.installer.name}</dd>
          </div>
          {job.starts_at_ms > 0 ? (
            <div>
              <dt>{words.states.scheduled}</dt>
              <dd>{dates(job, when, words)}</dd>
            </div>
          ) : null}
        </dl>
        {job.note ? <p className={styles.note}>{job.note}</p> : null}
      </section>
      <Suspense fallback={null}>
        <JobProgress jobId={job.id} state={job.state} me={me} />
      </Suspense>
      <CallRecordSection about={{ kind: "job", id: job.id }} className={styles.section ?? ""} />
      <div className={styles.columns}>
        <section className={styles.section}>
          <div className={styles.sectionHead}>
            <h2>{words.sessions}</h2>
          </div>
          {sessions.data && sessions.data.sessions.length > 0 ? (
            <ul className={pages.list}>
              {sessions.data.sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          ) : (
            <p className={styles.none}>{words.noSessionsText}</p>
          )}
        </section>
        <section className={styles.section}>
          <div className={styles.sectionHead}>
            <h2>{words.history}</h2>
          </div>
          <ol className={styles.timeline}>
            {events.map((event, place) => (
              <li key={place}>
                <strong>{words.events[event.action]}</strong>
                {event.action === "schedule" ? <div>{dates(event, when, words)}</div> : null}
                {event.note ? <div className={styles.note}>{event.note}</div> : null}
                <div className={pages.small}>{`${event.name} · ${when.format(event.at_ms)}`}</div>
              </li>
            ))}
          </ol>
        </section>
      </div>
      {scheduling ? (
        <ScheduleDialog job={job} onClose={() => setScheduling(false)} onDone={() => void refresh()} />
      ) : null}
      <Confirm
        question={
          asking
            ? {
                title: words.actions[asking],
                text: words.sure[asking]({ title: job.title }),
                action: words.actions[asking],
                run: () => void step(asking),
              }
            : null
        }
        onClose={() => setAsking(null)}
      />
      {started ? <InviteDialog session={started} onClose={() => setStarted(null)} /> : null}
    </>
  );
}

function dates(
  at: { readonly starts_at_ms: number; readonly ends_at_ms: number },
  when: Intl.DateTimeFormat,
  words: DeskWords,
): string {
  return words.scheduled({ from: when.format(at.starts_at_ms), until: when.format(at.ends_at_ms) });
}

function ScheduleDialog({ job, onClose, onDone }: { job: Job; onClose: () => void; onDone: () => void }) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const [from, setFrom] = useState(localTime(job.starts_at_ms));
  const [until, setUntil] = useState(localTime(job.ends_at_ms));
  const starts = Date.parse(from);
  const ends = Date.parse(until);
  const isRight = starts > 0 && ends >= starts;
  const form = useSubmit(async () => {
    await desk.step(job.id, { action: "schedule", starts_at_ms: starts, ends_at_ms: ends });
    onDone();
    onClose();
  });
  return (
    <Dialog title={words.actions.schedule} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={form.onSubmit}>
        <div className={styles.two}>
          <label className={styles.field}>
            {words.from}
            <input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label className={styles.field}>
            {words.until}
            <input type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />
          </label>
        </div>
        {from && until && !isRight ? <Fault>{words.dateWrong}</Fault> : null}
        {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" isPending={form.pending} isDisabled={!isRight}>
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** As datetime-local wants it, in the viewer's zone; "" for 0. */
function localTime(atMs: number): string {
  if (atMs === 0) return "";
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
