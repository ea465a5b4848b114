import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { Calls } from "../../state/desk/calls";
import { useApp, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { Dialog, DialogText } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { CallButton } from "./call-button";
import styles from "./calls.module.css";
import { useCallWords } from "./words";

/** Everybody whom one may call without an occasion, found by name or organization. */
export function CallSomeone({ onClose }: { onClose: () => void }) {
  const { api } = useApp();
  const text = useText();
  const words = useCallWords();
  const calls = useMemo(() => new Calls(api), [api]);
  const [wanted, setWanted] = useState("");
  const asked = useDeferredValue(wanted.trim());
  const found = useQuery({
    queryKey: ["call-people", asked],
    queryFn: () => calls.people(asked),
    refetchInterval: false,
    placeholderData: (before) => before,
  });
  const people = found.data?.people ?? [];
  return (
    <Dialog title={words.someone} isOpen onClose={onClose}>
      <TextField
        label={words.find}
        type="search"
        value={wanted}
        onChange={setWanted}
        placeholder={words.findExample}
        autoComplete="off"
        autoFocus
        testId="call-search"
      />
      <div className={styles.contacts} aria-live="polite" data-testid="contacts">
        {found.isPending ? <DialogText>{text.common.loading}…</DialogText> : null}
        {found.isError ? <DialogText>{words.notFound}</DialogText> : null}
        {found.isSuccess && people.length === 0 ? <DialogText>{words.nobody}</DialogText> : null}
        <ul>
          {people.map((one) => (
            <li className={styles.contact} key={one.id}>
              <Avatar name={one.name} identity={one.id} size={36} />
              <span className={styles.contactText}>
                <strong>{one.name}</strong>
                <span>{one.organization}</span>
              </span>
              <CallButton about={{ kind: "account", id: one.id }} to={one.id} name={one.name} />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
