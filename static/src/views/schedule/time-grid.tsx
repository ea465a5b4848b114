import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { blocksOf, type Block } from "../../state/schedule/layout";
import type { Occurrence } from "../../state/schedule/schedule";
import {
  DAY_MIN,
  dayOf,
  localIn,
  localOfDay,
  minuteOfDay,
  momentOf,
  type DayNumber,
} from "../../state/schedule/zones";
import { useLocale } from "../context";
import styles from "./calendar.module.css";
import { GridBlock } from "./grid-block";
import { dayFormat, useScheduleWords } from "./words";

const HOUR_PX = 48;
const STEP_MIN = 15;
const FIRST_SEEN_MIN = 7 * 60 + 30;
const SHORTEST_MIN = 15;

export interface TimeGridProps {
  readonly days: readonly DayNumber[];
  readonly today: DayNumber;
  readonly now: number;
  readonly zone: string;
  readonly occurrences: readonly Occurrence[];
  readonly empty: boolean;
  readonly onOpen: (one: Occurrence) => void;
  readonly onCreate: (startsAtMs: number, minutes?: number) => void;
  readonly onMove: (one: Occurrence, startsAtMs: number, endsAtMs: number) => void;
  readonly onUndo: () => void;
}

interface Drag {
  readonly one: Occurrence;
  readonly kind: "move" | "resize";
  readonly pointerId: number;
  readonly x: number;
  readonly y: number;
  readonly days: number;
  readonly minutes: number;
  readonly moved: boolean;
}

