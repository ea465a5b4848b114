import { Plus, Radio } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Livestreams, type LivestreamCard, type Show } from "../../state/live/livestreams";
import { useApp, useLocale } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import styles from "../pages/page.module.css";
import { ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Select, TextField } from "../ui/fields";
import { useLiveWords } from "./words";

const REFRESH_MS = 15_000;
const SHOWS: readonly Show[] = ["all", "coming", "live", "past"];

export default function LivestreamsPage() {
  const words = useLiveWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <List />}
    </MemberFrame>
  );
}

function List() {
  const { api } = useApp();
  const words = useLiveWords();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const [typed, setTyped] = useState("");
  const [show, setShow] = useState<Show>("all");
  const search = useDeferredValue(typed.trim());
  const listing = useListing(
    ["livestreams", show, search],
    (after) => livestreams.list(show, search, after),
    (page) => page.livestreams,
  );
  const untouched = search === "" && show === "all";
  const create = (
    <ButtonLink tone="primary" href="/livestreams/new">
      <Plus size={18} aria-hidden />
      {words.create}
    </ButtonLink>
  );
  return (
    <>
      <div className={styles.titleRow}>
        <h1>{words.title}</h1>
        <div className={styles.actions}>{create}</div>
      </div>
      {listing.rows.length > 0 || !untouched ? (
        <div className={styles.toolbar}>
          <TextField
            label={words.search}
            placeholder={words.search}
            type="search"
            hideLabel
            value={typed}
            onChange={setTyped}
          />
          <Select
            label={words.shown}
            hideLabel
            selected={show}
            onChange={(id) => setShow(id as Show)}
            options={SHOWS.map((id) => ({ id, label: words.shows[id] }))}
          />
        </div>
      ) : null}
      <ListOf
        listing={listing}
        testId="livestreams"
        empty={
          <div className={styles.empty}>
            <Radio size={40} strokeWidth={1.5} aria-hidden />
            <h2>{untouched ? words.empty : words.noMatch}</h2>
            {untouched ? <p>{words.emptyText}</p> : null}
          </div>
        }
      >
        {(one) => <Row one={one} />}
      </ListOf>
    </>
  );
}

function Row({ one }: { one: LivestreamCard }) {
  const words = useLiveWords();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  const leads = one.role === "host" || one.role === "moderator";
  return (
    <li className={styles.row}>
      <div className={styles.rowText}>
        <div className={styles.rowTitle}>
          <span>{one.title}</span>
          <span className={classes(styles.badge, one.state === "live" && styles.live)}>
            {words.states[one.state]}
          </span>
        </div>
        <div className={classes(styles.rowMeta, "tabular")}>
          <span>{when.format(one.live_at_ms || one.starts_at_ms)}</span>
          {one.organization ? <span className={styles.wideOnly}>{one.organization}</span> : null}
          {one.role ? <span>{words.roles[one.role]}</span> : null}
        </div>
      </div>
      {leads ? <ButtonLink href={`/livestreams/${one.id}`}>{words.edit}</ButtonLink> : null}
      <ButtonLink href={`/live/${one.id}`} {...(one.state === "live" ? { tone: "primary" as const } : {})}>
        {one.state === "draft" || one.state === "scheduled" ? words.open : words.watch}
      </ButtonLink>
    </li>
  );
}
