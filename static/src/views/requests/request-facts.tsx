import { said } from "../../state/requests/form";
import type { RequestCard } from "../../state/requests/shapes";
import { useLocale } from "../context";
import styles from "./request.module.css";
import { promiseWords, useRequestWords, whenFormat } from "./words";

export function RequestFacts({ card }: { card: RequestCard }) {
  const words = useRequestWords();
  const locale = useLocale();
  const when = whenFormat(locale);
  const { request, definition } = card;
  const step = definition.steps[Math.min(request.step, definition.steps.length - 1)];
  const facts: [string, string][] = [
    [words.type, said(request.type.name, locale)],
    [words.one.owner, request.owner?.name ?? words.noOwner],
    [words.one.company, request.organization.name],
    [words.one.requester, request.requester.name],
  ];
  if (request.offered_to) facts.push([words.actions.offer, request.offered_to.name]);
  if (request.submitted_at_ms) facts.push([words.one.filed, when.format(request.submitted_at_ms)]);
  facts.push([
    words.one.due,
    request.due_at_ms ? when.format(request.due_at_ms) : promiseWords(words, definition.clock),
  ]);
  if (request.decided_at_ms) facts.push([words.one.decided, when.format(request.decided_at_ms)]);
  if (request.steps > 1 && step)
    facts.push([
      words.one.step,
      words.one.stepOf({
        number: Math.min(request.step + 1, request.steps),
        total: request.steps,
        name: said(step.name, locale),
      }),
    ]);
  return (
    <section className={styles.card}>
      <h2>{words.one.about}</h2>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.soft}>{words.one.version({ number: request.type.version })}</p>
    </section>
  );
}
