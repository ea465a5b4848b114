import { said } from "../../state/requests/form";
import type { RequestCard, RequestEvent } from "../../state/requests/shapes";
import { useLocale } from "../context";
import { AnswersView } from "./answers-view";
import styles from "./request.module.css";
import { escalatedWords, useRequestWords, whenFormat, type RequestWords } from "./words";

/** Everything that became of a request; the newest first, where one looks. */
export function Timeline({ card }: { card: RequestCard }) {
  const words = useRequestWords();
  const locale = useLocale();
  const when = whenFormat(locale);
  const { steps } = card.definition;
  return (
    <section className={styles.card}>
      <h2>{words.one.history}</h2>
      <ol className={styles.timeline} data-testid="timeline">
        {[...card.events].reverse().map((event) => (
          <li key={event.number} data-action={event.action}>
            <p>
              {sentence(words, event)}
              {event.action === "approve_step"
                ? ` · ${said(steps[Math.max(0, event.step - 1)]?.name, locale)}`
                : ""}
            </p>
            {event.note ? <blockquote className={styles.lines}>{event.note}</blockquote> : null}
            {Object.keys(event.former).length > 0 ? (
              <details>
                <summary>{words.events.former}</summary>
                <AnswersView
                  definition={card.definition}
                  answers={event.former}
                  files={[]}
                  only={Object.keys(event.former)}
                />
              </details>
            ) : null}
            <time className="tabular">
              {when.format(event.at_ms)}
              {event.due_at_ms ? ` · ${words.clock.due({ when: when.format(event.due_at_ms) })}` : ""}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}

function sentence(words: RequestWords, event: RequestEvent): string {
  const { action, name } = event;
  if (action === "escalate")
    return event.escalated_to
      ? words.events.escalate({ to: escalatedWords(words, event.escalated_to) })
      : words.events.late;
  if (action === "offer") return words.events.offer({ name, to: event.to?.name ?? "" });
  return words.events[action]({ name });
}
