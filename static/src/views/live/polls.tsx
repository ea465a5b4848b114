import { useState, type ReactNode } from "react";
import type { HubClient, HubPoll } from "../../state/live/hub";
import { Button } from "../ui/button";
import styles from "./live.module.css";
import { faultText } from "./use-hub";
import { useLiveWords } from "./words";

/** One poll: choose, or see how all chose. */
export function PollCard({
  poll,
  chosen,
  client,
  actions,
}: {
  poll: HubPoll;
  /** What one has chosen before. */
  chosen: readonly number[];
  /** Null: only to be looked at. */
  client: HubClient | null;
  actions?: ReactNode;
}) {
  const words = useLiveWords();
  const [picked, setPicked] = useState<readonly number[]>(chosen);
  const [sent, setSent] = useState(chosen.length > 0);
  const [fault, setFault] = useState("");
  const open = poll.state === "open" && client !== null && !sent;
  const voters = poll.voters ?? 0;
  return (
    <section className={styles.poll} aria-label={poll.question} data-testid="live-poll">
      <p className={styles.who}>
        <b>{words.poll}</b>
        <span className="tabular">{words.voters({ count: voters })}</span>
        {poll.state === "closed" ? <span className={styles.tag}>{words.pollClosed}</span> : null}
      </p>
      <p className={styles.pollQuestion}>{poll.question}</p>
      <ul className={styles.options}>
        {poll.options.map((option, index) => {
          const percent = voters > 0 ? Math.round(((poll.counts?.[index] ?? 0) * 100) / voters) : 0;
          const mine = picked.includes(index);
          return (
            <li key={option} className={styles.option}>
              {open ? (
                <label className={styles.optionRow}>
                  <input
                    type={poll.multiple ? "checkbox" : "radio"}
                    name={poll.id}
                    checked={mine}
                    onChange={() =>
                      setPicked(
                        !poll.multiple
                          ? [index]
                          : mine
                            ? picked.filter((one) => one !== index)
                            : [...picked, index],
                      )
                    }
                    data-testid={`live-option-${index}`}
                  />
                  <span>{option}</span>
                </label>
              ) : (
                <>
                  <div className={styles.optionRow}>
                    <span>
                      {option}
                      {mine ? " ✓" : ""}
                    </span>
                    <span className="tabular">{words.pollShare({ percent })}</span>
                  </div>
                  <div className={styles.bar} aria-hidden>
                    <div className={styles.barFill} style={{ inlineSize: `${percent}%` }} />
                  </div>
                </>
              )}
            </li>
          );
        })}
      </ul>
      {fault ? <p className={styles.sayNote}>{fault}</p> : null}
      {open ? (
        <Button
          tone="primary"
          isDisabled={picked.length === 0}
          testId="live-vote"
          onPress={() => {
            client.ask("poll_answer", { poll_id: poll.id, choices: picked }).then(
              () => {
                setFault("");
                setSent(true);
              },
              (cause: unknown) => setFault(faultText(words, cause)),
            );
          }}
        >
          {words.vote}
        </Button>
      ) : poll.state === "open" && client !== null ? (
        <Button tone="quiet" onPress={() => setSent(false)}>
          {words.changeVote}
        </Button>
      ) : null}
      {actions}
    </section>
  );
}
