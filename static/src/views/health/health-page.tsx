import { HeartPulse } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../state/api";
import { Health, type RiskPlace } from "../../state/health";
import desk from "../assist/desk/desk.module.css";
import { useApp, useLocale } from "../context";
import styles from "../directory/directory.module.css";
import { Empty } from "../directory/parts";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import { PlaceDialog, spanText, useHealthWords } from "./parts";

const REFRESH_MS = 30_000;

export default function HealthPage() {
  const words = useHealthWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Places />}
    </MemberFrame>
  );
}

function Places() {
  const { api, router } = useApp();
  const words = useHealthWords();
  const health = useMemo(() => new Health(api), [api]);
  const [filter, setFilter] = useState("open");
  const [adds, setAdds] = useState(false);
  const listing = useListing(
    ["health", filter],
    (after) => health.places(filter === "all", after),
    (page) => page.places,
  );
  if (listing.query.error instanceof ApiError && listing.query.error.code === "forbidden")
    return (
      <Empty icon={<HeartPulse size={40} strokeWidth={1.5} aria-hidden />} title={words.closed}>
        <p>{words.closedText}</p>
        <ButtonLink href="/health/mine">{words.own}</ButtonLink>
      </Empty>
    );
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        <div className={pages.actions}>
          <ButtonLink large href="/health/mine">
            {words.own}
          </ButtonLink>
          {listing.query.data ? (
            <Button large tone="primary" onPress={() => setAdds(true)} testId="add-place">
              {words.add}
            </Button>
          ) : null}
        </div>
      </div>
      <div className={pages.toolbar}>
        <p className={pages.soft}>{words.text}</p>
        <Select
          label={words.shown}
          hideLabel
          selected={filter}
          onChange={setFilter}
          options={[
            { id: "open", label: words.filters.open },
            { id: "all", label: words.filters.all },
          ]}
        />
      </div>
      <ListOf
        listing={listing}
        testId="places"
        empty={
          <Empty icon={<HeartPulse size={40} strokeWidth={1.5} aria-hidden />} title={words.none}>
            <p>{words.noneText}</p>
          </Empty>
        }
      >
        {(one) => <PlaceRow one={one} />}
      </ListOf>
      {adds ? (
        <PlaceDialog
          title={words.form.add}
          known={null}
          onClose={() => setAdds(false)}
          onSave={async (facts, note) => {
            const card = await health.add(facts, note);
            router.go(`/health/${card.place.id}`);
          }}
        />
      ) : null}
    </>
  );
}

function PlaceRow({ one }: { one: RiskPlace }) {
  const words = useHealthWords();
  const locale = useLocale();
  const people = one.found + one.notified + one.contacted + one.tested + one.cleared;
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/health/${one.id}`}>
            {one.address}
          </Link>
          <span className={classes(pages.badge, one.level === "high" ? styles.bad : undefined)}>
            {one.state === "retracted" ? words.retracted : words.levels[one.level]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, styles.meta)}>
          <span>{spanText(words, one, locale)}</span>
          <span>{one.source}</span>
          <span className={one.found > 0 ? styles.weak : undefined}>
            {words.counts({ people, waiting: one.found })}
          </span>
          {one.cleared > 0 ? <span>{words.cleared({ count: one.cleared })}</span> : null}
        </div>
      </div>
    </li>
  );
}
