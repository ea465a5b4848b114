/** The park's working hours, written as people write them: "09:00-12:00, 13:30-18:00", a day a line. */

export interface Span {
  readonly begin: string;
  readonly end: string;
}

export interface WorkingHours {
  readonly time_zone: string;
  /** From Monday. */
  readonly week: readonly (readonly Span[])[];
  readonly holidays: readonly { readonly date: string; readonly name: string }[];
  /** Days off that are worked. */
  readonly extra_days: readonly { readonly date: string; readonly spans: readonly Span[] }[];
}

export interface KeptHours {
  readonly hours: WorkingHours;
  readonly revision: number;
}

export interface Holiday {
  readonly date: string;
  readonly name: string;
}

const TIME = /^([01]?\d|2[0-3])[:：]([0-5]\d)$|^24[:：]00$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const SPANS_MAX = 4;

export const spansText = (spans: readonly Span[]): string =>
  spans.map(({ begin, end }) => `${begin}-${end}`).join(", ");

/** "" is a day off.  Null where it cannot be read: times out of order, or that run into each other. */
export function readSpans(text: string): readonly Span[] | null {
  const spans: Span[] = [];
  for (const part of text.split(/[,，、;；\s]+/).filter(Boolean)) {
    const [begin, end, ...more] = part.split(/[-–—~～]/).map(readTime);
    if (!begin || !end || more.length > 0 || begin >= end) return null;
    if ((spans.at(-1)?.end ?? "") > begin) return null;
    spans.push({ begin, end });
  }
  return spans.length <= SPANS_MAX ? spans : null;
}

function readTime(text: string): string | null {
  return TIME.test(text) ? text.replace("：", ":").padStart(5, "0") : null;
}

export const holidaysText = (holidays: readonly Holiday[]): string =>
  holidays.map(({ date, name }) => `${date} ${name}`.trim()).join("\n");

/** A day a line, with its name behind it. */
export function readHolidays(text: string): readonly Holiday[] | null {
  const found: Holiday[] = [];
  for (const line of lines(text)) {
    const { day, rest } = cut(line);
    if (!isDay(day)) return null;
    found.push({ date: day, name: rest.slice(0, 64) });
  }
  return found;
}

export const extraText = (days: WorkingHours["extra_days"]): string =>
  days.map(({ date, spans }) => `${date} ${spansText(spans)}`).join("\n");

/** A day a line, with its hours behind it. */
export function readExtra(text: string): WorkingHours["extra_days"] | null {
  const found: { date: string; spans: readonly Span[] }[] = [];
  for (const line of lines(text)) {
    const { day, rest } = cut(line);
    const spans = readSpans(rest);
    if (!isDay(day) || !spans || spans.length === 0) return null;
    found.push({ date: day, spans });
  }
  return found;
}

const lines = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

function cut(line: string): { readonly day: string; readonly rest: string } {
  const [day = "", ...rest] = line.split(/\s+/);
  return { day, rest: rest.join(" ") };
}

/** A day that there is: the 30th of February is none. */
function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
