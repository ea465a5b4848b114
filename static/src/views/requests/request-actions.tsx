import { useState, type ReactNode } from "react";
import type { Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import type { MoveWish } from "../../state/requests/requests";
import type { Action } from "../../state/requests/shapes";
import { useText } from "../context";
import { Button, ButtonLink, type Tone } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { MoveDialog } from "./move-dialog";
import { ProvideForm } from "./provide-form";
import type { AtHand } from "./at-hand";
import { useRequestTitle } from "./request-row";
import styles from "./request.module.css";
import type { RequestFiles } from "./use-files";
import { useRequestWords } from "./words";

/** In the order of what is most likely wanted. */
const ORDER: readonly Action[] = [
  "accept",
  "take",
  "approve",
  "answer",
  "reject",
  "ask",
  "finish",
  "offer",
  "decline",
  "retract",
  "reopen",
  "withdraw",
];
const AT_ONCE: ReadonlySet<Action> = new Set(["take", "accept", "decline", "retract"]);
const PRIMARY: ReadonlySet<Action> = new Set(["accept", "take", "approve", "answer"]);

/** What whoever looks can do with the request now, as the server says. */
export function RequestActions({
  files,
  children,
  ...at
}: AtHand & { files: RequestFiles; children: ReactNode }) {
  const text = useText();
  const words = useRequestWords();
  const titleOf = useRequestTitle();
  const [open, setOpen] = useState<Action | null>(null);
  const [code, setCode] = useState<Code | null>(null);
  const [pending, setPending] = useState<Action | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const { request, definition, events } = at.card;
  const isStep = request.step + 1 < request.steps;

  /** True when it is done; refusals are told here, and the page looks again. */
  const move = async (wish: MoveWish): Promise<boolean> => {
    setCode(null);
    setPending(wish.action);
    try {
      at.onCard(await at.requests.move(request.id, { ...wish, revision: request.revision }));
      setOpen(null);
      return true;
    } catch (cause) {
      const refused = cause instanceof ApiError ? cause.code : "internal";
      if (refused === "invalid") throw cause;
      setCode(refused);
      setOpen(null);
      at.onStale();
      return false;
    } finally {
      setPending(null);
    }
  };
  const press = (action: Action): void => {
    if (AT_ONCE.has(action)) void move({ action }).catch(() => setCode("invalid"));
    else if (action === "withdraw")
      setQuestion({
        title: words.dialogs.withdraw,
        text: words.dialogs.withdrawText({ title: titleOf(request) }),
        action: words.actions.withdraw,
        run: () => void move({ action }).catch(() => setCode("invalid")),
      });
    else setOpen(action);
  };
  const possible = ORDER.filter((action) => request.actions.includes(action));
  const asked = events.findLast((event) => event.action === "ask");
  return (
    <>
      {code ? (
        <Fault>
          {code === "conflict" || code === "wrong_state" ? words.one.changedMeanwhile : text.errors[code]}
        </Fault>
      ) : null}
      <div className={styles.actions} data-testid="actions">
        {possible.map((action, at) => (
          <Button
            key={action}
            tone={toneOf(action, at)}
            isPending={pending === action}
            onPress={() => press(action)}
            testId={`do-${action}`}
          >
            {action === "approve" && isStep ? words.actions.approve_step : words.actions[action]}
          </Button>
        ))}
        {request.state === "withdrawn" && !request.internal ? (
          <ButtonLink href={`/requests/new?type=${request.type.id}&from=${request.id}`}>
            {words.one.fileAgain}
          </ButtonLink>
        ) : null}
        {children}
      </div>
      {request.actions.includes("provide") ? (
        <ProvideForm {...at} files={files} asked={asked?.note ?? ""} onMove={move} />
      ) : null}
      {open ? (
        <MoveDialog
          action={open}
          isStep={open === "approve" && isStep}
          definition={definition}
          requests={at.requests}
          owner={request.owner?.id ?? ""}
          onClose={() => setOpen(null)}
          onMove={move}
        />
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function toneOf(action: Action, at: number): Tone {
  if (PRIMARY.has(action) && at === 0) return "primary";
  return action === "withdraw" || action === "decline" ? "quiet" : "secondary";
}
