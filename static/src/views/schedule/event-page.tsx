import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiError, type Me } from "../../state/api";
import { parseRule } from "../../state/schedule/rule";
import { Schedule, type EventRecord, type ScheduledEvent } from "../../state/schedule/schedule";
import { momentOf, parseLocal, viewerZone } from "../../state/schedule/zones";
import { CallPeopleButton } from "../calls/call-people-button";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { AnswerButtons } from "./answer-buttons";
import styles from "./calendar.module.css";
import form from "./form.module.css";
import { ruleWords, spanText, useScheduleWords, whenText, zoneName } from "./words";

const REFRESH_MS = 20_000;
const WEEKS_MS = 45 * 86_400_000;

/** One meeting with what is kept of it: minutes, what is to be done, and who was there. */
export default function EventPage({ id, at }: { id: string; at: string }) {
  const words = useScheduleWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <EventView id={id} at={at} me={me} />}
    </MemberFrame>
  );
}

function EventView({ id, at, me }: { id: string; at: string; me: Me }) {
  const { api } = useApp();
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const schedule = useMemo(() => new Schedule(api), [api]);
  const zone = viewerZone();
  const [now] = useState(() => Date.now());
  const event = useQuery({ queryKey: ["event", id], queryFn: () => schedule.event(id) });
  const near = useQuery({
    queryKey: ["near", id],
    queryFn: () => schedule.occurrences(now - WEEKS_MS, now + WEEKS_MS),
  });
  const own = (near.data?.occurrences ?? []).filter((one) => one.event_id === id);
  const latest = own.filter((one) => one.starts_at_ms <= now + 3_600_000).at(-1) ?? own[0];
  const [chosen, setChosen] = useState(at);
  const key = chosen || latest?.key || firstKey(event.data);
  if (event.isError)
    return (
      <div className={pages.empty}>
        <h1>{text.errors[event.error instanceof ApiError ? event.error.code : "internal"]}</h1>
        <ButtonLink href="/calendar">{words.title}</ButtonLink>
      </div>
    );
  if (!event.data) return null;
  const found = event.data;
  const shown = own.find((one) => one.key === key);
  const begins = shown?.starts_at_ms ?? startOf(found, key);
  const ends = shown?.ends_at_ms ?? begins + found.minutes * 60_000;
  return (
    <div className={styles.eventPage}>
      <div className={pages.titleRow}>
        <h1>{shown?.title ?? found.title}</h1>
        <div className={pages.actions}>
          <ButtonLink tone="primary" large href={`/m/${found.code}`}>
            {words.join}
          </ButtonLink>
          <CallPeopleButton about={{ kind: "event", id }} />
        </div>
      </div>
      <div className={styles.facts}>
        <p>
          <strong>{whenText(begins, ends, zone, locale)}</strong>
          {found.zone === zone ? null : (
            <span>
              {words.inZone({
                time: whenText(begins, ends, found.zone, locale),
                zone: zoneName(found.zone, locale, begins),
              })}
            </span>
          )}
          {found.rrule ? <span>{ruleWords(parseRule(found.rrule), words, locale)}</span> : null}
          <span>{found.organizer ? words.organizer({ name: found.organizer.name }) : ""}</span>
          {found.state === "cancelled" ? <Fault>{words.reply.off}</Fault> : null}
        </p>
        {found.description ? <p className={styles.description}>{found.description}</p> : null}
      </div>
      {found.answer !== null && found.state === "confirmed" ? (
        <AnswerButtons
          answer={found.answer}
          onAnswer={(answer) => void schedule.answer(id, answer, "").then(() => event.refetch())}
        />
      ) : null}
      {own.length > 1 ? (
        <Select
          label={words.record.which}
          options={own.map((one) => ({
            id: one.key,
            label: whenText(one.starts_at_ms, one.ends_at_ms, zone, locale),
          }))}
          selected={key}
          onChange={setChosen}
        />
      ) : null}
      <RecordView key={key} id={id} at={key} event={found} schedule={schedule} me={me} />
    </div>
  );
}

