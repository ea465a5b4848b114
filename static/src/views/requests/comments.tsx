import { Lock } from "lucide-react";
import { useState } from "react";
import type { Code } from "../../protocol.gen";
import { ApiError, type Me } from "../../state/api";
import { newKey } from "../../state/new-key";
import { useLocale, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Fault } from "../ui/dialog";
import { LinkedText } from "../ui/linked-text";
import form from "./form/form.module.css";
import type { AtHand } from "./at-hand";
import styles from "./request.module.css";
import { useRequestWords, whenFormat } from "./words";

const TEXT_MAX_CHARS = 2_000;

/** What both sides say to each other, and what the park's staff say among themselves: never to be mistaken. */
export function Comments({ me, card, requests, onStale }: AtHand & { me: Me }) {
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const when = whenFormat(locale);
  const { internal: isOfDesk, actions, id, requester } = card.request;
  const [isInternal, setInternal] = useState(false);
  const [typed, setTyped] = useState("");
  const [key, setKey] = useState(newKey);
  const [isPending, setPending] = useState(false);
  const [code, setCode] = useState<Code | null>(null);
  // Colleagues who only look on can do nothing with it.
  const maySay = isOfDesk || actions.length > 0 || requester.id === me.account?.id;
  const send = async (): Promise<void> => {
    if (typed.trim() === "" || isPending) return;
    setPending(true);
    setCode(null);
    try {
      await requests.comment(id, key, typed.trim(), isOfDesk && isInternal);
      setTyped("");
      setKey(newKey());
      onStale();
    } catch (cause) {
      setCode(cause instanceof ApiError ? cause.code : "internal");
    } finally {
      setPending(false);
    }
  };
  const isNote = isOfDesk && isInternal;
  return (
    <section className={styles.card} data-testid="comments">
      <h2>{words.one.comments}</h2>
      {card.comments.length === 0 ? <p className={styles.soft}>{words.one.noComments}</p> : null}
      <ul className={styles.comments}>
        {card.comments.map((comment) => (
          <li
            key={comment.key}
            className={classes(styles.comment, comment.internal && styles.commentInternal)}
            data-testid={comment.internal ? "internal-comment" : "comment"}
          >
            <Avatar name={comment.name} identity={comment.name} size={28} />
            <div>
              <p className={styles.commentHead}>
                <strong>{comment.mine ? words.one.you : comment.name}</strong>
                <time className="tabular">{when.format(comment.at_ms)}</time>
                {comment.internal ? (
                  <span className={styles.internal}>
                    <Lock size={12} aria-hidden />
                    {words.one.internal}
                  </span>
                ) : null}
              </p>
              <p className={styles.lines}>
                <LinkedText text={comment.text} />
              </p>
            </div>
          </li>
        ))}
      </ul>
      {maySay ? (
        <form
          className={styles.commentForm}
          data-internal={isNote || undefined}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          {isOfDesk ? (
            <div className={styles.sides} role="group" aria-label={words.one.comments}>
              {([false, true] as const).map((side) => (
                <button
                  key={String(side)}
                  type="button"
                  aria-pressed={isInternal === side}
                  onClick={() => setInternal(side)}
                  data-testid={side ? "say-internal" : "say-public"}
                >
                  {side ? <Lock size={14} aria-hidden /> : null}
                  {side ? words.one.internal : words.one.toRequester}
                </button>
              ))}
            </div>
          ) : null}
          <textarea
            className={form.input}
            rows={3}
            maxLength={TEXT_MAX_CHARS}
            aria-label={isNote ? words.one.writeInternal : words.one.write}
            placeholder={isNote ? words.one.writeInternal : words.one.write}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
                event.preventDefault();
                void send();
              }
            }}
            data-testid="comment-text"
          />
          {isNote ? <p className={form.hint}>{words.one.internalNote}</p> : null}
          {code ? <Fault>{text.errors[code]}</Fault> : null}
          <Button type="submit" isPending={isPending} isDisabled={typed.trim() === ""} testId="comment-send">
            {isNote ? words.one.sendInternal : words.one.send}
          </Button>
        </form>
      ) : null}
    </section>
  );
}
