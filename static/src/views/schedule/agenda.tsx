import { Repeat } from "lucide-react";
import type { Occurrence } from "../../state/schedule/schedule";
import { dayOf, localIn, type DayNumber } from "../../state/schedule/zones";
import { useLocale } from "../context";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import styles from "./calendar.module.css";
import { dayFormat, spanText, useScheduleWords, zoneName } from "./words";

const JOIN_BEFORE_MS = 15 * 60_000;

/** Days with something in them, one below the other: what a phone shows. */
export function Agenda({
  occurrences,
  loaded,
  now,
  zone,
  onOpen,
  onCreate,
}: {
  occurrences: readonly Occurrence[];
  loaded: boolean;
  now: number;
  zone: string;
  onOpen: (one: Occurrence) => void;
  onCreate: () => void;
}) {
  const words = useScheduleWords();
  const locale = useLocale();
  const today = dayOf(localIn(now, zone));
  if (loaded && occurrences.length === 0)
    return (
      <div className={pages.empty}>
        <h2>{words.emptyTitle}</h2>
        <p>{words.emptyText}</p>
        <Button tone="primary" onPress={onCreate}>
          {words.newMeeting}
        </Button>
      </div>
    );
  const byDay = new Map<DayNumber, Occurrence[]>();
  for (const one of [...occurrences].sort((a, b) => a.starts_at_ms - b.starts_at_ms)) {
    const day = dayOf(localIn(one.starts_at_ms, zone));
    byDay.set(day, [...(byDay.get(day) ?? []), one]);
  }
  const weekday = dayFormat(locale, { weekday: "short" });
  const date = dayFormat(locale, { month: "short", day: "numeric" });
  return (
    <ol className={styles.agenda} data-testid="agenda">
      {[...byDay].map(([day, found]) => (
        <li key={day} className={styles.agendaDay} data-today={day === today || undefined}>
          <h2 className={styles.agendaDate}>
            <strong>{date(day)}</strong>
            <span>{day === today ? words.today : weekday(day)}</span>
          </h2>
          <ul>
            {found.map((one) => (
              <Row key={`${one.event_id} ${one.key}`} one={one} now={now} zone={zone} onOpen={onOpen} />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Row({
  one,
  now,
  zone,
  onOpen,
}: {
  one: Occurrence;
  now: number;
  zone: string;
  onOpen: (one: Occurrence) => void;
}) {
  const words = useScheduleWords();
  const locale = useLocale();
  const isOver = one.ends_at_ms <= now;
  const isOn = !isOver && one.starts_at_ms - JOIN_BEFORE_MS <= now;
  return (
    <li className={styles.agendaRow} data-over={isOver || undefined} data-answer={one.answer ?? "own"}>
      <button
        type="button"
        className={styles.agendaOpen}
        onClick={() => onOpen(one)}
        data-testid="occurrence"
      >
        <span className={styles.agendaTime}>{spanText(one.starts_at_ms, one.ends_at_ms, zone, locale)}</span>
        <span className={styles.agendaText}>
          <strong>
            {one.title}
            {one.rrule ? <Repeat size={14} aria-label={words.repeatsIcon} /> : null}
          </strong>
          <span>
            {[
              one.answer === null ? words.yours : words.answers[one.answer],
              one.answer !== null && one.organizer ? words.organizer({ name: one.organizer.name }) : "",
              one.zone === zone
                ? ""
                : words.inZone({
                    time: spanText(one.starts_at_ms, one.ends_at_ms, one.zone, locale),
                    zone: zoneName(one.zone, locale, one.starts_at_ms),
                  }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
      </button>
      {isOn ? (
        <ButtonLink tone="primary" href={`/m/${one.code}`}>
          {words.join}
        </ButtonLink>
      ) : null}
    </li>
  );
}
