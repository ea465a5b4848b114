/** Times on the clock of a zone, by Intl: no table of zones is loaded. */

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export const MINUTE_MS = 60_000;
export const DAY_MIN = 1_440;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  return format;
}

export function viewerZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function localIn(atMs: number, zone: string): LocalTime {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) part[type] = Number(value);
  return {
    year: part["year"] ?? 0,
    month: part["month"] ?? 1,
    day: part["day"] ?? 1,
    hour: part["hour"] ?? 0,
    minute: part["minute"] ?? 0,
  };
}

const asUtc = (local: LocalTime): number =>
  Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);

/** The moment; in the hour that a change of the clock leaves out, as if the clock had not changed. */
export function momentOf(local: LocalTime, zone: string): number {
  const wanted = asUtc(local);
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map((near) => asUtc(localIn(near, zone)) - near);
  for (const offset of offsets) if (asUtc(localIn(wanted - offset, zone)) === wanted) return wanted - offset;
  return wanted - (offsets[0] ?? 0);
}

export const dateText = (local: LocalTime): string =>
  `${String(local.year).padStart(4, "0")}-${two(local.month)}-${two(local.day)}`;
export const timeText = (local: LocalTime): string => `${two(local.hour)}:${two(local.minute)}`;
/** `2026-11-25T10:00`, as the API and input elements write it. */
export const localText = (local: LocalTime): string => `${dateText(local)}T${timeText(local)}`;

export function parseLocal(date: string, time: string): LocalTime | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? [];
  const [, hour, minute] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  if (!year || !month || !day || !hour || !minute) return null;
  return { year: +year, month: +month, day: +day, hour: +hour, minute: +minute };
}

export function minuteOfDay(local: LocalTime): number {
  return local.hour * 60 + local.minute;
}

/** A date without a clock, as days since 1970: to reckon with. */
export type DayNumber = number;

export const dayOf = (local: LocalTime): DayNumber =>
  Math.floor(Date.UTC(local.year, local.month - 1, local.day) / 86_400_000);

export function localOfDay(day: DayNumber, minutes = 0): LocalTime {
  const at = new Date(day * 86_400_000);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: Math.floor(minutes / 60),
    minute: minutes % 60,
  };
}

/** Monday is 0. */
export const weekdayOf = (day: DayNumber): number => (((day + 3) % 7) + 7) % 7;
export const mondayOf = (day: DayNumber): DayNumber => day - weekdayOf(day);

/** Midnight at the beginning of a day on the clock of a zone. */
export const midnight = (day: DayNumber, zone: string): number => momentOf(localOfDay(day), zone);

const two = (value: number): string => String(value).padStart(2, "0");
