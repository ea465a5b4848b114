import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Camera } from "lucide-react";
import { useMemo, useState } from "react";
import { Patrols, RESULTS, type CheckCard, type Finding, type ItemResult } from "../../state/patrols";
import { ApiError } from "../../state/api";
import { newKey } from "../../state/new-key";
import { CallPeopleButton } from "../calls/call-people-button";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Dialog, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import { Ends } from "./crew-dialogs";
import styles from "./directory.module.css";
import { DayField, Failed, LinesField } from "./parts";
import { dayText, optionsOf, useDirectoryWords } from "./words";

const REFRESH_MS = 15_000;
const NOTE_MAX = 500;

interface Moving {
  readonly finding: Finding;
  readonly action: Finding["actions"][number];
}

export default function PatrolPage({ id }: { id: string }) {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.patrols.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const patrols = useMemo(() => new Patrols(api), [api]);
  const query = useQuery({ queryKey: ["patrol", id], queryFn: () => patrols.get(id) });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known card={query.data} patrols={patrols} /> : null;
}

function Known({ card, patrols }: { card: CheckCard; patrols: Patrols }) {
  const { check } = card;
  const text = useText();
  const words = useDirectoryWords();
  const locale = useLocale();
  const client = useQueryClient();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const [finding, setFinding] = useState(false);
  const [moving, setMoving] = useState<Moving | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const take = async (change: Promise<CheckCard>): Promise<void> => {
    setFailed(null);
    try {
      client.setQueryData(["patrol", check.id], await change);
    } catch (cause) {
      setFailed(cause);
    }
  };
  const isSettled =
    card.items.every((one) => one.result !== "unchecked") &&
    card.findings.every((one) => one.state === "closed");
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{check.job_title}</h1>
          <p className={pages.soft}>
            {[
              words.patrols.kinds[check.kind],
              words.patrols.states[check.state],
              words.patrols.by({ name: check.inspector_name, when: when.format(check.created_at_ms) }),
            ].join(" · ")}
          </p>
        </div>
        <div className={pages.actions}>
          {check.state === "open" ? <CallPeopleButton about={{ kind: "job", id: check.job_id }} /> : null}
          <ButtonLink large href={`/jobs/${check.job_id}`}>
            {words.patrols.job}
          </ButtonLink>
          {card.may_inspect ? (
            <Button
              large
              tone="primary"
              isDisabled={!isSettled}
              onPress={() => void take(patrols.close(check.id))}
              testId="close-check"
            >
              {words.patrols.close}
            </Button>
          ) : null}
        </div>
      </div>
      {card.may_inspect && !isSettled ? (
        <p className={classes(pages.small, styles.under)}>{words.patrols.closeHint}</p>
      ) : null}
      {failed !== null ? (
        <Fault>{text.errors[failed instanceof ApiError ? failed.code : "internal"]}</Fault>
      ) : null}
      <div className={desk.columns}>
        <div>
          <section className={desk.section}>
            <div className={desk.sectionHead}>
              <h2>{words.patrols.list}</h2>
            </div>
            <ul className={styles.plain} data-testid="check-items">
              {card.items.map((one) => (
                <li key={one.position} className={styles.line}>
                  <span>{one.text}</span>
                  {card.may_inspect ? (
                    <Select
                      label={one.text}
                      hideLabel
                      selected={one.result}
                      onChange={(result) =>
                        void take(patrols.tick(check.id, one.position, result as ItemResult, one.note))
                      }
                      options={RESULTS.map((id) => ({ id, label: words.patrols.results[id] }))}
                    />
                  ) : (
                    <strong className={one.result === "failed" ? styles.bad : undefined}>
                      {words.patrols.results[one.result]}
                    </strong>
                  )}
                </li>
              ))}
            </ul>
          </section>
          <section className={desk.section}>
            <div className={desk.sectionHead}>
              <h2>{words.patrols.photos}</h2>
              {card.may_bring ? (
                <label className={styles.fileButton}>
                  <Camera size={16} aria-hidden />
                  {words.patrols.addPhoto}
                  <input
                    type="file"
                    accept="image/jpeg,image/png"
                    capture="environment"
                    onChange={(event) => {
                      const file = event.target.files?.[0];
                      const key = newKey();
                      if (file) void take(patrols.photo(check.id, key, -1, file));
                    }}
                  />
                </label>
              ) : null}
            </div>
            {card.photos.length === 0 ? (
              <p className={desk.none}>{words.patrols.noPhotos}</p>
            ) : (
              <div className={desk.stills}>
                {card.photos.map((one) => (
                  <a key={one.key} className={desk.still} href={one.url} target="_blank" rel="noopener">
                    <img src={one.url} alt={words.patrols.photos} loading="lazy" />
                    <span>{one.name}</span>
                  </a>
                ))}
              </div>
            )}
          </section>
        </div>
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.patrols.findingsTitle}</h2>
            {card.may_inspect ? (
              <Button onPress={() => setFinding(true)} testId="add-finding">
                {words.patrols.addFinding}
              </Button>
            ) : null}
          </div>
          {card.findings.length === 0 ? (
            <p className={desk.none}>{words.patrols.noFindings}</p>
          ) : (
            <ul className={classes(styles.plain, styles.lines)} data-testid="findings">
              {card.findings.map((one) => (
                <FindingCard
                  key={one.id}
                  one={one}
                  today={card.today}
                  onMove={(action) => setMoving({ finding: one, action })}
                />
              ))}
            </ul>
          )}
        </section>
      </div>
      {moving ? (
        <MoveDialog
          moving={moving}
          onClose={() => setMoving(null)}
          onSend={async (note) => {
            const moved = await patrols.move(check.id, moving.finding.id, moving.action, note);
            client.setQueryData(["patrol", check.id], moved);
            setMoving(null);
          }}
        />
      ) : null}
      {finding ? (
        <FindingDialog
          onClose={() => setFinding(false)}
          onSend={async (said, due) => {
            client.setQueryData(["patrol", check.id], await patrols.find(check.id, said, due));
            setFinding(false);
          }}
        />
      ) : null}
    </>
  );
}

