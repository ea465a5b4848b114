import { describe, expect, it } from "vitest";
import { isJoinable, isQuiet, spanOf, type HomeDay } from "./home";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("how far a moment is", () => {
  it.each([
    [30_000, { kind: "now" }],
    [-59_999, { kind: "now" }],
    [MINUTE, { kind: "minutes", count: 1, isPast: false }],
    [-HOUR + 1, { kind: "minutes", count: 59, isPast: true }],
    [HOUR, { kind: "hours", count: 1, isPast: false }],
    [-24 * HOUR, { kind: "days", count: 1, isPast: true }],
    [49 * HOUR, { kind: "days", count: 2, isPast: false }],
  ])("%d ms", (distance, span) => expect(spanOf(1_000_000_000 + distance, 1_000_000_000)).toEqual(span));
});

describe("a meeting", () => {
  const meeting = { starts_at_ms: 10 * HOUR, ends_at_ms: 11 * HOUR };
  it.each([
    [10 * HOUR - 16 * MINUTE, false],
    [10 * HOUR - 15 * MINUTE, true],
    [11 * HOUR - 1, true],
    [11 * HOUR, false],
  ])("at %d can be joined: %s", (now, joinable) => expect(isJoinable(meeting, now)).toBe(joinable));
});

describe("a day", () => {
  const nothing: HomeDay = {
    meetings: [],
    acting: [],
    items: [],
    ringing: [],
    missed: [],
    notices: [],
    unread: 0,
    jobs: [],
    symposiums: [],
    recent: [],
    desk: null,
    server_time_ms: 0,
  };
  it("is quiet when nothing waits, whatever was filed before", () => {
    expect(isQuiet(nothing)).toBe(true);
    expect(isQuiet({ ...nothing, desk: { unowned: 0, late: 0 } })).toBe(true);
  });
  it("is not quiet for an officer with something late", () =>
    expect(isQuiet({ ...nothing, desk: { unowned: 0, late: 2 } })).toBe(false));
});
