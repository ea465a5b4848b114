import { describe, expect, it } from "vitest";
import { extraText, holidaysText, readExtra, readHolidays, readSpans, spansText } from "./hours";

describe("working hours as text", () => {
  it.each([
    ["", []],
    ["9:00-12:00", [{ begin: "09:00", end: "12:00" }]],
    [
      "09:00–12:00，13:30-24:00",
      [
        { begin: "09:00", end: "12:00" },
        { begin: "13:30", end: "24:00" },
      ],
    ],
  ])("%s", (text, spans) => {
    expect(readSpans(text)).toEqual(spans);
  });

  it.each(["9-12", "12:00-09:00", "09:00-12:00, 11:00-13:00", "25:00-26:00", "09:00", "a"])(
    "%s cannot be read",
    (text) => {
      expect(readSpans(text)).toBeNull();
    },
  );

  it("what is shown is read back as it was", () => {
    const spans = [
      { begin: "09:00", end: "12:00" },
      { begin: "13:30", end: "18:00" },
    ];
    const holidays = [
      { date: "2027-01-01", name: "元旦 New Year" },
      { date: "2027-02-17", name: "" },
    ];
    const extra = [{ date: "2027-01-09", spans }];
    expect(readSpans(spansText(spans))).toEqual(spans);
    expect(readHolidays(holidaysText(holidays))).toEqual(holidays);
    expect(readExtra(extraText(extra))).toEqual(extra);
  });

  it("a day that there is not is no holiday", () => {
    expect(readHolidays("2027-02-30 x")).toBeNull();
    expect(readExtra("2027-01-09")).toBeNull();
  });
});
