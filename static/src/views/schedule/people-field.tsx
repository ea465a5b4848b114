import { useQuery } from "@tanstack/react-query";
import { Building2, Mail, X } from "lucide-react";
import { useDeferredValue, useState } from "react";
import type { Guest, Schedule } from "../../state/schedule/schedule";
import { TextField } from "../ui/fields";
import styles from "./form.module.css";
import { useScheduleWords } from "./words";

const ADDRESS = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const OFFERED_MAX = 6;

export const guestId = (guest: Guest): string =>
  guest.account_id ?? guest.organization_id ?? guest.email ?? "";

/** Those who are invited, and a field that finds more: people, organizations, or any mail address. */
export function PeopleField({
  guests,
  schedule,
  onChange,
}: {
  guests: readonly Guest[];
  schedule: Schedule;
  onChange: (guests: readonly Guest[]) => void;
}) {
  const words = useScheduleWords();
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["people", asked],
    queryFn: () => schedule.people(asked),
    enabled: asked !== "",
    refetchInterval: false,
  });
  const offers: (Guest & { note: string })[] = [];
  if (asked !== "") {
    for (const one of found.data?.people ?? [])
      offers.push({ account_id: one.id, name: one.name, note: one.organization });
    for (const one of found.data?.organizations ?? [])
      if (one.name.toLowerCase().includes(asked.toLowerCase()))
        offers.push({ organization_id: one.id, name: one.name, note: words.form.organization });
    if (ADDRESS.test(asked))
      offers.push({ email: asked.toLowerCase(), name: asked.split("@")[0] ?? asked, note: asked });
  }
  const taken = new Set(guests.map(guestId));
  const open = offers.filter((one) => !taken.has(guestId(one))).slice(0, OFFERED_MAX);
  const add = ({ account_id, organization_id, email, name }: Guest): void => {
    const id = account_id ? { account_id } : organization_id ? { organization_id } : { email: email ?? "" };
    onChange([...guests, { ...id, name }]);
    setText("");
  };
  return (
    <div
      className={styles.peopleField}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || text.trim() === "") return;
        event.preventDefault();
        const first = open[0];
        if (first) add(first);
      }}
    >
      <TextField
        label={words.form.people}
        placeholder={words.form.peopleExample}
        value={text}
        onChange={setText}
        autoComplete="off"
        testId="invite-field"
      />
      {asked !== "" ? (
        <ul className={styles.offers}>
          {open.map((one) => (
            <li key={guestId(one)}>
              <button type="button" onClick={() => add(one)} data-testid="offer">
                <strong>{one.email ? words.form.addAddress({ email: one.email }) : one.name}</strong>
                {one.email ? null : <span>{one.note}</span>}
              </button>
            </li>
          ))}
          {open.length === 0 && found.isSuccess ? (
            <li className={styles.noOffer}>{words.form.noPeople}</li>
          ) : null}
        </ul>
      ) : null}
      {guests.length > 0 ? (
        <ul className={styles.chips}>
          {guests.map((one) => (
            <li key={guestId(one)} title={one.email ?? one.name}>
              {one.organization_id ? (
                <Building2 size={14} aria-hidden />
              ) : one.email ? (
                <Mail size={14} aria-hidden />
              ) : null}
              <span>{one.name}</span>
              <button
                type="button"
                aria-label={words.form.remove({ name: one.name })}
                onClick={() => onChange(guests.filter((other) => guestId(other) !== guestId(one)))}
              >
                <X size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
