import { useState } from "react";
import { everyWeek, nthOf, parseRule, ruleText, type Pattern, type Unit } from "../../state/schedule/rule";
import { weekdayOf, type DayNumber } from "../../state/schedule/zones";
import { useLocale } from "../context";
import { Select } from "../ui/fields";
import styles from "./form.module.css";
import { numberName, ruleWords, useScheduleWords, weekdayName } from "./words";

const UNITS: readonly Unit[] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const INTERVAL_MAX = 99;
const COUNT_MAX = 1_000;
const WORKDAYS = [0, 1, 2, 3, 4];
const TIMES_OFFERED = 10;

/** How a meeting repeats: a few rhythms by name, any other by its parts, and the sentence that it makes. */
export function RepeatField({
  rule,
  day,
  onChange,
  fault,
}: {
  rule: string;
  day: DayNumber;
  onChange: (rule: string) => void;
  fault: string | null;
}) {
  const words = useScheduleWords();
  const locale = useLocale();
  const pattern = rule ? parseRule(rule) : null;
  const base = { interval: 1, days: [], nth: null, until: pattern?.until ?? "", count: pattern?.count ?? 0 };
  const nth = nthOf(day);
  const presets: Record<string, Pattern | null> = {
    none: null,
    daily: { ...base, unit: "DAILY" },
    weekdays: { ...base, unit: "WEEKLY", days: WORKDAYS },
    weekly: { ...everyWeek(day), until: base.until, count: base.count },
    fortnightly: { ...everyWeek(day, 2), until: base.until, count: base.count },
    monthly: { ...base, unit: "MONTHLY", nth },
  };
  const fits =
    Object.keys(presets).find((id) => ruleText(presets[id] ?? null) === ruleText(pattern)) ?? "custom";
  const [custom, setCustom] = useState(false);
  const selected = custom || (rule && !pattern) ? "custom" : fits;
  const name = weekdayName(weekdayOf(day), locale);
  const labels: Record<string, string> = {
    none: words.presets.none,
    daily: words.presets.daily,
    weekdays: words.presets.weekdays,
    weekly: words.presets.weekly({ day: name }),
    fortnightly: words.presets.fortnightly({ day: name }),
    monthly: words.presets.monthly({
      number: numberName(nth.number, words),
      day: name,
    }),
    custom: words.presets.custom,
  };
  const shown = pattern ?? everyWeek(day);
  const change = (part: Partial<Pattern>): void => onChange(ruleText({ ...shown, ...part }));
  const ends = shown.count > 0 ? "times" : shown.until ? "date" : "never";
  return (
    <div className={styles.repeat}>
      <Select
        label={words.form.repeat}
        options={Object.entries(labels).map(([id, label]) => ({ id, label }))}
        selected={selected}
        onChange={(id) => {
          setCustom(id === "custom");
          onChange(ruleText(id === "custom" ? shown : (presets[id] ?? null)));
        }}
      />
      {selected === "custom" ? (
        <div className={styles.row}>
          <label className={styles.field}>
            {words.form.every}
            <input
              type="number"
              min={1}
              max={INTERVAL_MAX}
              value={shown.interval}
              data-testid="interval"
              onChange={(event) => change({ interval: bounded(event.target.value, INTERVAL_MAX) })}
            />
          </label>
          <Select
            label={words.form.unit}
            options={UNITS.map((id) => ({ id, label: words.form.units[id]({ count: shown.interval }) }))}
            selected={shown.unit}
            onChange={(id) =>
              change({ unit: id as Unit, days: id === "WEEKLY" ? [weekdayOf(day)] : [], nth: null })
            }
          />
        </div>
      ) : null}
      {selected === "custom" && shown.unit === "WEEKLY" ? (
        <div className={styles.days} role="group" aria-label={words.form.on}>
          {[0, 1, 2, 3, 4, 5, 6].map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={shown.days.includes(one)}
              aria-label={weekdayName(one, locale)}
              onClick={() => {
                const days = shown.days.includes(one)
                  ? shown.days.filter((other) => other !== one)
                  : [...shown.days, one];
                if (days.length > 0) change({ days });
              }}
            >
              {weekdayName(one, locale, "short")}
            </button>
          ))}
        </div>
      ) : null}
      {rule ? (
        <div className={styles.row}>
          <Select
            label={words.form.ends}
            options={[
              { id: "never", label: words.form.never },
              { id: "date", label: words.form.onDate },
              { id: "times", label: words.form.afterTimes },
            ]}
            selected={ends}
            onChange={(id) =>
              change({
                until: id === "date" ? dateOf(day + 90) : "",
                count: id === "times" ? TIMES_OFFERED : 0,
              })
            }
          />
          {ends === "date" ? (
            <label className={styles.field}>
              {words.form.until}
              <input
                type="date"
                value={shown.until}
                min={dateOf(day)}
                onChange={(event) => change({ until: event.target.value || dateOf(day) })}
              />
            </label>
          ) : null}
          {ends === "times" ? (
            <label className={styles.field}>
              {words.form.times}
              <input
                type="number"
                min={1}
                max={COUNT_MAX}
                value={shown.count}
                onChange={(event) => change({ count: bounded(event.target.value, COUNT_MAX) })}
              />
            </label>
          ) : null}
        </div>
      ) : null}
      {rule ? (
        <p className={styles.sentence} data-testid="rule-words">
          {ruleWords(pattern, words, locale)}
        </p>
      ) : null}
      {fault ? (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      ) : null}
    </div>
  );
}

const dateOf = (day: DayNumber): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

function bounded(text: string, max: number): number {
  return Math.min(max, Math.max(1, Math.round(Number(text) || 1)));
}
