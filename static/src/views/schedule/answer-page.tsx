import { useEffect, useState } from "react";
import type { Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import { parseRule } from "../../state/schedule/rule";
import type { Answer } from "../../state/schedule/schedule";
import { viewerZone } from "../../state/schedule/zones";
import { useApp, useLocale, useText } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { linkFault, useSubmit } from "../pages/use-submit";
import { ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { AnswerButtons } from "./answer-buttons";
import styles from "./calendar.module.css";
import { ruleWords, useScheduleWords, whenText, zoneName } from "./words";

interface Card {
  readonly title: string;
  readonly description: string;
  readonly organizer: string;
  readonly name: string;
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly zone: string;
  readonly rrule: string;
  readonly answer: Answer;
  readonly state: "confirmed" | "cancelled";
  readonly code: string;
}

/** The page behind the link of an invitation mail: what it is, and three buttons. No account. */
export default function AnswerPage({ token }: { token: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const zone = viewerZone();
  const [card, setCard] = useState<Card | null>(null);
  const [fault, setFault] = useState<Code | null>(null);
  const [note, setNote] = useState("");
  const [done, setDone] = useState(false);
  useEffect(() => {
    api
      .ask<Card>("GET", `/api/schedule/replies?${new URLSearchParams({ token }).toString()}`)
      .then(setCard, (cause: unknown) => setFault(cause instanceof ApiError ? cause.code : "internal"));
  }, [api, token]);
  const [given, setGiven] = useState<Answer>("accepted");
  const form = useSubmit(async () => {
    setCard(await api.ask<Card>("POST", "/api/schedule/replies", { token, answer: given, note }));
    setDone(true);
  });
  if (fault)
    return (
      <PageFrame title={words.reply.title}>
        <div className={pages.empty}>
          <h1>{words.reply.gone}</h1>
          <p>{linkFault(fault, words.reply.goneText, text.errors)}</p>
        </div>
      </PageFrame>
    );
  if (!card) return <PageFrame title={words.reply.title}>{null}</PageFrame>;
  const off = card.state === "cancelled";
  return (
    <PageFrame title={words.reply.title}>
      <div className={pages.narrow}>
        <h1>{card.title}</h1>
        <div className={styles.facts}>
          <p>
            <strong>{whenText(card.starts_at_ms, card.ends_at_ms, zone, locale)}</strong>
            {card.zone === zone ? null : (
              <span>
                {words.inZone({
                  time: whenText(card.starts_at_ms, card.ends_at_ms, card.zone, locale),
                  zone: zoneName(card.zone, locale, card.starts_at_ms),
                })}
              </span>
            )}
            {card.rrule ? <span>{ruleWords(parseRule(card.rrule), words, locale)}</span> : null}
            <span>{words.organizer({ name: card.organizer })}</span>
          </p>
          {card.description ? <p className={styles.description}>{card.description}</p> : null}
        </div>
        {off ? (
          <Fault>{words.reply.off}</Fault>
        ) : (
          <form
            className={pages.form}
            onSubmit={(event) => {
              form.onSubmit(event);
            }}
          >
            <p className={pages.soft}>{words.reply.ask({ name: card.name })}</p>
            <label className={styles.note}>
              {`${words.reply.note} (${text.common.optional})`}
              <input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
            </label>
            <AnswerButtons
              answer={card.answer}
              isDisabled={form.pending}
              submit
              onAnswer={(answer) => setGiven(answer)}
            />
            {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
            {done ? (
              <p role="status" data-testid="answered">
                {words.reply.done({ answer: words.answers[card.answer] })}
              </p>
            ) : null}
            {card.answer === "declined" ? null : (
              <ButtonLink href={`/m/${card.code}`}>{words.join}</ButtonLink>
            )}
          </form>
        )}
      </div>
    </PageFrame>
  );
}