/** Days side by side with their hours. Meetings of one's own are moved by dragging, or by keys. */
export function TimeGrid(props: TimeGridProps) {
  const { days, today, now, zone, occurrences, onOpen, onMove } = props;
  const words = useScheduleWords();
  const locale = useLocale();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const shown = drag?.moved
    ? occurrences.map((one) => (same(one, drag.one) ? dragged(drag, zone) : one))
    : occurrences;

  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: (FIRST_SEEN_MIN / 60) * HOUR_PX });
  }, []);
  useEffect(() => {
    if (!drag) return;
    const stop = (event: globalThis.KeyboardEvent): void => {
      if (event.key === "Escape") setDrag(null);
    };
    window.addEventListener("keydown", stop);
    return () => window.removeEventListener("keydown", stop);
  }, [drag]);

  const begin = (event: PointerEvent<HTMLElement>, one: Occurrence, kind: Drag["kind"]): void => {
    if (!one.may_change || event.button !== 0 || event.pointerType === "touch") return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { pointerId, clientX: x, clientY: y } = event;
    setDrag({ one, kind, pointerId, x, y, days: 0, minutes: 0, moved: false });
  };
  const follow = (event: PointerEvent<HTMLElement>): void => {
    if (drag?.pointerId !== event.pointerId) return;
    const width = (columns.current?.clientWidth ?? 1) / days.length;
    const minutes = Math.round(((event.clientY - drag.y) / HOUR_PX) * (60 / STEP_MIN)) * STEP_MIN;
    const by = drag.kind === "resize" ? 0 : Math.round((event.clientX - drag.x) / width);
    const moved = drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 5;
    setDrag({ ...drag, days: by, minutes, moved });
  };
  const drop = (event: PointerEvent<HTMLElement>): void => {
    if (drag?.pointerId !== event.pointerId) return;
    setDrag(null);
    if (!drag.moved) onOpen(drag.one);
    else {
      const { starts_at_ms, ends_at_ms } = dragged(drag, zone);
      onMove(drag.one, starts_at_ms, ends_at_ms);
    }
  };
  const byKey = (event: KeyboardEvent, one: Occurrence): void => {
    if (event.key === "Escape") props.onUndo();
    if (!event.altKey || !one.may_change) return;
    const vertical = event.key === "ArrowUp" ? -STEP_MIN : event.key === "ArrowDown" ? STEP_MIN : 0;
    const sideways = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!vertical && !sideways) return;
    event.preventDefault();
    const kind = event.shiftKey ? "resize" : "move";
    const next = dragged({ one, kind, days: event.shiftKey ? 0 : sideways, minutes: vertical }, zone);
    onMove(one, next.starts_at_ms, next.ends_at_ms);
  };

  const weekday = dayFormat(locale, { weekday: "short" });
  const spoken = dayFormat(locale, { weekday: "long", month: "long", day: "numeric" });
  const nowMin = minuteOfDay(localIn(now, zone));
  return (
    <div className={styles.grid} style={{ ["--days" as string]: days.length }}>
      <p id="grid-help" className={styles.hidden}>
        {words.gridHelp}
      </p>
      <div className={styles.heads}>
        <span />
        {days.map((day) => (
          <div key={day} className={styles.head} data-today={day === today || undefined}>
            <span>{weekday(day)}</span>
            <strong>{localOfDay(day).day}</strong>
          </div>
        ))}
      </div>
      <div className={styles.scroller} ref={scroller} tabIndex={0} role="region" aria-label={words.grid}>
        <div className={styles.hours} aria-hidden>
          {Array.from({ length: 23 }, (_, index) => (
            <span key={index} style={{ top: (index + 1) * HOUR_PX }}>
              {`${String(index + 1).padStart(2, "0")}:00`}
            </span>
          ))}
        </div>
        <div className={styles.columns} ref={columns}>
          {days.map((day) => (
            <div
              key={day}
              className={styles.column}
              role="group"
              aria-label={spoken(day)}
              data-today={day === today || undefined}
              data-weekend={day % 7 === 2 || day % 7 === 3 || undefined}
              data-testid={`day-${day}`}
              onDoubleClick={(event) => {
                if (event.target !== event.currentTarget) return;
                const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
                const minute = Math.min(DAY_MIN - 30, Math.floor((y / HOUR_PX) * 2) * 30);
                props.onCreate(momentOf(localOfDay(day, minute), zone));
              }}
            >
              {blocksOf(shown, day, zone).map((block) => (
                <GridBlock
                  key={`${block.item.event_id} ${block.item.key}`}
                  block={block}
                  zone={zone}
                  now={now}
                  hourPx={HOUR_PX}
                  isDragged={drag?.moved === true && same(block.item, drag.one)}
                  onOpen={() => onOpen(block.item)}
                  onGrab={(event, kind) => begin(event, original(block, occurrences), kind)}
                  onFollow={follow}
                  onDrop={drop}
                  onLost={() => setDrag(null)}
                  onKey={(event) => byKey(event, block.item)}
                />
              ))}
              {day === today ? (
                <div
                  className={styles.now}
                  style={{ top: (nowMin / 60) * HOUR_PX }}
                  role="img"
                  aria-label={words.now}
                />
              ) : null}
            </div>
          ))}
        </div>
      </div>
      {props.empty ? (
        <div className={styles.emptyHint}>
          <strong>{words.emptyTitle}</strong>
          <span>{words.emptyText}</span>
        </div>
      ) : null}
    </div>
  );
}

function same(a: Occurrence, b: Occurrence): boolean {
  return a.event_id === b.event_id && a.key === b.key;
}

function original(block: Block<Occurrence>, all: readonly Occurrence[]): Occurrence {
  return all.find((one) => same(one, block.item)) ?? block.item;
}

/** Where something is after so many days and minutes on the clock of the viewer. */
function dragged(drag: Pick<Drag, "one" | "kind" | "days" | "minutes">, zone: string): Occurrence {
  const { one, kind } = drag;
  if (kind === "resize") {
    const least = one.starts_at_ms + SHORTEST_MIN * 60_000;
    return { ...one, ends_at_ms: Math.max(least, one.ends_at_ms + drag.minutes * 60_000) };
  }
  const local = localIn(one.starts_at_ms, zone);
  const minute = Math.min(DAY_MIN - STEP_MIN, Math.max(0, minuteOfDay(local) + drag.minutes));
  const starts = momentOf(localOfDay(dayOf(local) + drag.days, minute), zone);
  return { ...one, starts_at_ms: starts, ends_at_ms: starts + one.ends_at_ms - one.starts_at_ms };
}
