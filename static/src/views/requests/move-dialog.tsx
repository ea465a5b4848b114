import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../state/requests/form";
import type { MoveWish, Requests } from "../../state/requests/requests";
import type { Action, Definition, Outcome } from "../../state/requests/shapes";
import { useLocale, useText } from "../context";
import { Button } from "../ui/button";
import { Dialog, DialogActions, DialogText, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import form from "./form/form.module.css";
import { useRequestWords, type RequestWords } from "./words";

const NOTE_MAX_CHARS = 4_000;
const OUTCOMES: Partial<Record<Action, Outcome>> = {
  approve: "approved",
  reject: "rejected",
  answer: "answered",
};

/** A move with words: a decision, a question, a hand-over. */
export function MoveDialog({
  action,
  isStep,
  definition,
  requests,
  owner,
  onClose,
  onMove,
}: {
  action: Action;
  isStep: boolean;
  definition: Definition;
  requests: Requests;
  owner: string;
  onClose: () => void;
  onMove: (wish: MoveWish) => Promise<boolean>;
}) {
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const [note, setNote] = useState("");
  const [template, setTemplate] = useState("none");
  const [to, setTo] = useState("");
  const [isPending, setPending] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const isOffer = action === "offer";
  const staff = useQuery({
    queryKey: ["request-staff"],
    queryFn: () => requests.staff(),
    enabled: isOffer,
    refetchInterval: false,
  });
  const outcome = OUTCOMES[action] ?? null;
  const replies =
    outcome || action === "ask"
      ? (definition.replies ?? []).filter((reply) => (reply.outcome ?? null) === outcome)
      : [];
  const needsNote = action === "ask" || action === "reject";
  const isReady = (!needsNote || note.trim() !== "") && (!isOffer || to !== "");
  const send = async (): Promise<void> => {
    if (!isReady || isPending) return;
    setPending(true);
    setRefused(false);
    try {
      await onMove({ action, note: note.trim(), ...(isOffer ? { to } : {}) });
    } catch {
      setRefused(true);
    } finally {
      setPending(false);
    }
  };
  const colleagues = (staff.data?.staff ?? []).filter((one) => one.id !== owner);
  return (
    <Dialog title={titleOf(words, action, isStep)} isOpen onClose={onClose} wide>
      {action === "ask" ? <DialogText>{words.dialogs.askText}</DialogText> : null}
      {isOffer ? <DialogText>{words.dialogs.offerText}</DialogText> : null}
      {isOffer ? (
        <Select
          label={words.dialogs.offerTo}
          selected={to}
          onChange={setTo}
          options={colleagues.map((one) => ({ id: one.id, label: one.name }))}
        />
      ) : null}
      {replies.length > 0 ? (
        <Select
          label={words.dialogs.template}
          selected={template}
          options={[
            { id: "none", label: words.dialogs.noTemplate },
            ...replies.map((reply) => ({ id: reply.id, label: said(reply.name, locale) })),
          ]}
          onChange={(id) => {
            setTemplate(id);
            const reply = replies.find((one) => one.id === id);
            setNote(reply ? said(reply.text, locale) : "");
          }}
        />
      ) : null}
      <label className={form.field}>
        <span>
          {isOffer || action === "finish" || action === "reopen" ? words.dialogs.noteTo : words.dialogs.note}
        </span>
        <textarea
          className={form.input}
          rows={5}
          value={note}
          maxLength={NOTE_MAX_CHARS}
          onChange={(event) => setNote(event.target.value)}
          data-testid="note"
        />
        {/\{\w+\}/.test(note) ? <span className={form.hint}>{words.dialogs.places}</span> : null}
        {needsNote && note.trim() === "" ? (
          <span className={form.hint}>{words.dialogs.noteNeeded}</span>
        ) : null}
      </label>
      {isRefused ? <Fault>{text.errors.invalid}</Fault> : null}
      <DialogActions>
        <Button onPress={onClose}>{text.common.cancel}</Button>
        <Button
          tone={action === "reject" ? "danger" : "primary"}
          isDisabled={!isReady}
          isPending={isPending}
          onPress={() => void send()}
          testId="move"
        >
          {isStep ? words.actions.approve_step : words.actions[action]}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function titleOf(words: RequestWords, action: Action, isStep: boolean): string {
  if (isStep) return words.dialogs.approveStep;
  switch (action) {
    case "approve":
    case "reject":
    case "answer":
    case "ask":
    case "offer":
    case "reopen":
    case "finish":
      return words.dialogs[action];
    default:
      return words.actions[action];
  }
}
