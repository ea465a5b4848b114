import { ChevronLeft, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-aria-components";
import {
  agendaOf,
  refreshMs,
  type Issue,
  type SymposiumAction,
  type SymposiumCard,
} from "../../state/symposiums";
import desk from "../assist/desk/desk.module.css";
import { Failed } from "../directory/parts";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { Agenda } from "./agenda";
import { Board } from "./board";
import { IssueCard } from "./issue-card";
import { PlanDialog } from "./plan-dialog";
import { RaiseDialog } from "./raise-dialog";
import { StateBadge, Times } from "./symposiums-page";
import styles from "./symposiums.module.css";
import { useCard, type CardInHand } from "./use-card";
import { useFaultText, useSymposiumWords } from "./words";

export default function SymposiumPage({ id, issue }: { id: string; issue: string }) {
  const words = useSymposiumWords();
  return (
    <MemberFrame title={words.title} refreshMs={refreshMs(undefined)}>
      {() => <Loaded id={id} named={issue} />}
    </MemberFrame>
  );
}

function Loaded({ id, named }: { id: string; named: string }) {
  const hand = useCard(id);
  if (hand.card) return <Known card={hand.card} hand={hand} named={named} />;
  return hand.cause ? <Failed cause={hand.cause} retry={hand.retry} back="/symposiums" /> : null;
}

function Known({ card, hand, named }: { card: SymposiumCard; hand: CardInHand; named: string }) {
  const { symposium } = card;
  const words = useSymposiumWords();
  const faultText = useFaultText();
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState<"plan" | "raise" | null>(null);
  const isLive = symposium.state === "live";
  const isOver = symposium.state === "closed";
  const move = (action: SymposiumAction): void =>
    setQuestion({
      title: words.actions[action],
      text: words.sure[action],
      action: words.actions[action],
      run: () => void hand.take(() => hand.api.move(symposium.id, action)),
    });
  const agenda = agendaOf(card);
  const others = card.issues.filter((one) => one.position === 0);
  const shown = [...agenda, ...others];
  useEffect(() => {
    if (named) document.getElementById(`issue-${named}`)?.scrollIntoView({ block: "center" });
  }, [named]);
  return (
    <>
      <Link className={desk.rowLink ?? ""} href="/symposiums">
        <ChevronLeft size={16} aria-hidden />
        {words.back}
      </Link>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{symposium.title}</h1>
          <div className={styles.facts}>
            <StateBadge symposium={symposium} />
            <Times symposium={symposium} nowMs={card.server_time_ms} />
          </div>
        </div>
        <div className={pages.actions}>
          {isLive && symposium.room ? (
            <ButtonLink href={`/m/${symposium.room}`} tone="primary" large>
              {words.join}
            </ButtonLink>
          ) : null}
          {card.raises_for.length > 0 ? (
            <Button
              large
              tone={card.leads ? "secondary" : "primary"}
              onPress={() => setOpen("raise")}
              testId="raise-issue"
            >
              <Plus size={18} aria-hidden />
              {words.raise}
            </Button>
          ) : null}
          {card.leads && symposium.state === "collecting" ? (
            <Button large onPress={() => setOpen("plan")} testId="edit-symposium">
              {words.edit}
            </Button>
          ) : null}
          {card.actions.map((action) => (
            <Button
              key={action}
              large
              tone={action === "begin" ? "primary" : "quiet"}
              onPress={() => move(action)}
              testId={`symposium-${action}`}
            >
              {words.actions[action]}
            </Button>
          ))}
        </div>
      </div>
      {symposium.note ? <p className={styles.note}>{symposium.note}</p> : null}
      {hand.failed !== null && open !== "raise" ? <Fault>{faultText(hand.failed)}</Fault> : null}
      <div className={styles.columns} {...(isLive ? { "data-live": true } : {})}>
        <div className={styles.side}>
          {isLive ? <Board card={card} hand={hand} people={[]} /> : null}
          {isOver || symposium.state === "cancelled" ? null : <Plan card={card} hand={hand} />}
        </div>
        <section className={styles.section} aria-label={words.issues}>
          <h2>{words.issues}</h2>
          {shown.length === 0 ? (
            <div className={pages.empty}>
              <h3>{words.noIssues}</h3>
              <p>{card.raises_for.length > 0 ? words.noIssuesText : words.noIssuesClosed}</p>
            </div>
          ) : (
            <ul className={styles.issues}>
              {shown.map((issue) => (
                <IssueCard
                  key={issue.id}
                  issue={issue}
                  isOpen={symposium.state === "collecting" || isLive}
                  isOver={isOver}
                  isNamed={issue.id === named}
                  nowMs={card.server_time_ms}
                  onVote={(up) => void hand.take(() => hand.api.vote(symposium.id, issue.id, up))}
                  onWithdraw={(withdrawn) =>
                    void hand.take(() => hand.api.withdraw(symposium.id, issue.id, withdrawn))
                  }
                >
                  {card.leads && issue.state === "raised" && !isOver && symposium.state !== "cancelled" ? (
                    <Button
                      onPress={() =>
                        void hand.take((latest) =>
                          hand.api.setAgenda(symposium.id, latest.symposium.revision, [
                            ...agendaOf(latest).flatMap((one) => (one.id === issue.id ? [] : [one.id])),
                            issue.id,
                          ]),
                        )
                      }
                      testId="on-agenda"
                    >
                      {words.onAgenda}
                    </Button>
                  ) : null}
                </IssueCard>
              ))}
            </ul>
          )}
        </section>
      </div>
      {open === "plan" ? (
        <PlanDialog
          symposium={symposium}
          save={(wish) => hand.api.plan(symposium.id, symposium.revision, wish)}
          onClose={() => setOpen(null)}
          onSaved={(saved) => {
            setOpen(null);
            void hand.take(() => Promise.resolve(saved));
          }}
        />
      ) : null}
      {open === "raise" ? (
        <RaiseDialog
          companies={card.raises_for}
          send={(wish) => hand.take(() => hand.api.raise(symposium.id, wish))}
          failed={hand.failed}
          onClose={() => setOpen(null)}
        />
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

/** The agenda; live, who leads goes to an issue by its name. */
function Plan({ card, hand }: { card: SymposiumCard; hand: CardInHand }) {
  const { symposium } = card;
  const show = (issue: Issue): void =>
    void hand.take((latest) => hand.api.show(symposium.id, latest.symposium.revision, issue.id, issue.name));
  const leads = card.leads && symposium.state === "live";
  return <Agenda card={card} hand={hand} {...(leads ? { onShow: show } : {})} />;
}
