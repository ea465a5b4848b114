import { Pin, SendHorizontal } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import type { HubClient, HubMessage, HubView } from "../../state/live/hub";
import { useLocale } from "../context";
import { IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./live.module.css";
import { faultText } from "./use-hub";
import { useLiveWords } from "./words";

const MESSAGE_MAX_CHARS = 1_000;
const NEAR_END_PX = 80;

/** What was said, the newest below; it follows as long as one reads at the end. */
export function MessageList({
  messages,
  actions,
  roomName,
}: {
  messages: readonly HubMessage[];
  /** What may be done with a message. */
  actions?: (message: HubMessage) => ReactNode;
  /** Whose chat a message stands in, where several are shown. */
  roomName?: (room: string) => string;
}) {
  const words = useLiveWords();
  const time = new Intl.DateTimeFormat(useLocale(), { timeStyle: "short" });
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const newest = messages.at(-1)?.id;
  useEffect(() => {
    if (list.current && atEnd.current) list.current.scrollTop = list.current.scrollHeight;
  }, [newest]);
  if (messages.length === 0) return <p className={styles.hint}>{words.chatEmpty}</p>;
  return (
    <ol
      className={styles.messages}
      ref={list}
      aria-live="polite"
      data-testid="live-messages"
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      }}
    >
      {messages.map((message) => (
        <li
          key={message.id}
          className={classes(styles.message, message.state === "held" && styles.held)}
          data-testid="live-message"
        >
          <p className={styles.who}>
            <b>{message.name}</b>
            {message.role ? <span className={styles.tag}>{words.roles[message.role as "host"]}</span> : null}
            {roomName ? <span>{roomName(message.room)}</span> : null}
            <time className="tabular">{time.format(message.at_ms)}</time>
          </p>
          <p className={styles.text}>{message.text}</p>
          {actions ? <div className={styles.acts}>{actions(message)}</div> : null}
        </li>
      ))}
    </ol>
  );
}

/** One line that is sent with Enter; what was refused stays in it. */
export function SayBox({
  label,
  note,
  send,
  testId,
}: {
  label: string;
  note?: string;
  send: (text: string) => Promise<boolean>;
  testId: string;
}) {
  const words = useLiveWords();
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const text = typed.trim();
    if (text === "") return;
    send(text).then(
      (held) => {
        setTyped("");
        setTold(held ? words.heldNote : "");
      },
      (cause: unknown) => setTold(faultText(words, cause)),
    );
  };
  return (
    <form className={styles.say} onSubmit={submit}>
      <div className={styles.sayRow}>
        <input
          className={styles.sayInput}
          aria-label={label}
          placeholder={label}
          value={typed}
          maxLength={MESSAGE_MAX_CHARS}
          onChange={(event) => setTyped(event.target.value)}
          data-testid={testId}
        />
        <button
          className={styles.sendButton}
          type="submit"
          aria-label={words.send}
          data-testid={`${testId}-send`}
        >
          <SendHorizontal size={18} aria-hidden />
        </button>
      </div>
      {told || note ? (
        <p className={styles.sayNote} role="status">
          {told || note}
        </p>
      ) : null}
    </form>
  );
}

export function PinnedMessage({ message, onUnpin }: { message: HubMessage | null; onUnpin?: () => void }) {
  const words = useLiveWords();
  if (!message) return null;
  return (
    <div className={styles.pinned} data-testid="live-pinned">
      <Pin size={16} aria-label={words.pinned} />
      <p className={styles.text}>
        <b>{message.name}</b> {message.text}
      </p>
      {onUnpin ? (
        <IconButton name={words.unpin} onPress={onUnpin}>
          ×
        </IconButton>
      ) : null}
    </div>
  );
}

export function ChatTab({
  client,
  view,
  room,
  name,
  onName,
}: {
  client: HubClient;
  view: HubView;
  /** The chat that one reads and writes in. */
  room: string;
  name: string;
  onName: (name: string) => void;
}) {
  const words = useLiveWords();
  const { rules } = view;
  const pinned = view.pinned["*"] ?? view.pinned[room] ?? null;
  const note = rules.held
    ? words.heldNote
    : rules.slow_s > 0
      ? words.slowNote({ seconds: rules.slow_s })
      : undefined;
  return (
    <>
      <PinnedMessage message={pinned} />
      <MessageList messages={view.messages} />
      {!rules.enabled ? (
        <p className={styles.hint}>{words.chatOff}</p>
      ) : name === "" ? (
        <NameBox onName={onName} />
      ) : (
        <SayBox
          label={words.say}
          {...(note ? { note } : {})}
          send={(text) => client.ask("say", { text })}
          testId="live-say"
        />
      )}
    </>
  );
}

/** Before the first word of somebody without an account. */
export function NameBox({ onName }: { onName: (name: string) => void }) {
  const words = useLiveWords();
  const [typed, setTyped] = useState("");
  return (
    <form
      className={styles.say}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim()) onName(typed.trim());
      }}
    >
      <p className={styles.sayNote}>{words.needName}</p>
      <div className={styles.sayRow}>
        <input
          className={styles.sayInput}
          aria-label={words.yourName}
          placeholder={words.yourName}
          value={typed}
          maxLength={64}
          onChange={(event) => setTyped(event.target.value)}
          data-testid="live-name"
        />
        <button
          className={styles.sendButton}
          type="submit"
          aria-label={words.useName}
          data-testid="live-name-use"
        >
          <SendHorizontal size={18} aria-hidden />
        </button>
      </div>
    </form>
  );
}
