import { newAnswer } from "../../../state/assist/checklist-rules";
import { stepOf, type DraftStep } from "../../../state/assist/template-editor";
import panel from "../checklist/checklist.module.css";
import { StepCard } from "../checklist/step-card";
import styles from "./instructions.module.css";
import { useInstructionWords } from "./words";

/** The steps as they are on the phone; the chosen one as when it is its turn. What is entered here goes nowhere. */
export function StepPreview({ steps, selected }: { steps: readonly DraftStep[]; selected: string }) {
  const words = useInstructionWords();
  return (
    <div className={styles.phone} data-testid="preview">
      <ol className={panel.steps}>
        {steps.map((draft, index) => {
          const step = stepOf(draft);
          return (
            <StepCard
              key={`${step.id} ${step.kind}`}
              shown={{
                step: { ...step, title: step.title || words.untitled },
                answer: step.id === selected ? newAnswer("open", 0) : null,
                state: "open",
                name: "",
                isWaiting: false,
              }}
              number={index + 1}
              isCurrent={step.id === selected}
              isFixed={false}
              give={() => undefined}
              takePhoto={() => Promise.resolve(null)}
              showMark={null}
              Title="h3"
            />
          );
        })}
      </ol>
    </div>
  );
}
