import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { Patrols, type CheckLine } from "../../state/patrols";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import styles from "./directory.module.css";
import { Empty, Failed } from "./parts";
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
  const text = useText();
  const words = useDirectoryWords();
  const patrols = useMemo(() => new Patrols(api), [api]);
  const [filter, setFilter] = useState("all");
  const query = useInfiniteQuery({
    queryKey: ["patrols", filter],
    queryFn: ({ pageParam }) =>
      patrols.list(filter === "open" || filter === "closed" ? filter : "", filter === "late", pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => (last.more ? (last.checks.at(-1)?.id ?? null) : null),
  });
  const found = query.data?.pages.flatMap((page) => page.checks) ?? [];
  const today = query.data?.pages[0]?.today ?? "";
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
      {query.isError ? (
        <Failed cause={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : found.length === 0 ? (
        <Empty
          icon={<ShieldCheck size={40} strokeWidth={1.5} aria-hidden />}
          title={filter === "all" ? words.patrols.none : words.patrols.noMatch}
        >
          {filter === "all" ? <p>{words.patrols.noneText}</p> : null}
        </Empty>
      ) : (
        <ul className={pages.list} data-testid="checks">
          {found.map((one) => (
            <CheckRow key={one.id} one={one} today={today} />
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <div className={pages.moreRow}>
          <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      ) : null}
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
