import { ShieldCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { Patrols, type CheckLine } from "../../state/patrols";
import { useApp, useLocale } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import styles from "./directory.module.css";
import { Empty } from "./parts";
import { dayText, useDirectoryWords } from "./words";

const REFRESH_MS = 20_000;
const FILTERS = ["open", "late", "closed"] as const;

export default function PatrolsPage() {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.patrols.title} refreshMs={REFRESH_MS}>
      {() => <List />}
    </MemberFrame>
  );
}

function List() {
  const { api } = useApp();
  const words = useDirectoryWords();
  const patrols = useMemo(() => new Patrols(api), [api]);
  const [filter, setFilter] = useState("all");
  const listing = useListing(
    ["patrols", filter],
    (after) => patrols.list(filter === "open" || filter === "closed" ? filter : "", filter === "late", after),
    (page) => page.checks,
  );
  const today = listing.first?.today ?? "";
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.patrols.title}</h1>
      </div>
      <div className={pages.toolbar}>
        <p className={pages.soft}>{words.patrols.text}</p>
        <Select
          label={words.patrols.shown}
          hideLabel
          selected={filter}
          onChange={setFilter}
          options={[
            { id: "all", label: words.patrols.filters[""] },
            ...FILTERS.map((id) => ({ id, label: words.patrols.filters[id] })),
          ]}
        />
      </div>
      <ListOf
        listing={listing}
        testId="checks"
        empty={
          <Empty
            icon={<ShieldCheck size={40} strokeWidth={1.5} aria-hidden />}
            title={filter === "all" ? words.patrols.none : words.patrols.noMatch}
          >
            {filter === "all" ? <p>{words.patrols.noneText}</p> : null}
          </Empty>
        }
      >
        {(one) => <CheckRow one={one} today={today} />}
      </ListOf>
    </>
  );
}

export function CheckRow({ one, today, ofJob }: { one: CheckLine; today: string; ofJob?: boolean }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const isLate = one.next_due_on !== null && one.next_due_on < today;
  const due = one.next_due_on ? dayText(one.next_due_on, locale) : "";
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/patrols/${one.id}`}>
            {ofJob ? words.patrols.kinds[one.kind] : one.job_title}
          </Link>
          <span className={classes(pages.badge, one.state === "open" ? pages.live : undefined)}>
            {words.patrols.states[one.state]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, styles.meta)}>
          {ofJob ? null : (
            <span>{`${words.patrols.kinds[one.kind]} · ${one.enterprise} · ${one.installer}`}</span>
          )}
          <span>{words.patrols.by({ name: one.inspector_name, when: when.format(one.created_at_ms) })}</span>
          <span>{words.patrols.checked({ done: one.checked, all: one.items })}</span>
          {one.open_findings > 0 ? (
            <span className={isLate ? styles.bad : styles.weak}>
              {`${words.patrols.findings({ count: one.open_findings })} · ${
                isLate ? words.patrols.lateSince({ day: due }) : words.patrols.due({ day: due })
              }`}
            </span>
          ) : null}
        </div>
      </div>
    </li>
  );
}
