import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarPlus, ChevronLeft, ChevronRight, Rss } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError, type Me } from "../../state/api";
import { systemClock } from "../../state/clock";
import { daysShown, step, type Mode } from "../../state/schedule/layout";
import { Moves } from "../../state/schedule/moves";
import { Schedule, type Occurrence, type ScheduledEvent } from "../../state/schedule/schedule";
import { dayOf, localIn, midnight, mondayOf, viewerZone, type DayNumber } from "../../state/schedule/zones";
import { useApp, useLocale, useStore, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, IconButton } from "../ui/button";
import { useMediaQuery } from "../room/use-media-query";
import { Agenda } from "./agenda";
import styles from "./calendar.module.css";
import { EventDialog, type Slot } from "./event-dialog";
import { FeedDialog } from "./feed-dialog";
import { MoveBar } from "./move-bar";
import { OccurrenceDialog } from "./occurrence-dialog";
import { TimeGrid } from "./time-grid";
import { useClockMinute } from "./use-clock-minute";
import { dayFormat, useScheduleWords, zoneName } from "./words";

const REFRESH_MS = 60_000;

export default function CalendarPage() {
  const words = useScheduleWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Calendar me={me} />}
    </MemberFrame>
  );
}

function Calendar({ me }: { me: Me }) {
  const { api } = useApp();
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const client = useQueryClient();
  const schedule = useMemo(() => new Schedule(api), [api]);
  const narrow = useMediaQuery("(max-width: 720px)");
  const [chosen, setMode] = useState<Mode | null>(null);
  const mode = chosen ?? (narrow ? "agenda" : "week");
  const zone = viewerZone();
  const now = useClockMinute();
  const today = dayOf(localIn(now, zone));
  const [focus, setFocus] = useState<DayNumber>(today);
  const [slot, setSlot] = useState<Slot | null>(null);
  const [opened, setOpened] = useState<Occurrence | null>(null);
  const [changing, setChanging] = useState<{ event: ScheduledEvent; occurrence: Occurrence } | null>(null);
  const [isFeed, setFeed] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const days = daysShown(mode, focus);
  const first = days[0] ?? focus;
  const fromMs = midnight(first, zone);
  const toMs = midnight(first + days.length, zone);
  const query = useQuery({
    queryKey: ["occurrences", fromMs, toMs],
    queryFn: () => schedule.occurrences(fromMs, toMs),
    placeholderData: keepPreviousData,
  });
  const moves = useMemo(
    () =>
      new Moves(
        schedule,
        systemClock,
        () => void client.invalidateQueries({ queryKey: ["occurrences"] }),
        (cause) => setFault(cause instanceof ApiError ? cause.code : "internal"),
      ),
    [schedule, client],
  );
  useEffect(() => {
    const leave = (): void => void moves.save();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [moves]);
  useEffect(() => {
    // The zone that others see one's hours in: as the browser says, until one says otherwise.
    void schedule.mine().then(
      (mine) => {
        if (!mine.chosen) return schedule.setMine({ zone, from_min: 540, to_min: 1_080, days: 31 });
      },
      () => undefined,
    );
  }, [schedule, zone]);
  const move = useStore(moves.current);
  const shown = useMemo(() => {
    const found = query.data?.occurrences ?? [];
    if (!move) return found;
    const { event_id, key } = move.occurrence;
    const others = found.filter((one) => one.event_id !== event_id || one.key !== key);
    const moved = { ...move.occurrence, starts_at_ms: move.starts_at_ms, ends_at_ms: move.ends_at_ms };
    return [...others, moved];
  }, [query.data, move]);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["occurrences"] });
  const begin = (startsAtMs: number, minutes = 60): void => setSlot({ startsAtMs, minutes });
  const nextHour = Math.ceil(now / 3_600_000) * 3_600_000;
  const atFocus = focus === today || mode !== "day" ? nextHour : midnight(focus, zone) + 9 * 3_600_000;

  return (
    <div className={styles.calendar} data-mode={mode}>
      <div className={styles.bar}>
        <h1>{rangeTitle(days, locale)}</h1>
        <div className={styles.steps}>
          <Button onPress={() => setFocus(today)} testId="today">
            {words.today}
          </Button>
          <IconButton name={words.earlier} onPress={() => setFocus(step(mode, focus, -1))}>
            <ChevronLeft size={20} aria-hidden />
          </IconButton>
          <IconButton name={words.later} onPress={() => setFocus(step(mode, focus, 1))} testId="later">
            <ChevronRight size={20} aria-hidden />
          </IconButton>
          <IconButton name={words.feed} onPress={() => setFeed(true)} testId="feed">
            <Rss size={18} aria-hidden />
          </IconButton>
        </div>
        <div className={styles.modes} role="group" aria-label={words.view}>
          {(["day", "week", "agenda"] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={mode === one}
              data-testid={`view-${one}`}
              onClick={() => {
                setMode(one);
                if (one === "agenda" && focus === mondayOf(today)) setFocus(today);
              }}
            >
              {words.views[one]}
            </button>
          ))}
        </div>
        <Button tone="primary" testId="new-event" onPress={() => begin(atFocus)}>
          <CalendarPlus size={18} aria-hidden />
          {words.newMeeting}
        </Button>
      </div>
      {fault ? (
        <p className={styles.fault} role="alert">
          {`${words.moveFailed}: ${text.errors[fault as keyof typeof text.errors]}`}
        </p>
      ) : null}
      {query.isError && !query.data ? (
        <div className={pages.empty}>
          <h2>{words.failed}</h2>
          <p>{text.errors[query.error instanceof ApiError ? query.error.code : "internal"]}</p>
          <Button onPress={() => void query.refetch()}>{text.common.retry}</Button>
        </div>
      ) : mode === "agenda" ? (
        <Agenda
          occurrences={shown}
          loaded={query.isSuccess}
          now={now}
          zone={zone}
          onOpen={setOpened}
          onCreate={() => begin(nextHour)}
        />
      ) : (
        <TimeGrid
          days={days}
          today={today}
          now={now}
          zone={zone}
          occurrences={shown}
          empty={query.isSuccess && shown.length === 0}
          onOpen={setOpened}
          onCreate={begin}
          onMove={(one, startsAtMs, endsAtMs) => {
            setFault(null);
            moves.propose(one, startsAtMs, endsAtMs);
          }}
          onUndo={() => moves.undo()}
        />
      )}
      <p className={styles.zone}>{words.zoneOf({ zone: zoneName(zone, locale, now) })}</p>
      {move ? <MoveBar move={move} moves={moves} zone={zone} /> : null}
      {isFeed ? <FeedDialog schedule={schedule} onClose={() => setFeed(false)} /> : null}
      {slot ? (
        <EventDialog
          schedule={schedule}
          me={me}
          slot={slot}
          onClose={() => setSlot(null)}
          onDone={() => {
            setSlot(null);
            refresh();
          }}
        />
      ) : null}
      {changing ? (
        <EventDialog
          schedule={schedule}
          me={me}
          slot={{
            startsAtMs: changing.occurrence.starts_at_ms,
            minutes: Math.round((changing.occurrence.ends_at_ms - changing.occurrence.starts_at_ms) / 60_000),
          }}
          changing={changing}
          onClose={() => setChanging(null)}
          onDone={() => {
            setChanging(null);
            refresh();
          }}
        />
      ) : null}
      {opened ? (
        <OccurrenceDialog
          occurrence={opened}
          schedule={schedule}
          zone={zone}
          now={now}
          onClose={() => setOpened(null)}
          onChange={(event) => {
            setChanging({ event, occurrence: opened });
            setOpened(null);
          }}
          onDone={() => {
            setOpened(null);
            refresh();
          }}
        />
      ) : null}
    </div>
  );
}

function rangeTitle(days: readonly DayNumber[], locale: string): string {
  const first = days[0] ?? 0;
  const last = days.at(-1) ?? first;
  if (first === last)
    return dayFormat(locale, { weekday: "long", year: "numeric", month: "long", day: "numeric" })(first);
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  return format.formatRange(first * 86_400_000, last * 86_400_000);
}
