import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, CircleCheck, CircleHelp, CircleX } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../state/api";
import { newKey } from "../../state/new-key";
import {
  Policies,
  type Begun,
  type Beginning,
  type Met,
  type PolicyAction,
  type PolicyCard,
  type Standing,
} from "../../state/policies";
import { said } from "../../state/requests/form";
import { useApp, useLocale, useText } from "../context";
import { Failed } from "../directory/parts";
import { dayText } from "../directory/words";
import lists from "../directory/directory.module.css";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { useRequestWords, whenFormat } from "../requests/words";
import { Button, ButtonLink } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { PolicyDialog } from "./policy-dialog";
import styles from "./policies.module.css";
import { usePolicyWords, whenWords } from "./words";

const REFRESH_MS = 60_000;

export default function PolicyPage({ id }: { id: string }) {
  const words = usePolicyWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const policies = useMemo(() => new Policies(api), [api]);
  const query = useQuery({ queryKey: ["policy", id], queryFn: () => policies.get(id) });
  if (query.isError)
    return <Failed cause={query.error} retry={() => void query.refetch()} back="/policies" />;
  return query.isSuccess ? <Known card={query.data} policies={policies} /> : null;
}

function Known({ card, policies }: { card: PolicyCard; policies: Policies }) {
  const { policy } = card;
  const { router } = useApp();
  const text = useText();
  const words = usePolicyWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [beginning, setBeginning] = useState("");
  const keys = useMemo(() => new Map<string, string>(), []);
  const take = async (change: Promise<PolicyCard>): Promise<void> => {
    setFailed(null);
    try {
      client.setQueryData(["policy", policy.id], await change);
    } catch (cause) {
      setFailed(cause);
    }
    await client.invalidateQueries();
  };
  const move = (action: PolicyAction): void =>
    setQuestion({
      title: words.actions[action],
      text: action === "publish" ? words.publishSure : words.withdrawSure,
      action: words.actions[action],
      run: () => void take(policies.move(policy.id, action)),
    });
  const begin = async (kind: Beginning, organizationId: string): Promise<void> => {
    const name = `${kind}:${organizationId}`;
    const key = keys.get(name) ?? newKey();
    keys.set(name, key);
    setFailed(null);
    setBeginning(name);
    try {
      const begun = await policies.begin(policy.id, kind, key, organizationId);
      router.go(`/requests/new?draft=${begun.request_id}`);
    } catch (cause) {
      setFailed(cause);
      setBeginning("");
    }
  };
  const isPublished = policy.state === "published";
  const mayApply = isPublished && card.takes && card.type !== null && card.type.may_file;
  const facts: readonly (readonly [string, string])[] = [
    [words.source, policy.source],
    [words.number, policy.number],
    [words.issued, policy.issued_on ? dayText(policy.issued_on, locale) : ""],
    [words.leadsTo, card.type ? said(card.type.name, locale) : ""],
  ];
  return (
    <>
      <Link className={desk.rowLink ?? ""} href="/policies">
        <ChevronLeft size={16} aria-hidden />
        {words.back}
      </Link>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{said(policy.title, locale)}</h1>
          <p className={pages.soft} data-testid="policy-state" data-state={policy.state}>
            {isPublished ? whenWords(words, policy, card.today, locale) : words.states[policy.state]}
          </p>
        </div>
        <div className={pages.actions}>
          {isPublished ? (
            <Button
              large
              isPending={beginning === "question:"}
              onPress={() => void begin("question", "")}
              testId="policy-ask"
            >
              {words.ask}
            </Button>
          ) : null}
          {card.actions.map((action) => (
            <Button
              key={action}
              large
              tone={action === "publish" ? "primary" : "quiet"}
              onPress={() => move(action)}
              testId={`policy-${action}`}
            >
              {words.actions[action]}
            </Button>
          ))}
          {card.may_write ? (
            <Button large onPress={() => setEditing(true)} testId="policy-edit">
              {words.edit}
            </Button>
          ) : null}
        </div>
      </div>
      {failed !== null ? (
        <Fault>
          {failed instanceof ApiError
            ? failed.code === "conflict"
              ? words.changed
              : failed.fields["title"] || failed.fields["summary"]
                ? words.incomplete
                : text.errors[failed.code]
            : text.errors.internal}
        </Fault>
      ) : null}
      <p className={styles.summary} data-testid="policy-summary">
        {said(card.summary, locale)}
      </p>
      <section className={desk.section}>
        <dl className={desk.facts}>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
        </dl>
        {card.source_url ? (
          <p>
            <a href={card.source_url} target="_blank" rel="noopener noreferrer nofollow">
              {words.original}
            </a>
          </p>
        ) : null}
        {card.may_write ? (
          <p className={pages.small}>{words.changedBy({ name: card.changed_by_name })}</p>
        ) : null}
      </section>
      {policy.standings.length > 0 ? (
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.why}</h2>
          </div>
          <div className={styles.standings}>
            {policy.standings.map((one) => (
              <StandingCard key={one.organization.id} one={one} card={card}>
                {mayApply && one.met !== "no" ? (
                  <Button
                    large
                    tone="primary"
                    isPending={beginning === `application:${one.organization.id}`}
                    onPress={() => void begin("application", one.organization.id)}
                    testId="policy-apply"
                  >
                    {policy.standings.length > 1
                      ? words.applyAs({ name: one.organization.name })
                      : words.apply}
                  </Button>
                ) : null}
              </StandingCard>
            ))}
          </div>
        </section>
      ) : null}
      {card.may_write ? <Companies id={policy.id} revision={card.revision} policies={policies} /> : null}
      {card.begun.length > 0 ? <Requests begun={card.begun} /> : null}
      {editing ? (
        <PolicyDialog
          card={card}
          types={card.types}
          policies={policies}
          onClose={() => setEditing(false)}
          onSaved={(saved) => {
            setEditing(false);
            void take(Promise.resolve(saved));
          }}
        />
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function MetIcon({ met }: { met: Met }) {
  if (met === "yes") return <CircleCheck className={lists.good} size={16} aria-hidden />;
  if (met === "no") return <CircleX className={lists.bad} size={16} aria-hidden />;
  return <CircleHelp className={lists.weak} size={16} aria-hidden />;
}

function Reasons({ one }: { one: Standing }) {
  const words = usePolicyWords();
  const locale = useLocale();
  return (
    <ul className={lists.reasons} data-testid="policy-reasons">
      {one.reasons.length === 0 ? (
        <li>
          <MetIcon met="yes" />
          <span>{words.everyone}</span>
        </li>
      ) : null}
      {one.reasons.map((reason, place) => (
        <li key={place} data-met={reason.met}>
          <MetIcon met={reason.met} />
          <span>{said(reason.words, locale)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What it comes to for one of one's own companies, and the way on. */
function StandingCard({ one, card, children }: { one: Standing; card: PolicyCard; children: ReactNode }) {
  const words = usePolicyWords();
  const { policy, today, type } = card;
  const isOver = policy.apply_until !== null && policy.apply_until < today;
  const hint = !card.request_type
    ? words.noType
    : isOver
      ? words.late
      : !card.takes
        ? words.early
        : !type?.may_file
          ? words.notYours
          : "";
  return (
    <div className={styles.standing} data-met={one.met} data-testid="policy-standing">
      <h3>{`${words.met[one.met]} · ${words.whose({ name: one.organization.name })}`}</h3>
      <Reasons one={one} />
      {one.met === "unknown" ? <p className={pages.small}>{words.unknownText}</p> : null}
      {hint && one.met !== "no" && policy.state === "published" ? (
        <p className={pages.small}>{hint}</p>
      ) : null}
      <div className={styles.buttons}>
        {children}
        {one.met === "unknown" ? (
          <ButtonLink large href={`/directory/${one.organization.id}`}>
            {words.complete}
          </ButtonLink>
        ) : null}
      </div>
    </div>
  );
}

function Companies({ id, revision, policies }: { id: string; revision: number; policies: Policies }) {
  const words = usePolicyWords();
  const [isWhole, setWhole] = useState(false);
  const query = useQuery({
    queryKey: ["policy-companies", id, revision],
    queryFn: () => policies.companies(id),
  });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  const found = query.data?.companies ?? [];
  const count = (met: Met): number => found.filter((one) => one.met === met).length;
  const shown = isWhole ? found : found.filter((one) => one.met === "yes");
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.companies}</h2>
      </div>
      <p className={pages.soft} data-testid="policy-counts">
        {words.counts({ yes: count("yes"), unknown: count("unknown") })}
      </p>
      <ul className={lists.cards} data-testid="policy-companies">
        {shown.map((one) => (
          <li key={one.organization.id} className={lists.card}>
            <div className={lists.cardHead}>
              <h3>
                <Link className={desk.rowLink ?? ""} href={`/directory/${one.organization.id}`}>
                  {one.organization.name}
                </Link>
              </h3>
              <span className={styles.badge} data-met={one.met}>
                {words.standing[one.met]}
              </span>
            </div>
            <Reasons one={one} />
          </li>
        ))}
      </ul>
      {!isWhole && shown.length < found.length ? (
        <div>
          <Button tone="quiet" onPress={() => setWhole(true)}>
            {words.showCompanies}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Requests({ begun }: { begun: readonly Begun[] }) {
  const words = usePolicyWords();
  const requestWords = useRequestWords();
  const locale = useLocale();
  const when = whenFormat(locale);
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.requests}</h2>
      </div>
      <ul className={pages.list} data-testid="policy-requests">
        {begun.map((one) => (
          <li key={one.id} className={pages.row}>
            <div className={pages.rowText}>
              <div className={pages.rowTitle}>
                <Link
                  className={desk.rowLink ?? ""}
                  href={one.state === "draft" ? `/requests/new?draft=${one.id}` : `/requests/${one.id}`}
                >
                  {`${words.beginnings[one.kind]} · ${one.title || one.number}`}
                </Link>
                <span className={pages.badge}>{requestWords.states[one.state]}</span>
              </div>
              <div className={pages.rowMeta}>
                <span>{one.organization}</span>
                <span>{one.number}</span>
                <span>{when.format(one.created_at_ms)}</span>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
