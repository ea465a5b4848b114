import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { ACTIONS, type Administration, type AuditEvent } from "../../state/administration";
import { useLocale, useText } from "../context";
import { Empty, Failed } from "../directory/parts";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import styles from "./administration.module.css";
import { useAdministrationWords, wordOf, type AdministrationWords } from "./words";

const TYPED_MS = 500;

export function AuditTab({ administration }: { administration: Administration }) {
  const text = useText();
  const words = useAdministrationWords();
  const [typed, setTyped] = useState("");
  const [action, setAction] = useState("any");
  const [search, setSearch] = useState("");
  // Each search is a line of the log itself: it waits until the person has typed to the end.
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const asked = { search, action: action === "any" ? "" : action };
  const found = useInfiniteQuery({
    queryKey: ["audit", asked],
    queryFn: ({ pageParam }) => administration.audit(asked, pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => (page.more ? (page.events.at(-1)?.id ?? null) : null),
    refetchInterval: false,
    refetchOnWindowFocus: false,
    placeholderData: (before) => before,
  });
  const events = found.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <>
      <p className={styles.lead}>{words.audit.lead}</p>
      <div className={styles.filters}>
        <TextField
          label={words.audit.search}
          type="search"
          value={typed}
          onChange={setTyped}
          maxLength={80}
          testId="audit-search"
        />
        <Select
          label={words.audit.action}
          selected={action}
          onChange={setAction}
          options={[
            { id: "any", label: words.audit.any },
            ...ACTIONS.map((id) => ({ id, label: words.audit.actions[id] })),
          ]}
        />
      </div>
      {found.isError ? (
        <Failed cause={found.error} retry={() => void found.refetch()} />
      ) : !found.isSuccess ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : events.length === 0 ? (
        <Empty icon={<ScrollText size={40} strokeWidth={1.5} aria-hidden />} title={words.audit.none} />
      ) : (
        <ul className={styles.lines} data-testid="audit">
          {events.map((event) => (
            <Line key={event.id} event={event} words={words} />
          ))}
        </ul>
      )}
      {found.hasNextPage ? (
        <Button onPress={() => void found.fetchNextPage()} isPending={found.isFetchingNextPage}>
          {words.more}
        </Button>
      ) : null}
    </>
  );
}

function Line({ event, words }: { event: AuditEvent; words: AdministrationWords }) {
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "medium" });
  const who = event.actor_name || (event.way === "server" ? words.audit.server : words.audit.nobody);
  const details = Object.entries(event.details).map(([key, value]) =>
    words.audit.detail({
      name: wordOf(words.audit.details, key),
      value: value
        .split(", ")
        .map((one) =>
          wordOf({ ...words.audit.actions, ...words.webhooks.events, ...words.audit.values }, one),
        )
        .join(", "),
    }),
  );
  return (
    <li className={styles.line}>
      <time className={styles.soft} dateTime={new Date(event.at_ms).toISOString()}>
        {when.format(event.at_ms)}
      </time>
      <span className={styles.what}>
        <strong>{who}</strong>
        <span>{wordOf(words.audit.actions, event.action)}</span>
        {event.subject.name && event.subject.name !== who ? <span>{event.subject.name}</span> : null}
        {details.length > 0 ? <span className={styles.soft}>{details.join(" · ")}</span> : null}
      </span>
      <span className={styles.soft}>
        {event.address}
        {event.way === "token" ? ` ${words.audit.token}` : ""}
      </span>
    </li>
  );
}