function RecordView({
  id,
  at,
  event,
  schedule,
  me,
}: {
  id: string;
  at: string;
  event: ScheduledEvent;
  schedule: Schedule;
  me: Me;
}) {
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const zone = viewerZone();
  const query = useQuery({ queryKey: ["record", id, at], queryFn: () => schedule.record(id, at) });
  const [record, setRecord] = useState<EventRecord | null>(null);
  const known = record ?? query.data ?? null;
  const [draft, setDraft] = useState<string | null>(null);
  const [item, setItem] = useState("");
  const [owner, setOwner] = useState("");
  const [due, setDue] = useState("");
  useEffect(() => {
    setRecord(null);
  }, [query.data]);
  const saving = useSubmit(async () => {
    setRecord(await schedule.writeMinutes(id, at, draft ?? "", known?.version ?? 0));
    setDraft(null);
  });
  const adding = useSubmit(async () => {
    setRecord(await schedule.addItem(id, at, { text: item.trim(), owner_id: owner, due }));
    setItem("");
    setDue("");
  });
  if (!known) return null;
  const people = [
    ...(event.organizer ? [event.organizer] : []),
    ...event.invitees.flatMap((one) => (one.account_id ? [{ id: one.account_id, name: one.name }] : [])),
  ];
  return (
    <>
      <section className={styles.recordPart}>
        <h2>{words.record.minutes}</h2>
        {known.may_write ? (
          <>
            <label className={form.field}>
              <span className={styles.hidden}>{words.record.minutes}</span>
              <textarea
                className={styles.minutes}
                value={draft ?? known.text}
                maxLength={20_000}
                placeholder={words.record.minutesExample}
                data-testid="minutes"
                onChange={(change) => setDraft(change.target.value)}
              />
            </label>
            {saving.code ? (
              <Fault>{saving.code === "conflict" ? words.form.changed : text.errors[saving.code]}</Fault>
            ) : null}
            <Button isDisabled={draft === null} isPending={saving.pending} onPress={() => void saving.run()}>
              {text.common.save}
            </Button>
          </>
        ) : (
          <p className={styles.description}>{known.text || words.record.noMinutes}</p>
        )}
      </section>
      <section className={styles.recordPart}>
        <h2>{words.record.items}</h2>
        <ul className={styles.items}>
          {known.items.map((one) => (
            <li key={one.id} data-done={one.done_at_ms > 0 || undefined}>
              <input
                type="checkbox"
                checked={one.done_at_ms > 0}
                aria-label={one.text}
                disabled={!known.may_write && one.owner?.id !== me.account?.id}
                onChange={() =>
                  void schedule.changeItem(one.id, { done: one.done_at_ms === 0 }).then(() => query.refetch())
                }
              />
              <span>{one.text}</span>
              <small>{[one.owner?.name, one.due].filter(Boolean).join(" · ")}</small>
            </li>
          ))}
        </ul>
        {known.may_write ? (
          <form className={form.row} onSubmit={adding.onSubmit}>
            <TextField
              label={words.record.item}
              value={item}
              onChange={setItem}
              maxLength={500}
              autoComplete="off"
            />
            <Select
              label={words.record.owner}
              options={[
                { id: "", label: words.record.nobody },
                ...people.map((one) => ({ id: one.id, label: one.name })),
              ]}
              selected={owner}
              onChange={setOwner}
            />
            <label className={form.field}>
              {words.record.due}
              <input type="date" value={due} onChange={(change) => setDue(change.target.value)} />
            </label>
            <Button type="submit" isPending={adding.pending} isDisabled={item.trim() === ""}>
              {words.record.add}
            </Button>
          </form>
        ) : null}
        {adding.code ? <Fault>{text.errors[adding.code]}</Fault> : null}
      </section>
      {known.attendance_on ? (
        <section className={styles.recordPart}>
          <h2>{words.record.attendance}</h2>
          <p className={pages.small}>{words.record.attendanceOn}</p>
          <ul className={styles.items}>
            {known.stays.map((one) => (
              <li key={`${one.name} ${one.joined_at_ms}`}>
                <span>{one.name}</span>
                <small>{spanText(one.joined_at_ms, one.left_at_ms, zone, locale)}</small>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

function firstKey(event: ScheduledEvent | undefined): string {
  return event ? `${event.starts.replaceAll("-", "").replace(":", "")}00` : "";
}

function startOf(event: ScheduledEvent, key: string): number {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(key) ?? [];
  const local = parseLocal(`${year}-${month}-${day}`, `${hour}:${minute}`);
  return local ? momentOf(local, event.zone) : 0;
}
