import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { Calls, type CallAbout } from "../../state/desk/calls";
import { useApp, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { Dialog, DialogText } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { CallButton } from "./call-button";
import styles from "./calls.module.css";
import { useCallWords } from "./words";

/** Everybody whom one may call, about a thing or without an occasion, found by name or organization. */
export function CallSomeone({
  about = null,
  onClose,
}: {
  /** Of a thing: only who has to do with it. */
  about?: CallAbout | null;
  onClose: () => void;
}) {
  const { api } = useApp();
  const text = useText();
  const words = useCallWords();
  const calls = useMemo(() => new Calls(api), [api]);
  const [wanted, setWanted] = useState("");
  const asked = useDeferredValue(wanted.trim());
  const found = useQuery({
    queryKey: ["call-people", asked, about?.kind, about?.id],
    queryFn: () => calls.people(asked, about),
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
              <CallButton about={about ?? { kind: "account", id: one.id }} to={one.id} name={one.name} />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
