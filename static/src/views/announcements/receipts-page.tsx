import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useMemo, useState } from "react";
import { Announcements } from "../../state/announcements";
import { ApiError } from "../../state/api";
import type { Code } from "../../protocol.gen";
import { useApp, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { More, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import styles from "./announcements.module.css";
import { Failed } from "./parts";
import { useAnnouncementWords, useWhen } from "./words";

const REFRESH_MS = 15_000;

export default function ReceiptsPage({ id }: { id: string }) {
  const words = useAnnouncementWords();
  return (
    <MemberFrame title={words.receipts.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useAnnouncementWords();
  const when = useWhen();
  const client = useQueryClient();
  const announcements = useMemo(() => new Announcements(api), [api]);
  const [filter, setFilter] = useState("all");
  const [told, setTold] = useState<number | null>(null);
  const [fault, setFault] = useState<Code | null>(null);
  const card = useQuery({ queryKey: ["announcement", id], queryFn: () => announcements.get(id) });
  const {
    query,
    first,
    rows: readers,
  } = useListing(
    ["receipts", id, filter],
    (after) => announcements.receipts(id, filter === "all" ? "" : filter, after),
    (page) => page.readers,
    { staysWhileAsking: true },
  );
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!first || !card.data) return <p className={pages.soft}>{text.common.loading}…</p>;
  const missing = first.people - first.read;
  const isOut = card.data.state === "published";
  const mayRemind = isOut && missing > 0 && query.dataUpdatedAt >= first.may_remind_at_ms;
  const remind = (): void => {
    setFault(null);
    announcements.remind(id).then(
      ({ people }) => {
        setTold(people);
        void client.invalidateQueries({ queryKey: ["receipts", id] });
      },
      (cause: unknown) => setFault(cause instanceof ApiError ? cause.code : "internal"),
    );
  };
  return (
    <>
      <div className={styles.bar}>
        <ButtonLink tone="quiet" href={`/announcements/${id}`}>
          <Undo2 size={16} aria-hidden />
          {card.data.title}
        </ButtonLink>
        {isOut && missing > 0 ? (
          <div className={pages.actions}>
            <Button tone="primary" isDisabled={!mayRemind} onPress={remind} testId="remind">
              {words.receipts.remindCount({ count: missing })}
            </Button>
          </div>
        ) : null}
      </div>
      <div className={styles.progress}>
        <h1>{words.receipts.title}</h1>
        <p data-testid="progress" className="tabular">
          {words.receipts.progress({ read: first.read, people: first.people })}
        </p>
        <meter aria-label={words.receipts.title} min={0} max={Math.max(1, first.people)} value={first.read} />
        <p className={pages.small} role="status">
          {told !== null
            ? words.receipts.reminded({ count: told })
            : isOut && missing > 0 && !mayRemind
              ? words.receipts.remindFrom({ when: when(first.may_remind_at_ms) })
              : ""}
        </p>
        {fault ? <Fault>{text.errors[fault]}</Fault> : null}
      </div>
      <div className={styles.two}>
        <section>
          <h2>{words.receipts.organizations}</h2>
          <ul className={pages.list} data-testid="tallies">
            {first.organizations.map((one) => (
              <li key={one.id} className={styles.tally}>
                <span className={styles.heading}>{one.name || words.receipts.none}</span>
                <meter aria-label={one.name} min={0} max={one.people} value={one.read} />
                <span className="tabular">{`${one.read} / ${one.people}`}</span>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <div className={styles.tabs}>
            <h2>{words.receipts.people}</h2>
            <Select
              label={words.shown}
              hideLabel
              selected={filter}
              onChange={setFilter}
              options={(["all", "false", "true"] as const).map((key) => ({
                id: key,
                label: words.receipts.filters[key],
              }))}
            />
          </div>
          {readers.length === 0 ? <p className={pages.soft}>{words.receipts.nobody}</p> : null}
          <ul className={pages.list} data-testid="readers">
            {readers.map((one) => (
              <li key={one.id} className={pages.row}>
                <div className={pages.rowText}>
                  <div className={pages.rowTitle}>
                    <span>{one.name}</span>
                  </div>
                  <div className={pages.rowMeta}>
                    <span>{one.organization}</span>
                  </div>
                </div>
                <span className={pages.small}>
                  {one.read_at_ms
                    ? when(one.read_at_ms)
                    : one.version > 0
                      ? words.receipts.older({ number: one.version })
                      : words.receipts.notRead}
                </span>
              </li>
            ))}
          </ul>
          <More query={query} />
        </section>
      </div>
    </>
  );
}
