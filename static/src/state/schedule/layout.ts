import { DAY_MIN, dayOf, localIn, minuteOfDay, mondayOf, type DayNumber } from "./zones";

export type Mode = "day" | "week" | "agenda";

export const AGENDA_DAYS = 28;

/** The days that are shown, from the first up to but not with the last. */
export function daysShown(mode: Mode, focus: DayNumber): readonly DayNumber[] {
  const [first, count] =
    mode === "day" ? [focus, 1] : mode === "week" ? [mondayOf(focus), 7] : [focus, AGENDA_DAYS];
  return Array.from({ length: count }, (_, index) => first + index);
}

export function step(mode: Mode, focus: DayNumber, by: number): DayNumber {
  return focus + by * (mode === "day" ? 1 : mode === "week" ? 7 : AGENDA_DAYS);
}

export interface Timed {
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
}

/** A piece of something within one day, and which of how many columns it has there. */
export interface Block<T> {
  readonly item: T;
  readonly day: DayNumber;
  readonly from: number;
  readonly to: number;
  readonly column: number;
  readonly columns: number;
  readonly begins: boolean;
}

const SHORTEST_MIN = 20;

/** Blocks of a day, side by side where they overlap. */
export function blocksOf<T extends Timed>(items: readonly T[], day: DayNumber, zone: string): Block<T>[] {
  const pieces = items
    .flatMap((item) => piece(item, day, zone))
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const placed: Block<T>[] = [];
  let cluster: { block: Omit<Block<T>, "columns">; until: number }[] = [];
  const close = (): void => {
    const columns = Math.max(0, ...cluster.map(({ block }) => block.column)) + 1;
    placed.push(...cluster.map(({ block }) => ({ ...block, columns })));
    cluster = [];
  };
  for (const one of pieces) {
    const shown = Math.max(one.to, one.from + SHORTEST_MIN);
    if (cluster.length > 0 && cluster.every(({ until }) => until <= one.from)) close();
    const taken = new Set(cluster.filter(({ until }) => until > one.from).map(({ block }) => block.column));
    let column = 0;
    while (taken.has(column)) column += 1;
    cluster.push({ block: { ...one, column }, until: shown });
  }
  close();
  return placed;
}

function piece<T extends Timed>(
  item: T,
  day: DayNumber,
  zone: string,
): Omit<Block<T>, "column" | "columns">[] {
  const begins = localIn(item.starts_at_ms, zone);
  const ends = localIn(item.ends_at_ms, zone);
  const first = dayOf(begins);
  const last = dayOf(ends);
  const to = day < last ? DAY_MIN : minuteOfDay(ends);
  if (day < first || day > last || (day === last && day > first && to === 0)) return [];
  return [{ item, day, from: day > first ? 0 : minuteOfDay(begins), to, begins: day === first }];
}
