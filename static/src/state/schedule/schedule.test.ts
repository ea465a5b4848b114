import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock";
import { blocksOf, daysShown } from "./layout";
import { changeOf, Moves, UNDO_MS } from "./moves";
import { everyWeek, nthOf, parseRule, ruleMoved, ruleText } from "./rule";
import type { EventChange, Occurrence } from "./schedule";
import { dayOf, localIn, localOfDay, localText, midnight, momentOf, parseLocal, weekdayOf } from "./zones";

const at = (text: string, zone: string): number => {
  const local = parseLocal(text.slice(0, 10), text.slice(11));
  if (!local) throw new Error(text);
  return momentOf(local, zone);
};

describe("times on the clock of a zone", () => {
  it("come back as they went in, in zones of all kinds", () => {
    for (const zone of [
      "Asia/Shanghai",
      "Europe/Berlin",
      "America/New_York",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
    ])
      for (const text of ["2026-03-29T04:30", "2026-07-01T00:00", "2026-10-25T09:15", "2026-12-31T23:59"])
        expect(localText(localIn(at(text, zone), zone))).toBe(text);
  });
  it("are those of before the gap where a clock leaves an hour out", () => {
    expect(new Date(at("2026-03-29T02:30", "Europe/Berlin")).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  });
  it("know weekdays", () => {
    expect(weekdayOf(dayOf({ year: 2026, month: 11, day: 23, hour: 0, minute: 0 }))).toBe(0);
    expect(localOfDay(dayOf({ year: 2028, month: 2, day: 29, hour: 5, minute: 0 }), 61)).toMatchObject({
      month: 2,
      day: 29,
      hour: 1,
      minute: 1,
    });
  });
});

const TUESDAY = dayOf({ year: 2026, month: 11, day: 24, hour: 0, minute: 0 });

describe("rules", () => {
  it("are read as they are written", () => {
    for (const text of [
      "FREQ=DAILY",
      "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=MO,TU",
      "FREQ=WEEKLY;COUNT=10;BYDAY=TU",
      "FREQ=MONTHLY;BYDAY=-1FR",
      "FREQ=YEARLY;INTERVAL=3",
    ])
      expect(ruleText(parseRule(text))).toBe(text);
  });
  it("of others are left alone", () => {
    expect(parseRule("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")).toBeNull();
    expect(parseRule("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1")).toBeNull();
    expect(parseRule("nonsense")).toBeNull();
  });
  it("go with their meeting to another day", () => {
    expect(ruleMoved("FREQ=WEEKLY;BYDAY=TU", TUESDAY, TUESDAY + 1)).toBe("FREQ=WEEKLY;BYDAY=WE");
    expect(ruleMoved("FREQ=WEEKLY;BYDAY=TU,WE", TUESDAY, TUESDAY + 1)).toBe("FREQ=WEEKLY;BYDAY=WE");
    expect(ruleMoved("FREQ=DAILY", TUESDAY, TUESDAY + 1)).toBe("FREQ=DAILY");
    expect(nthOf(TUESDAY)).toEqual({ number: 4, day: 1 });
    expect(nthOf(TUESDAY + 6).number).toBe(-1);
    expect(ruleText(everyWeek(TUESDAY, 2))).toBe("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU");
  });
});

describe("the layout of a day", () => {
  const zone = "Asia/Shanghai";
  const item = (from: string, to: string) => ({ starts_at_ms: at(from, zone), ends_at_ms: at(to, zone) });
  it("puts what overlaps side by side, and what does not over the whole width", () => {
    const items = [
      item("2026-11-24T09:00", "2026-11-24T10:00"),
      item("2026-11-24T09:30", "2026-11-24T10:30"),
      item("2026-11-24T10:00", "2026-11-24T11:00"),
      item("2026-11-24T14:00", "2026-11-24T15:00"),
    ];
    expect(blocksOf(items, TUESDAY, zone).map(({ column, columns }) => [column, columns])).toEqual([
      [0, 2],
      [1, 2],
      [0, 2],
      [0, 1],
    ]);
  });
  it("cuts at midnight, and shows nothing of what ends there on the next day", () => {
    const night = item("2026-11-23T22:00", "2026-11-24T02:00");
    expect(blocksOf([night], TUESDAY, zone)).toMatchObject([{ from: 0, to: 120, begins: false }]);
    expect(blocksOf([night], TUESDAY - 1, zone)).toMatchObject([{ from: 1_320, to: 1_440, begins: true }]);
    expect(blocksOf([item("2026-11-23T22:00", "2026-11-24T00:00")], TUESDAY, zone)).toEqual([]);
  });
  it("shows weeks from Monday", () => {
    expect(daysShown("week", TUESDAY)).toHaveLength(7);
    expect(weekdayOf(daysShown("week", TUESDAY)[0] ?? 0)).toBe(0);
    expect(midnight(TUESDAY, "UTC")).toBe(TUESDAY * 86_400_000);
  });
});

const WEEKLY: Occurrence = {
  event_id: "e",
  key: "20261124T100000",
  title: "Weekly",
  starts_at_ms: at("2026-11-24T10:00", "Europe/Berlin"),
  ends_at_ms: at("2026-11-24T11:00", "Europe/Berlin"),
  zone: "Europe/Berlin",
  rrule: "FREQ=WEEKLY;BYDAY=TU",
  changed: false,
  organizer: null,
  answer: null,
  may_change: true,
  sequence: 3,
  code: "abc-defg-hij",
  link: "",
};
const HOUR = 3_600_000;

function moving() {
  const clock = new ManualClock();
  const sent: EventChange[] = [];
  const failed = vi.fn();
  const change = vi.fn((_id: string, body: EventChange) => {
    sent.push(body);
    return Promise.resolve(undefined as never);
  });
  const moves = new Moves({ change }, clock, vi.fn(), failed);
  return { clock, sent, moves, change, failed };
}

describe("a move", () => {
  it("is told to the server once, when nobody took it back, on the meeting's own clock", async () => {
    const { clock, sent, moves } = moving();
    moves.propose(WEEKLY, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    clock.advance(UNDO_MS - 1);
    moves.propose(
      { ...WEEKLY, starts_at_ms: 0 },
      WEEKLY.starts_at_ms + 2 * HOUR,
      WEEKLY.ends_at_ms + 2 * HOUR,
    );
    clock.advance(UNDO_MS - 1);
    expect(sent).toEqual([]);
    clock.advance(1);
    await Promise.resolve();
    expect(sent).toEqual([
      { sequence: 3, scope: "one", key: WEEKLY.key, starts: "2026-11-24T12:00", minutes: 60 },
    ]);
  });
  it("that is undone, or goes back by hand, is told to nobody", () => {
    const { clock, sent, moves } = moving();
    moves.propose(WEEKLY, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    moves.undo();
    moves.propose(WEEKLY, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    moves.propose(WEEKLY, WEEKLY.starts_at_ms, WEEKLY.ends_at_ms);
    clock.advance(10 * UNDO_MS);
    expect(sent).toEqual([]);
    expect(moves.current.get()).toBeNull();
  });
  it("of another meeting has the first one saved", () => {
    const { change, moves } = moving();
    moves.propose(WEEKLY, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    moves.propose({ ...WEEKLY, event_id: "f" }, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    expect(change).toHaveBeenCalledTimes(1);
  });
  it("of a series takes its rule along", () => {
    const day = 24 * HOUR;
    const move = {
      occurrence: WEEKLY,
      starts_at_ms: WEEKLY.starts_at_ms + day,
      ends_at_ms: WEEKLY.ends_at_ms + day,
      scope: "following",
      state: "pending",
    } as const;
    expect(changeOf(move)).toMatchObject({ starts: "2026-11-25T10:00", rrule: "FREQ=WEEKLY;BYDAY=WE" });
  });
  it("that is refused is shown where it was", async () => {
    const { change, moves, failed } = moving();
    change.mockRejectedValueOnce(new Error("no"));
    moves.propose(WEEKLY, WEEKLY.starts_at_ms + HOUR, WEEKLY.ends_at_ms + HOUR);
    await moves.save();
    expect(failed).toHaveBeenCalledTimes(1);
    expect(moves.current.get()).toBeNull();
  });
});
