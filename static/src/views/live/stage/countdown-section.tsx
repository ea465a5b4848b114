import { Button } from "../../ui/button";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

const CHOICES_MIN = [1, 5, 10];

export function CountdownSection() {
  const { stage, desk } = useStage();
  const words = useStageWords();
  return (
    <section className={styles.section}>
      <h3>{words.countdown}</h3>
      <div className={styles.row}>
        {CHOICES_MIN.map((minutes) => (
          <Button key={minutes} onPress={() => void desk.countDown(minutes * 60)}>
            {words.minutes({ minutes })}
          </Button>
        ))}
        {stage.countdown_ends_at_ms > 0 ? (
          <Button tone="quiet" onPress={() => void desk.countDown(0)}>
            {words.noCountdown}
          </Button>
        ) : null}
      </div>
    </section>
  );
}
