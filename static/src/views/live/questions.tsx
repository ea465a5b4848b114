import { ChevronUp } from "lucide-react";
import type { ReactNode } from "react";
import type { HubClient, HubQuestion, HubView } from "../../state/live/hub";
import { classes } from "../ui/classes";
import { NameBox, SayBox } from "./chat";
import styles from "./live.module.css";
import { useLiveWords } from "./words";

/** The most wanted first, what is answered last. */
export function ordered(questions: readonly HubQuestion[]): readonly HubQuestion[] {
  const rank = (one: HubQuestion): number => (one.state === "held" ? 0 : one.state === "answered" ? 2 : 1);
  return [...questions].sort(
    (a, b) => rank(a) - rank(b) || (b.votes ?? 0) - (a.votes ?? 0) || a.at_ms - b.at_ms,
  );
}

export function QuestionList({
  questions,
  votes,
  onVote,
  actions,
}: {
  questions: readonly HubQuestion[];
  votes: readonly string[];
  onVote?: (question: HubQuestion, on: boolean) => void;
  actions?: (question: HubQuestion) => ReactNode;
}) {
  const words = useLiveWords();
  if (questions.length === 0) return <p className={styles.hint}>{words.questionsEmpty}</p>;
  return (
    <ol className={styles.messages} data-testid="live-questions">
      {ordered(questions).map((question) => {
        const mine = votes.includes(question.id);
        return (
          <li
            key={question.id}
            className={classes(styles.question, question.state === "held" && styles.held)}
            data-testid="live-question"
          >
            <button
              type="button"
              className={styles.upvote}
              aria-label={words.upvote}
              aria-pressed={mine}
              disabled={!onVote}
              onClick={() => onVote?.(question, !mine)}
              data-testid="live-upvote"
            >
              <ChevronUp size={18} aria-hidden />
              <span className="tabular">{words.votes({ count: question.votes ?? 0 })}</span>
            </button>
            <div className={styles.questionBody}>
              <p className={styles.who}>
                <b>{question.name}</b>
              </p>
              <p className={styles.text}>{question.text}</p>
              {question.state === "answered" ? (
                <p className={styles.answer}>
                  {question.answer ? (
                    <>
                      <b>{words.answer}</b> {question.answer}
                    </>
                  ) : (
                    words.answeredLive
                  )}
                </p>
              ) : null}
              {actions ? <div className={styles.acts}>{actions(question)}</div> : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

export function QuestionsTab({
  client,
  view,
  name,
  onName,
  votes,
  onVoted,
}: {
  client: HubClient;
  view: HubView;
  name: string;
  onName: (name: string) => void;
  votes: readonly string[];
  onVoted: (questionId: string, on: boolean) => void;
}) {
  const words = useLiveWords();
  return (
    <>
      <QuestionList
        questions={view.questions}
        votes={votes}
        onVote={(question, on) => {
          onVoted(question.id, on);
          client.ask("upvote", { question_id: question.id, on }).catch(() => onVoted(question.id, !on));
        }}
      />
      {!view.rules.questions ? (
        <p className={styles.hint}>{words.questionsOff}</p>
      ) : name === "" ? (
        <NameBox onName={onName} />
      ) : (
        <SayBox label={words.ask} send={(text) => client.ask("ask", { text })} testId="live-ask" />
      )}
    </>
  );
}
