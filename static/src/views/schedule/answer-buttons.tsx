import { Check, CircleHelp, X } from "lucide-react";
import type { Answer } from "../../state/schedule/schedule";
import styles from "./calendar.module.css";
import { useScheduleWords } from "./words";

/** Accept, maybe, decline. `submit`: each sends the form that they stand in. */
export function AnswerButtons({
  answer,
  submit,
  isDisabled,
  onAnswer,
}: {
  answer: Answer;
  submit?: boolean;
  isDisabled?: boolean;
  onAnswer: (answer: Answer) => void;
}) {
  const words = useScheduleWords();
  const offered = [
    ["accepted", words.accept, Check],
    ["tentative", words.maybe, CircleHelp],
    ["declined", words.decline, X],
  ] as const;
  return (
    <div className={styles.answerButtons}>
      {offered.map(([given, label, Icon]) => (
        <button
          key={given}
          type={submit ? "submit" : "button"}
          className={styles.answer}
          aria-pressed={answer === given}
          disabled={isDisabled}
          data-testid={`answer-${given}`}
          onClick={() => onAnswer(given)}
        >
          <Icon size={16} aria-hidden />
          {label}
        </button>
      ))}
    </div>
  );
}
