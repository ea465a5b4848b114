import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { systemClock } from "../../state/clock";
import { BatchModel } from "../../state/requests/batch";
import { said } from "../../state/requests/form";
import type { Requests } from "../../state/requests/requests";
import type { BatchAction, Name } from "../../state/requests/shapes";
import { useLocale, useStore, useText } from "../context";
import { Button } from "../ui/button";
import { Dialog, DialogActions, DialogText, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import form from "./form/form.module.css";
import styles from "./requests.module.css";
import { known, useRequestWords } from "./words";

const NOTE_MAX_CHARS = 4_000;

export interface BatchAtHand {
  readonly requests: Requests;
  readonly model: BatchModel;
  readonly asked: { readonly action: BatchAction; readonly items: readonly Name[] } | null;
  readonly ask: (action: BatchAction, items: readonly Name[]) => void;
  readonly drop: () => void;
}

/** A page's batches: the one that is being confirmed, and the one that runs. */
export function useBatch(requests: Requests, onOver: () => void): BatchAtHand {
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });
  const [model] = useState(
    () => new BatchModel(requests, systemClock, window.sessionStorage, () => over.current()),
  );
  const [asked, setAsked] = useState<BatchAtHand["asked"]>(null);
  useEffect(() => {
    model.resume();
    return () => model.leave();
  }, [model]);
  return {
    requests,
    model,
    asked,
    ask: (action, items) => setAsked({ action, items }),
    drop: () => setAsked(null),
  };
}

/** Asks once with the count, then shows how far it is, and what became of each. */
export function BatchDialog({
  batch,
  onKeep,
}: {
  batch: BatchAtHand;
  onKeep: (refused: readonly string[]) => void;
}) {
  const run = useStore(batch.model.run);
  if (batch.asked && !run) return <Confirming batch={batch} asked={batch.asked} />;
  return run ? <Running batch={batch} onKeep={onKeep} /> : null;
}

function Confirming({ batch, asked }: { batch: BatchAtHand; asked: NonNullable<BatchAtHand["asked"]> }) {
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const { action, items } = asked;
  const [note, setNote] = useState("");
  const first = items[0]?.id ?? "";
  const card = useQuery({
    queryKey: ["request", first],
    queryFn: () => batch.requests.get(first),
    refetchInterval: false,
  });
  const outcome = action === "approve" ? "approved" : action === "reject" ? "rejected" : "answered";
  const decides = action === "approve" || action === "reject" || action === "answer";
  const replies = decides
    ? (card.data?.definition.replies ?? []).filter((reply) => reply.outcome === outcome)
    : [];
  const needsNote = action === "reject" && note.trim() === "";
  return (
    <Dialog
      title={words.batch.name({ action: words.batch[action], count: items.length })}
      isOpen
      onClose={batch.drop}
      wide
    >
      {decides ? <DialogText>{words.batch.takesFirst}</DialogText> : null}
      {replies.length > 0 ? (
        <Select
          label={words.dialogs.template}
          selected="none"
          options={[
            { id: "none", label: words.dialogs.noTemplate },
            ...replies.map((reply) => ({ id: reply.id, label: said(reply.name, locale) })),
          ]}
          onChange={(id) => {
            const reply = replies.find((one) => one.id === id);
            setNote(reply ? said(reply.text, locale) : "");
          }}
        />
      ) : null}
      {action === "take" ? null : (
        <label className={form.field}>
          <span>{words.dialogs.note}</span>
          <textarea
            className={form.input}
            rows={4}
            value={note}
            maxLength={NOTE_MAX_CHARS}
            onChange={(event) => setNote(event.target.value)}
            data-testid="batch-note"
          />
          {action === "reject" ? <span className={form.hint}>{words.dialogs.noteNeeded}</span> : null}
          {/\{\w+\}/.test(note) ? <span className={form.hint}>{words.dialogs.places}</span> : null}
        </label>
      )}
      <DialogActions>
        <Button onPress={batch.drop}>{text.common.cancel}</Button>
        <Button
          tone={action === "reject" ? "danger" : "primary"}
          isDisabled={needsNote}
          testId="batch-confirm"
          onPress={() => {
            void batch.model.start(action, note.trim(), items);
            batch.drop();
          }}
        >
          {words.batch.confirm({ action: words.batch[action], count: items.length })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Running({ batch, onKeep }: { batch: BatchAtHand; onKeep: (refused: readonly string[]) => void }) {
  const text = useText();
  const words = useRequestWords();
  const run = useStore(batch.model.run);
  if (!run) return null;
  const { batch: state, code, names } = run;
  const total = state?.total ?? names.size;
  const through = (state?.done ?? 0) + (state?.refused ?? 0);
  const isOver = (state?.finished_at_ms ?? 0) > 0;
  const refused = state?.items.filter((item) => item.result === "refused") ?? [];
  const listed = isOver
    ? [...refused, ...(state?.items.filter((item) => item.result === "done") ?? [])]
    : refused;
  const failedToStart = code !== "" && code !== "unavailable" && !state;
  const close = (): void => {
    onKeep(batch.model.refused());
    batch.model.close();
  };
  return (
    <Dialog
      title={
        state
          ? words.batch.name({ action: words.batch[state.action], count: total })
          : words.batch.running({ done: 0, total })
      }
      isOpen
      onClose={close}
      wide
    >
      {failedToStart ? (
        <Fault>{text.errors[code as keyof typeof text.errors]}</Fault>
      ) : (
        <>
          <div role="status" data-testid="batch-progress" data-over={isOver || undefined}>
            {isOver
              ? words.batch.over({ done: state?.done ?? 0, total })
              : words.batch.running({ done: through, total })}
            {refused.length > 0 ? ` · ${words.batch.refused({ count: refused.length })}` : ""}
          </div>
          <progress className={styles.progress} value={through} max={total} aria-label={words.desk.decide} />
          {code === "unavailable" ? <Fault>{words.batch.away}</Fault> : null}
          {isOver ? null : <DialogText>{words.batch.goOn}</DialogText>}
          {listed.length > 0 ? (
            <ul
              className={styles.results}
              aria-label={words.batch.results}
              data-testid="batch-results"
              tabIndex={0}
            >
              {listed.map((item) => (
                <li key={item.request_id} data-result={item.result}>
                  <span>{names.get(item.request_id) ?? item.request_id}</span>
                  <span>
                    {item.result === "refused"
                      ? (known(words.batch.codes, item.code) ?? words.batch.codes.other)
                      : words.batch.resultNames[item.result]}
                  </span>
                </li>
              ))}
            </ul>
          ) : null}
        </>
      )}
      <DialogActions>
        <Button tone={isOver ? "primary" : "secondary"} onPress={close} testId="batch-close">
          {isOver && refused.length > 0 ? words.batch.keep : words.batch.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
