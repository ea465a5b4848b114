import { Building2 } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { Directory, type OrganizationLine } from "../../state/directory";
import { useApp, useLocale } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Select, TextField } from "../ui/fields";
import desk from "../assist/desk/desk.module.css";
import styles from "./directory.module.css";
import { Empty } from "./parts";
import { optionsOf, regionText, useDirectoryWords } from "./words";

const REFRESH_MS = 60_000;
const FILTERS = ["kind", "industry", "region", "trade"] as const;
const NOTHING = { kind: "none", industry: "none", region: "none", trade: "none" };

export default function DirectoryPage() {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <List />}
    </MemberFrame>
  );
}

function List() {
  const { api } = useApp();
  const words = useDirectoryWords();
  const directory = useMemo(() => new Directory(api), [api]);
  const [typed, setTyped] = useState("");
  const [filters, setFilters] = useState<Readonly<Record<(typeof FILTERS)[number], string>>>(NOTHING);
  const search = useDeferredValue(typed.trim());
  const asked = Object.fromEntries(
    FILTERS.map((name) => [name, filters[name] === "none" ? "" : filters[name]]),
  ) as Record<(typeof FILTERS)[number], string>;
  const listing = useListing(
    ["organizations", search, filters],
    (after) => directory.organizations({ ...asked, search, after: after }),
    (page) => page.organizations,
  );
  const names = {
    kind: words.kinds,
    industry: words.industries,
    region: words.regions,
    trade: words.trades,
  };
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
      </div>
      <div className={styles.filters}>
        <TextField
          label={words.search}
          placeholder={words.search}
          type="search"
          hideLabel
          value={typed}
          onChange={setTyped}
          testId="search-organizations"
        />
        {FILTERS.map((name) => (
          <Select
            key={name}
            label={words[name]}
            hideLabel
            selected={filters[name]}
            onChange={(id) => setFilters({ ...filters, [name]: id })}
            options={optionsOf(names[name], words.any[name])}
          />
        ))}
      </div>
      <ListOf
        listing={listing}
        testId="organizations"
        empty={
          <Empty icon={<Building2 size={40} strokeWidth={1.5} aria-hidden />} title={words.none}>
            <p>{words.noneText}</p>
            <Button
              onPress={() => {
                setTyped("");
                setFilters(NOTHING);
              }}
            >
              {words.clear}
            </Button>
          </Empty>
        }
      >
        {(one) => <Row one={one} />}
      </ListOf>
    </>
  );
}

function Row({ one }: { one: OrganizationLine }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const summary = locale === "en" ? one.summary_en || one.summary_zh : one.summary_zh || one.summary_en;
  const facts = [
    words.kinds[one.kind],
    one.industry ? words.industries[one.industry] : "",
    one.region ? regionText(words, one.region) : "",
    one.crews > 0 ? words.crewsFree({ count: one.crews, free: one.available }) : "",
    one.trades.map((trade) => words.trades[trade]).join(locale === "en" ? ", " : "、"),
  ];
  return (
    <li className={pages.row}>
      <div className={styles.rowBody}>
        <Logo source={one.logo} />
        <div className={pages.rowText}>
          <Link className={classes(pages.rowTitle, desk.rowLink)} href={`/directory/${one.id}`}>
            {one.name}
          </Link>
          {summary ? <p className={styles.summary}>{summary}</p> : null}
          <div className={classes(pages.rowMeta, styles.meta)}>
            {facts.filter(Boolean).map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </div>
        </div>
      </div>
    </li>
  );
}

export function Logo({ source, large }: { source: string; large?: boolean }) {
  const look = classes(styles.logo, large && styles.logoLarge);
  return source ? (
    <img className={look} src={source} alt="" />
  ) : (
    <span className={classes(look, styles.noLogo)} aria-hidden>
      <Building2 size={large ? 32 : 20} strokeWidth={1.5} />
    </span>
  );
}
