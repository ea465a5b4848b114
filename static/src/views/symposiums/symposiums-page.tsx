import { MessagesSquare, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { Symposiums, type Symposium } from "../../state/symposiums";
import desk from "../assist/desk/desk.module.css";
import { useApp, useLocale } from "../context";
import { Empty } from "../directory/parts";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { whenFormat } from "../requests/words";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { PlanDialog } from "./plan-dialog";
import styles from "./symposiums.module.css";
import { useSymposiumWords } from "./words";

const REFRESH_MS = 30_000;

export default function SymposiumsPage() {
  const words = useSymposiumWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <List />}
    </MemberFrame>
  );
}

function List() {
  const { api, router } = useApp();
  const words = useSymposiumWords();
  const symposiums = useMemo(() => new Symposiums(api), [api]);
  const [adding, setAdding] = useState(false);
  const listing = useListing(
    ["symposiums"],
    (after) => symposiums.list(after),
    (page) => page.symposiums,
  );
  const { first } = listing;
  const leads = first?.leads ?? false;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        {leads ? (
          <div className={pages.actions}>
            <Button large tone="primary" onPress={() => setAdding(true)} testId="add-symposium">
              <Plus size={18} aria-hidden />
              {words.add}
            </Button>
          </div>
        ) : null}
      </div>
      <ListOf
        listing={listing}
        testId="symposiums"
        empty={
          <Empty icon={<MessagesSquare size={40} strokeWidth={1.5} aria-hidden />} title={words.none}>
            <p>{leads ? words.noneLead : words.noneText}</p>
          </Empty>
        }
      >
        {(one) => <Row symposium={one} nowMs={first?.server_time_ms ?? 0} />}
      </ListOf>
      {adding ? (
        <PlanDialog
          symposium={null}
          save={(wish) => symposiums.add(wish)}
          onClose={() => setAdding(false)}
          onSaved={(card) => router.go(`/symposiums/${card.symposium.id}`)}
        />
      ) : null}
    </>
  );
}

function Row({ symposium, nowMs }: { symposium: Symposium; nowMs: number }) {
  const words = useSymposiumWords();
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/symposiums/${symposium.id}`} data-testid="symposium">
            {symposium.title}
          </Link>
          <StateBadge symposium={symposium} />
        </div>
        <div className={pages.rowMeta}>
          <Times symposium={symposium} nowMs={nowMs} />
          <span>{words.counts({ issues: symposium.issues, answered: symposium.answered })}</span>
        </div>
      </div>
    </li>
  );
}

export function StateBadge({ symposium }: { symposium: Symposium }) {
  const words = useSymposiumWords();
  return (
    <span
      className={classes(pages.badge, styles.badge)}
      data-state={symposium.state}
      data-testid="symposium-state"
    >
      {words.states[symposium.state]}
    </span>
  );
}

/** Until when issues are collected, and when it begins. */
export function Times({ symposium, nowMs }: { symposium: Symposium; nowMs: number }) {
  const words = useSymposiumWords();
  const when = whenFormat(useLocale());
  const collects = symposium.state === "collecting";
  return (
    <>
      {collects ? (
        <span>
          {symposium.collects_until_ms > nowMs
            ? words.until({ when: when.format(symposium.collects_until_ms) })
            : words.collected}
        </span>
      ) : null}
      <span>
        {collects
          ? words.starts({ when: when.format(symposium.starts_at_ms) })
          : words.began({ when: when.format(symposium.starts_at_ms) })}
      </span>
    </>
  );
}
