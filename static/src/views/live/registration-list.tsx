import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Livestreams, RegistrationState } from "../../state/live/livestreams";
import { More, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import styles from "./live.module.css";
import { Section } from "./section";
import { useLiveWords } from "./words";

const STATES: readonly RegistrationState[] = ["pending", "confirmed", "waiting", "declined", "cancelled"];

export function RegistrationList({ id, livestreams }: { id: string; livestreams: Livestreams }) {
  const words = useLiveWords();
  const client = useQueryClient();
  const [state, setState] = useState("");
  const [search, setSearch] = useState("");
  const {
    query,
    first,
    rows: found,
  } = useListing(
    ["registrations", id, state, search],
    (after) => livestreams.registrations(id, state, search.trim(), after),
    (page) => page.registrations,
  );
  const decide = useMutation({
    mutationFn: ({ one, confirm }: { one: string; confirm: boolean }) => livestreams.decide(id, one, confirm),
    onSuccess: () => client.invalidateQueries({ queryKey: ["registrations", id] }),
  });
  const counts = first?.counts ?? {};
  return (
    <Section title={words.registrations}>
      <div className={pages.toolbar}>
        <TextField
          label={words.findPerson}
          placeholder={words.findPerson}
          hideLabel
          value={search}
          onChange={setSearch}
        />
        <Select
          label={words.registrations}
          hideLabel
          selected={state}
          onChange={setState}
          options={[
            { id: "", label: words.shows.all },
            ...STATES.map((one) => ({
              id: one,
              label: `${words.registrationStates[one]} ${counts[one] ?? 0}`,
            })),
          ]}
        />
      </div>
      {found.length === 0 ? <p className={pages.small}>{words.noRegistrations}</p> : null}
      <ul className={styles.rows} data-testid="live-registrations">
        {found.map((one) => (
          <li key={one.id} className={styles.editRow} data-testid="live-registration" data-state={one.state}>
            <div className={styles.grow}>
              <b>{one.name}</b> <span className={pages.small}>{one.email}</span>
              <div className={pages.small}>
                {words.registrationStates[one.state]}
                {Object.values(one.answers).map((answer) => ` · ${answer}`)}
              </div>
            </div>
            {one.state === "pending" || one.state === "waiting" || one.state === "declined" ? (
              <Button
                onPress={() => decide.mutate({ one: one.id, confirm: true })}
                testId="live-registration-confirm"
              >
                {words.confirm}
              </Button>
            ) : null}
            {one.state === "pending" || one.state === "confirmed" || one.state === "waiting" ? (
              <Button tone="quiet" onPress={() => decide.mutate({ one: one.id, confirm: false })}>
                {words.decline}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <More query={query} />
    </Section>
  );
}
