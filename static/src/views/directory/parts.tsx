import type { ReactNode } from "react";
import { ApiError, type Me } from "../../state/api";
import { takenDays, type Busy } from "../../state/directory";
import { useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./directory.module.css";
import { dayText, useDirectoryWords } from "./words";

export const isStaff = (me: Me): boolean => me.memberships.some((one) => one.organization.kind === "park");

/** What stands where something could not be loaded. */
export function Failed({ cause, retry, back }: { cause: unknown; retry?: () => void; back?: string }) {
  const text = useText();
  const words = useDirectoryWords();
  const code = cause instanceof ApiError ? cause.code : "internal";
  return (
    <div className={pages.empty}>
      <h2>{code === "not_found" ? words.gone : words.failed}</h2>
      {code === "not_found" ? null : <p>{text.errors[code]}</p>}
      {retry && code !== "not_found" ? <Button onPress={retry}>{text.common.retry}</Button> : null}
      {back ? <ButtonLink href={back}>{words.back}</ButtonLink> : null}
    </div>
  );
}

export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={pages.empty}>
      {icon}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Chips({ of }: { of: readonly string[] }) {
  return of.length === 0 ? null : (
    <ul className={styles.chips}>
      {of.map((one) => (
        <li key={one} className={styles.chip}>
          {one}
        </li>
      ))}
    </ul>
  );
}

/** Several of a closed list. */
export function Choices({
  label,
  names,
  chosen,
  onChange,
  scrolls,
}: {
  label: string;
  names: Readonly<Record<string, string>>;
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  scrolls?: boolean;
}) {
  return (
    <fieldset className={styles.choices}>
      <legend>{label}</legend>
      <div className={classes(styles.chips, scrolls && styles.scroll)}>
        {Object.entries(names).map(([id, name]) => (
          <label key={id} className={styles.choice}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={(event) =>
                onChange(event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
              }
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const STRIP_DAYS = 42;

/** The next six weeks of a crew, a cell a day. */
export function CalendarStrip({ busy, today }: { busy: readonly Busy[]; today: string }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const days = takenDays(busy, today, STRIP_DAYS);
  const name = days.some((one) => one.taken) ? words.page.calendar : words.page.free;
  return (
    <div className={styles.strip} role="img" aria-label={name}>
      {days.map(({ day, taken }) => (
        <span
          key={day}
          title={dayText(day, locale)}
          {...(taken ? { "data-taken": true } : {})}
          {...(new Date(day).getUTCDay() === 1 ? { "data-week": true } : {})}
        />
      ))}
    </div>
  );
}

export function DayField({
  label,
  value,
  onChange,
  isOptional,
  testId,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  isOptional?: boolean;
  testId?: string;
}) {
  return (
    <label className={styles.choices}>
      <span>{label}</span>
      <input
        className={styles.day}
        type="date"
        value={value}
        required={!isOptional}
        onChange={(event) => onChange(event.target.value)}
        {...(testId ? { "data-testid": testId } : {})}
      />
    </label>
  );
}

export function LinesField({
  label,
  value,
  onChange,
  max,
  rows,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  max: number;
  rows?: number;
}) {
  return (
    <label className={styles.choices}>
      <span>{label}</span>
      <textarea
        className={styles.area}
        rows={rows ?? 3}
        maxLength={max}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