function FindingCard({
  one,
  today,
  onMove,
}: {
  one: Finding;
  today: string;
  onMove: (action: Finding["actions"][number]) => void;
}) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const day = dayText(one.due_on, locale);
  const isLate = one.state === "open" && one.due_on < today;
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <span className={isLate ? styles.bad : pages.small}>
          {isLate ? words.patrols.lateSince({ day }) : words.patrols.due({ day })}
        </span>
        <span className={styles.chip}>{words.patrols.findingStates[one.state]}</span>
      </div>
      <p className={desk.note}>{one.text}</p>
      <ol className={desk.timeline}>
        {one.events.map((event, place) => (
          <li key={place}>
            <strong>{words.patrols.events[event.action]}</strong>
            {event.note ? <div className={desk.note}>{event.note}</div> : null}
            <div className={pages.small}>{`${event.name} · ${when.format(event.at_ms)}`}</div>
          </li>
        ))}
      </ol>
      {one.actions.length > 0 ? (
        <div className={styles.cardActions}>
          {one.actions.map((action) => (
            <Button
              key={action}
              tone={action === "reopen" ? "quiet" : "primary"}
              onPress={() => onMove(action)}
              testId={`finding-${action}`}
            >
              {words.patrols.findingActions[action]}
            </Button>
          ))}
        </div>
      ) : null}
    </li>
  );
}

function FindingDialog({
  onClose,
  onSend,
}: {
  onClose: () => void;
  onSend: (said: string, due: string) => Promise<void>;
}) {
  const words = useDirectoryWords();
  const [said, setSaid] = useState("");
  const [due, setDue] = useState("");
  const saving = useSubmit(() => onSend(said, due));
  return (
    <Dialog title={words.patrols.addFinding} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <LinesField label={words.patrols.finding} value={said} onChange={setSaid} max={1_000} />
        <DayField label={words.patrols.until} value={due} onChange={setDue} />
        <Ends saving={saving} onClose={onClose} isReady={said.trim() !== "" && due !== ""} />
      </form>
    </Dialog>
  );
}

/** What was done, seen or is still wrong: it stands in the finding's history. */
function MoveDialog({
  moving: { finding, action },
  onClose,
  onSend,
}: {
  moving: Moving;
  onClose: () => void;
  onSend: (note: string) => Promise<void>;
}) {
  const words = useDirectoryWords();
  const [note, setNote] = useState("");
  const saving = useSubmit(() => onSend(note.trim()));
  return (
    <Dialog title={words.patrols.findingActions[action]} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <p className={pages.soft}>{finding.text}</p>
        <LinesField
          label={words.patrols.moveNotes[action]}
          value={note}
          onChange={setNote}
          max={NOTE_MAX}
          rows={3}
        />
        <Ends saving={saving} onClose={onClose} isReady={action === "close" || note.trim() !== ""} />
      </form>
    </Dialog>
  );
}

export function BeginDialog({
  jobId,
  patrols,
  onClose,
  onBegun,
}: {
  jobId: string;
  patrols: Patrols;
  onClose: () => void;
  onBegun: (card: CheckCard) => void;
}) {
  const words = useDirectoryWords();
  const [kind, setKind] = useState("visit");
  const [lines, setLines] = useState(words.patrols.usual);
  const items = lines
    .split("\n")
    .map((one) => one.trim().slice(0, 200))
    .filter(Boolean);
  const saving = useSubmit(async () =>
    onBegun(await patrols.begin(jobId, kind as "visit" | "photos" | "call", items)),
  );
  return (
    <Dialog title={words.patrols.begin} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <Select
          label={words.patrols.how}
          selected={kind}
          onChange={setKind}
          options={optionsOf(words.patrols.kinds)}
        />
        <LinesField label={words.patrols.lines} value={lines} onChange={setLines} max={8_000} rows={8} />
        <Ends saving={saving} onClose={onClose} isReady={items.length > 0 && items.length <= 60} />
      </form>
    </Dialog>
  );
}
