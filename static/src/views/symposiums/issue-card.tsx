import { ChevronUp } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import type { Issue } from "../../state/symposiums";
import { useLocale } from "../context";
import { dayText } from "../directory/words";
import { useRequestWords, whenFormat } from "../requests/words";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./symposiums.module.css";
import { useSymposiumWords } from "./words";

/** One's voice for an issue; a press gives it or takes it back. */
export function Vote({
  issue,
  isOpen,
  onVote,
}: {
  issue: Issue;
  isOpen: boolean;
  onVote: (up: boolean) => void;
}) {
  const words = useSymposiumWords();
  const { title } = issue;
  const count = words.voices({ count: issue.votes });
  if (!isOpen)
    return (
      <span className={styles.vote} title={count}>
        <span className={styles.number} data-testid="votes">
          {issue.votes}
        </span>
        <span className="visually-hidden">{count}</span>
      </span>
    );
  return (
    <button
      type="button"
      className={styles.vote}
      aria-pressed={issue.voted}
      aria-label={`${issue.voted ? words.unback({ title }) : words.back_issue({ title })}, ${count}`}
      onClick={() => onVote(!issue.voted)}
      data-testid="vote"
    >
      <ChevronUp size={18} aria-hidden />
      <span className={styles.number} data-testid="votes">
        {issue.votes}
      </span>
    </button>
  );
}

/** Whose issue it is, and what it is about. */
export function Byline({ issue }: { issue: Issue }) {
  const words = useSymposiumWords();
  return (
    <p className={styles.byline}>
      <span>{issue.organization.name || words.anonymous}</span>
      <span>{words.areas[issue.area]}</span>
      {issue.scope === "own" ? null : <span>{words.scopes[issue.scope]}</span>}
      {issue.publish === "no" ? <span>{words.kept}</span> : null}
    </p>
  );
}

export function Details({ issue, isOpen }: { issue: Issue; isOpen?: boolean }) {
  const words = useSymposiumWords();
  return (
    <details className={styles.details} open={isOpen ?? false}>
      <summary>{words.details}</summary>
      <h4>{words.issue.problem}</h4>
      <p>{issue.problem}</p>
      <h4>{words.issue.wish}</h4>
      <p>{issue.wish}</p>
    </details>
  );
}

/** What was decided, by whom and until when. */
export function Decision({ issue }: { issue: Issue }) {
  const words = useSymposiumWords();
  const locale = useLocale();
  if (issue.decision === "") return null;
  return (
    <div className={styles.said} data-testid="decision">
      <h4>{words.decision}</h4>
      <p>{issue.decision}</p>
      {issue.owner || issue.due_on ? (
        <p className={styles.byline}>
          {issue.owner ? <span>{words.seesTo({ name: issue.owner.name })}</span> : null}
          {issue.due_on ? <span>{words.dueOn({ day: dayText(issue.due_on, locale) })}</span> : null}
        </p>
      ) : null}
    </div>
  );
}

/** What became of it after the symposium. */
function Became({ issue, isOver, nowMs }: { issue: Issue; isOver: boolean; nowMs: number }) {
  const words = useSymposiumWords();
  const requestWords = useRequestWords();
  const when = whenFormat(useLocale());
  const { request } = issue;
  if (issue.state === "answered")
    return (
      <div className={classes(styles.said, styles.answer)} data-testid="answer">
        <h4>{words.answer}</h4>
        <p>{issue.answer || words.answeredPlainly}</p>
        <p className={styles.byline}>
          <span>{words.answered({ when: when.format(issue.answered_at_ms) })}</span>
          {request?.id ? <Link href={`/requests/${request.id}`}>{words.request}</Link> : null}
        </p>
      </div>
    );
  if (issue.state === "unfiled") return <p className={styles.byline}>{words.unfiled}</p>;
  if (request === null)
    return isOver && issue.state !== "withdrawn" ? (
      <p className={styles.byline}>{words.soonRequest}</p>
    ) : null;
  const runs = request.due_at_ms > 0;
  return (
    <p className={styles.byline} data-testid="issue-request">
      <span>{requestWords.states[request.state]}</span>
      {runs && request.due_at_ms < nowMs ? (
        <span className={styles.late}>{words.requestLate}</span>
      ) : runs ? (
        <span>{words.requestDue({ when: when.format(request.due_at_ms) })}</span>
      ) : null}
      {request.id ? <Link href={`/requests/${request.id}`}>{words.request}</Link> : null}
    </p>
  );
}

export function IssueCard({
  issue,
  isOpen,
  isOver,
  isNamed,
  nowMs,
  onVote,
  onWithdraw,
  children,
}: {
  issue: Issue;
  /** Voices are still given. */
  isOpen: boolean;
  isOver: boolean;
  /** The page was opened for this one. */
  isNamed: boolean;
  nowMs: number;
  onVote: (up: boolean) => void;
  onWithdraw: (withdrawn: boolean) => void;
  children?: ReactNode;
}) {
  const words = useSymposiumWords();
  const isWithdrawn = issue.state === "withdrawn";
  return (
    <li
      className={styles.issue}
      id={`issue-${issue.id}`}
      data-testid="issue"
      data-state={issue.state}
      {...(isNamed ? { "data-named": true } : {})}
    >
      <Vote issue={issue} isOpen={isOpen && !isWithdrawn} onVote={onVote} />
      <div className={styles.issueText}>
        <h3>{issue.title}</h3>
        <Byline issue={issue} />
        {isWithdrawn ? (
          <p className={styles.byline}>
            <span>{words.withdrawn}</span>
          </p>
        ) : null}
        <Details issue={issue} isOpen={isNamed && !isOver} />
        <Decision issue={issue} />
        <Became issue={issue} isOver={isOver} nowMs={nowMs} />
        <div className={styles.buttons}>
          {children}
          {issue.may_withdraw ? (
            <Button
              tone="quiet"
              onPress={() => onWithdraw(!isWithdrawn)}
              testId={isWithdrawn ? "bring-back" : "withdraw"}
            >
              {isWithdrawn ? words.bringBack : words.withdraw}
            </Button>
          ) : null}
        </div>
      </div>
    </li>
  );
}
