import { useState } from "react";
import { ApiError } from "../../state/api";
import { faultsOf, storable } from "../../state/requests/form";
import type { MoveWish } from "../../state/requests/requests";
import type { Answers } from "../../state/requests/shapes";
import { useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { broughtBy } from "./draft-form";
import { FaultSummary } from "./form/fault-summary";
import form from "./form/form.module.css";
import { RequestForm } from "./form/request-form";
import type { AtHand } from "./at-hand";
import styles from "./request.module.css";
import type { RequestFiles } from "./use-files";
import { useRequestWords } from "./words";

const NOTE_MAX_CHARS = 4_000;

/** What the park asked for: words, other answers, or both; documents are brought below. */
export function ProvideForm({
  card,
  files,
  asked,
  onMove,
}: AtHand & {
  files: RequestFiles;
  asked: string;
  onMove: (wish: MoveWish) => Promise<boolean>;
}) {
  const text = useText();
  const words = useRequestWords();
  const [note, setNote] = useState("");
  const [answers, setAnswers] = useState<Answers | null>(null);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [round, setRound] = useState(0);
  const [isPending, setPending] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const send = async (): Promise<void> => {
    const wrong = answers ? faultsOf(card.definition, answers, broughtBy(card.files)) : {};
    setFaults(wrong);
    setRefused(false);
    if (Object.keys(wrong).length > 0) {
      setRound((now) => now + 1);
      return;
    }
    setPending(true);
    try {
      await onMove({
        action: "provide",
        note: note.trim(),
        ...(answers ? { answers: storable(card.definition, answers).answers } : {}),
      });
    } catch (cause) {
      setFaults(cause instanceof ApiError ? cause.fields : {});
      setRefused(true);
      setRound((now) => now + 1);
    } finally {
      setPending(false);
    }
  };
  return (
    <section className={styles.wanted} data-testid="provide">
      <h2>{words.one.wanted}</h2>
      <p className={styles.lines}>{asked}</p>
      {answers ? (
        <>
          {round > 0 ? (
            <FaultSummary definition={card.definition} answers={answers} faults={faults} round={round} />
          ) : null}
          <RequestForm
            definition={card.definition}
            answers={answers}
            faults={faults}
            onAnswer={(fieldId, answer) => setAnswers((now) => ({ ...now, [fieldId]: answer }))}
            files={files.at}
          />
        </>
      ) : null}
      <label className={form.field}>
        <span>{words.one.yourAnswer}</span>
        <textarea
          className={form.input}
          rows={3}
          value={note}
          maxLength={NOTE_MAX_CHARS}
          onChange={(event) => setNote(event.target.value)}
          data-testid="provide-note"
        />
      </label>
      {isRefused ? <Fault>{text.errors.invalid}</Fault> : null}
      <div className={styles.actions}>
        <Button tone="primary" isPending={isPending} onPress={() => void send()} testId="do-provide">
          {words.actions.provide}
        </Button>
        <Button onPress={() => setAnswers(answers ? null : card.answers)} testId="edit-answers">
          {answers ? words.one.keepAnswers : words.one.editAnswers}
        </Button>
      </div>
    </section>
  );
}
