import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Diary, Guest, Schedule, Suggestion } from "../../state/schedule/schedule";
import { dayOf, localIn, localOfDay, midnight, momentOf, weekdayOf } from "../../state/schedule/zones";
import { useLocale } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import styles from "./form.module.css";
import { useScheduleWords, whenText, zoneName } from "./words";

const FIRST_HOUR = 7;
const LAST_HOUR = 21;
const FORTNIGHT_MS = 14 * 86_400_000;

/** A line for each person over the day of the meeting, and times that suit all of them. */
export function FreeStrip({
  guests,
  me,
  schedule,
  startsAtMs,
  endsAtMs,
  zone,
  but,
  onChoose,
}: {
  guests: readonly Guest[];
  me: { readonly id: string; readonly name: string };
  schedule: Schedule;
  startsAtMs: number;
  endsAtMs: number;
  zone: string;
  but: string;
  onChoose: (startsAtMs: number) => void;
}) {
  const words = useScheduleWords();
  const locale = useLocale();
  const [offered, setOffered] = useState<readonly Suggestion[] | null>(null);
  const [failed, setFailed] = useState(false);
  const people = [
    { id: me.id, name: words.form.you },
    ...guests.flatMap((one) => (one.account_id ? [{ id: one.account_id, name: one.name }] : [])),
  ];
  const ids = people.map(({ id }) => id);
  const day = dayOf(localIn(startsAtMs, zone));
  const span = { from_ms: midnight(day, zone), to_ms: midnight(day + 1, zone) };
  const asked = useQuery({
    queryKey: ["free-busy", ids.join(" "), span.from_ms, but],
    queryFn: () => schedule.freeBusy(ids, span, but),
    retry: false,
  });
  const fromMs = momentOf(localOfDay(day, FIRST_HOUR * 60), zone);
  const toMs = momentOf(localOfDay(day, LAST_HOUR * 60), zone);
  const place = (atMs: number): number =>
    Math.min(100, Math.max(0, ((atMs - fromMs) / (toMs - fromMs)) * 100));
  const suggest = async (): Promise<void> => {
    setFailed(false);
    const begin = midnight(day, zone);
    const body = { account_ids: ids, from_ms: begin, to_ms: begin + FORTNIGHT_MS, zone, but };
    try {
      const minutes = Math.round((endsAtMs - startsAtMs) / 60_000);
      setOffered((await schedule.suggestions({ ...body, minutes })).suggestions);
    } catch {
      setFailed(true);
    }
  };
  return (
    <section className={styles.free} aria-label={words.form.free}>
      <div className={styles.freeHead}>
        <h3>{words.form.free}</h3>
        <Button onPress={() => void suggest()} testId="suggest">
          {words.form.suggest}
        </Button>
      </div>
      {asked.data ? (
        <ul className={styles.lines}>
          {asked.data.diaries.map((diary) => {
            const name = people.find(({ id }) => id === diary.account_id)?.name ?? "";
            const trouble = troubleOf(diary, startsAtMs, endsAtMs);
            const say =
              trouble === "busy"
                ? words.form.busyText({ name })
                : trouble === "outside"
                  ? words.form.outsideText({ name })
                  : words.form.freeText({ name });
            return (
              <li key={diary.account_id}>
                <span className={styles.lineName}>
                  {name}
                  {diary.zone === zone ? null : <small>{zoneName(diary.zone, locale, startsAtMs)}</small>}
                </span>
                <span className={styles.line} role="img" aria-label={say} data-trouble={trouble}>
                  <span
                    className={styles.works}
                    {...at(place(workBegin(diary, startsAtMs)), place(workEnd(diary, startsAtMs)))}
                  />
                  {diary.busy.map((one) => (
                    <span
                      key={one.from_ms}
                      className={styles.busy}
                      {...at(place(one.from_ms), place(one.to_ms))}
                    />
                  ))}
                  <span className={styles.wish} {...at(place(startsAtMs), place(endsAtMs))} />
                </span>
              </li>
            );
          })}
          <li className={styles.scale} aria-hidden>
            <span />
            <span>
              {[FIRST_HOUR, 9, 12, 15, 18, LAST_HOUR].map((hour) => (
                <i
                  key={hour}
                  style={{ insetInlineStart: `${((hour - FIRST_HOUR) / (LAST_HOUR - FIRST_HOUR)) * 100}%` }}
                >
                  {hour}
                </i>
              ))}
            </span>
          </li>
        </ul>
      ) : null}
      {failed ? <Fault>{words.failed}</Fault> : null}
      {offered ? (
        offered.length === 0 ? (
          <p className={styles.none}>{words.form.noSuggestion}</p>
        ) : (
          <ul className={styles.suggestions} aria-label={words.form.suggestions}>
            {offered.slice(0, 6).map((one) => (
              <li key={one.starts_at_ms}>
                <button type="button" onClick={() => onChoose(one.starts_at_ms)} data-testid="suggestion">
                  <strong>{whenText(one.starts_at_ms, one.ends_at_ms, zone, locale)}</strong>
                  <span
                    data-trouble={
                      one.busy.length > 0 ? "busy" : one.outside_hours.length > 0 ? "outside" : ""
                    }
                  >
                    {one.busy.length > 0
                      ? words.form.busyCount({ count: one.busy.length })
                      : one.outside_hours.length > 0
                        ? words.form.outsideCount({ count: one.outside_hours.length })
                        : words.form.suitsAll}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )
      ) : null}
    </section>
  );
}

const at = (from: number, to: number): { style: { insetInlineStart: string; width: string } } => ({
  style: { insetInlineStart: `${from}%`, width: `${Math.max(0, to - from)}%` },
});

function workBegin(diary: Diary, atMs: number): number {
  return momentOf(localOfDay(dayOf(localIn(atMs, diary.zone)), diary.from_min), diary.zone);
}

function workEnd(diary: Diary, atMs: number): number {
  const day = dayOf(localIn(atMs, diary.zone));
  return ((diary.days >> weekdayOf(day)) & 1) === 1
    ? momentOf(localOfDay(day, diary.to_min), diary.zone)
    : workBegin(diary, atMs);
}

function troubleOf(diary: Diary, fromMs: number, toMs: number): "busy" | "outside" | "" {
  if (diary.busy.some((one) => one.from_ms < toMs && one.to_ms > fromMs)) return "busy";
  return fromMs < workBegin(diary, fromMs) || toMs > workEnd(diary, fromMs) ? "outside" : "";
}
