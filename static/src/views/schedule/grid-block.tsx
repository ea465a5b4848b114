import { Repeat } from "lucide-react";
import type { KeyboardEvent, PointerEvent } from "react";
import type { Block } from "../../state/schedule/layout";
import type { Occurrence } from "../../state/schedule/schedule";
import { useLocale } from "../context";
import styles from "./calendar.module.css";
import { placeName, spanText, useScheduleWords, zoneName } from "./words";

const SHORTEST_PX = 20;
const TWO_LINES_PX = 40;

export function GridBlock({
  block,
  zone,
  now,
  hourPx,
  isDragged,
  onOpen,
  onGrab,
  onFollow,
  onDrop,
  onLost,
  onKey,
}: {
  block: Block<Occurrence>;
  zone: string;
  now: number;
  hourPx: number;
  isDragged: boolean;
  onOpen: () => void;
  onGrab: (event: PointerEvent<HTMLElement>, kind: "move" | "resize") => void;
  onFollow: (event: PointerEvent<HTMLElement>) => void;
  onDrop: (event: PointerEvent<HTMLElement>) => void;
  onLost: () => void;
  onKey: (event: KeyboardEvent) => void;
}) {
  const words = useScheduleWords();
  const locale = useLocale();
  const one = block.item;
  const height = Math.max(SHORTEST_PX, ((block.to - block.from) / 60) * hourPx - 2);
  const time = spanText(one.starts_at_ms, one.ends_at_ms, zone, locale);
  const timeThere = spanText(one.starts_at_ms, one.ends_at_ms, one.zone, locale);
  const there =
    one.zone === zone
      ? ""
      : words.inZone({
          time: timeThere,
          zone: zoneName(one.zone, locale, one.starts_at_ms),
        });
  const standing = one.answer === null ? words.yours : words.answers[one.answer];
  return (
    <div
      className={styles.block}
      data-answer={one.answer ?? "own"}
      data-over={one.ends_at_ms <= now || undefined}
      data-dragged={isDragged || undefined}
      data-movable={one.may_change || undefined}
      style={{
        top: (block.from / 60) * hourPx,
        height,
        insetInlineStart: `${(block.column / block.columns) * 100}%`,
        width: `${100 / block.columns}%`,
      }}
    >
      <button
        type="button"
        className={styles.blockFace}
        data-testid="occurrence"
        data-key={one.key}
        aria-label={[one.title, time, there, standing, one.rrule ? words.repeatsIcon : ""]
          .filter(Boolean)
          .join(", ")}
        {...(one.may_change ? { "aria-describedby": "grid-help" } : {})}
        onPointerDown={(event) => onGrab(event, "move")}
        onPointerMove={onFollow}
        onPointerUp={onDrop}
        onPointerCancel={onLost}
        onClick={(event) => {
          // A pointer that could have dragged has opened it already; keys and fingers come here.
          if (!one.may_change || event.detail === 0 || isTouch(event.nativeEvent)) onOpen();
        }}
        onKeyDown={onKey}
      >
        <strong>
          {one.title}
          {one.rrule ? <Repeat size={12} aria-hidden /> : null}
        </strong>
        {height >= TWO_LINES_PX ? <span>{time}</span> : null}
        {there && height >= TWO_LINES_PX + 16 ? <span>{`${timeThere} ${placeName(one.zone)}`}</span> : null}
      </button>
      {one.may_change && block.begins ? (
        <span
          className={styles.handle}
          data-testid="resize"
          onPointerDown={(event) => onGrab(event, "resize")}
          onPointerMove={onFollow}
          onPointerUp={onDrop}
          onPointerCancel={onLost}
        />
      ) : null}
    </div>
  );
}

function isTouch(event: MouseEvent): boolean {
  return "pointerType" in event && event.pointerType === "touch";
}
