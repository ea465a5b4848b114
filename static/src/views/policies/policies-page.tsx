import { Plus, ScrollText } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { bestOf, Policies, type PolicyFilter, type PolicyLine } from "../../state/policies";
import { said } from "../../state/requests/form";
import { useApp, useLocale } from "../context";
import { Empty } from "../directory/parts";
import { optionsOf } from "../directory/words";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Select, TextField } from "../ui/fields";
import { PolicyDialog } from "./policy-dialog";
import styles from "./policies.module.css";
import { usePolicyWords, whenWords } from "./words";

const REFRESH_MS = 60_000;

export default function PoliciesPage() {
  const words = usePolicyWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <List />}
    </MemberFrame>
  );
}

function List() {
  const { api, router } = useApp();
  const words = usePolicyWords();
  const policies = useMemo(() => new Policies(api), [api]);
  const [view, setView] = useState("all");
  const [state, setState] = useState("any");
  const [search, setSearch] = useState("");
  const [writing, setWriting] = useState(false);
  const wanted = useDeferredValue(search.trim());
  const filter: PolicyFilter = {
    state: state as PolicyFilter["state"],
    search: wanted,
    open: view !== "all",
    mine: view === "mine",
  };
  const listing = useListing(
    ["policies", filter],
    (after) => policies.list(filter, after),
    (page) => page.policies,
    { staysWhileAsking: true },
  );
  const { first } = listing;
  const mayWrite = first?.may_write ?? false;
  const isWhole = view === "all" && state === "any" && wanted === "";
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        {mayWrite ? (
          <div className={pages.actions}>
            <Button large tone="primary" onPress={() => setWriting(true)} testId="write-policy">
              <Plus size={18} aria-hidden />
              {words.write}
            </Button>
          </div>
        ) : null}
      </div>
      <div className={styles.filters}>
        <TextField
          label={words.search}
          placeholder={words.search}
          type="search"
          hideLabel
          value={search}
          onChange={setSearch}
          maxLength={80}
        />
        <Select
          label={words.shown}
          hideLabel
          selected={view}
          onChange={setView}
          options={optionsOf(words.views)}
        />
        {mayWrite ? (
          <Select
            label={words.state}
            hideLabel
            selected={state}
            onChange={setState}
            options={optionsOf(words.states)}
          />
        ) : null}
      </div>
      <ListOf
        listing={listing}
        testId="policies"
        empty={
          <Empty
            icon={<ScrollText size={40} strokeWidth={1.5} aria-hidden />}
            title={isWhole ? words.none : words.noMatch}
          >
            <p>{isWhole ? (mayWrite ? words.noneWriter : words.noneText) : words.noMatchText}</p>
          </Empty>
        }
      >
        {(policy) => <Row policy={policy} today={first?.today ?? ""} />}
      </ListOf>
      {writing ? (
        <PolicyDialog
          card={null}
          types={first?.types ?? []}
          policies={policies}
          onClose={() => setWriting(false)}
          onSaved={(card) => router.go(`/policies/${card.policy.id}`)}
        />
      ) : null}
    </>
  );
}

function Row({ policy, today }: { policy: PolicyLine; today: string }) {
  const words = usePolicyWords();
  const locale = useLocale();
  const isOver = policy.apply_until !== null && policy.apply_until < today;
  const met = isOver ? null : bestOf(policy.standings); // what one cannot apply for any more
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/policies/${policy.id}`} data-testid="policy">
            {said(policy.title, locale)}
          </Link>
          {policy.state !== "published" ? (
            <span className={pages.badge}>{words.states[policy.state]}</span>
          ) : met !== null ? (
            <span className={classes(pages.badge, styles.badge)} data-met={met} data-testid="policy-met">
              {words.met[met]}
            </span>
          ) : null}
        </div>
        <p className={styles.short}>{said(policy.summary, locale)}</p>
        <div className={pages.rowMeta}>
          {policy.source ? <span>{policy.source}</span> : null}
          {policy.number ? <span>{policy.number}</span> : null}
          <span>{whenWords(words, policy, today, locale)}</span>
        </div>
      </div>
    </li>
  );
}
