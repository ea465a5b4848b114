import { ArrowDown, SendHorizontal, ShieldCheck, Trash2 } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { ChatMessage } from "../../protocol.gen";
import type { ChatLine } from "../../state/chat";
import { moderates } from "../../state/room";
import { useLocale, useSelected, useStore, useText } from "../context";
import { Button, IconButton } from "../ui/button";
import { LinkedText } from "../ui/linked-text";
import { FileCard } from "./files/file-card";
import { DropZone, ShareButton, SharingNote } from "./files/share-files";
import { Uploads } from "./files/uploads";
import { useFiles, useMayShare } from "./files/use-files";
import styles from "./panel.module.css";
import { useMeeting } from "./room-context";
import { useSaveChat } from "./save-chat-menu";
import { SidePanel } from "./side-panel";

/** Messages of one person within this time stand under one name. */
const GROUP_MS = 120_000;
/** So near to the end that new messages should keep being followed. */
const FOLLOW_PX = 60;

export function ChatPanel() {
  const meeting = useMeeting();
  const text = useText();
  const state = useStore(meeting.chat.state);
  const sealed = useStore(meeting.encryption.status).state === "on";
  const list = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [news, setNews] = useState(false);
  const oldHeight = useRef(0);
  const saving = useSaveChat();
  const firstId = state.lines[0]?.message.id;
  const lastId = state.lines.at(-1)?.message.id;

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (following.current) element.scrollTop = element.scrollHeight;
    else setNews(true);
  }, [lastId]);
  useLayoutEffect(() => {
    // Older messages came in above: what was being read stays where it was.
    const element = list.current;
    if (!element) return;
    if (!following.current && oldHeight.current > 0)
      element.scrollTop += element.scrollHeight - oldHeight.current;
    oldHeight.current = element.scrollHeight;
  }, [firstId]);
  const toEnd = (): void => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setNews(false);
  };
  return (
    <SidePanel
      title={text.chat.title}
      closeName={text.chat.close}
      extra={state.lines.length > 0 ? saving.menu : null}
    >
      {saving.note}
      <DropZone>
        <div
          ref={list}
          className={styles.messages}
          tabIndex={0}
          role="region"
          aria-label={text.chat.messages}
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
            following.current = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
            oldHeight.current = scrollHeight;
            if (following.current) setNews(false);
          }}
        >
          {state.hasOlder ? (
            <div className={styles.older}>
              <Button
                tone="quiet"
                isPending={state.loadingOlder}
                onPress={() => void meeting.chat.loadOlder()}
              >
                {text.chat.loadOlder}
              </Button>
            </div>
          ) : null}
          {sealed ? (
            <p className={styles.sealedNote}>
              <ShieldCheck size={14} aria-hidden />
              {text.encryption.chat}
            </p>
          ) : null}
          {state.lines.length === 0 ? <p className={styles.emptyChat}>{text.chat.empty}</p> : null}
          <ul>
            {state.lines.map((line, index) => (
              <Line key={line.message.id} line={line} before={state.lines[index - 1]?.message} />
            ))}
          </ul>
        </div>
        {news ? (
          <div className={styles.news}>
            <Button tone="primary" onPress={toEnd}>
              <ArrowDown size={16} aria-hidden />
              {text.chat.newMessages}
            </Button>
          </div>
        ) : null}
        <Uploads />
        <Composer
          onSent={() => {
            following.current = true;
          }}
        />
      </DropZone>
    </SidePanel>
  );
}

function Line({ line, before }: { line: ChatLine; before: ChatMessage | undefined }) {
  const meeting = useMeeting();
  const text = useText();
  const locale = useLocale();
  const me = useStore(meeting.me);
  const role = useSelected(meeting.view, (view) => view?.participants[me]?.role);
  const { message, delivery, sealing, vanishing } = line;
  const mine = message.sender_id === me;
  const grouped =
    before?.sender_id === message.sender_id && message.sent_at_ms - before.sent_at_ms < GROUP_MS;
  const mayDelete = delivery === "sent" && !message.deleted && !vanishing && (mine || moderates(role));
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(
    message.sent_at_ms,
  );
  return (
    <li className={styles.message} data-testid="chat-message" data-grouped={grouped || undefined}>
      {grouped ? null : (
        <div className={styles.from}>
          <strong>{mine ? text.common.you : message.sender_name}</strong>
          <time className="tabular" dateTime={new Date(message.sent_at_ms).toISOString()}>
            {time}
          </time>
        </div>
      )}
      <div className={styles.body}>
        {message.deleted ? (
          <p className={styles.gone}>{text.chat.deleted}</p>
        ) : vanishing ? (
          <p className={styles.gone}>
            {text.chat.deleting}…{" "}
            <Button tone="quiet" onPress={() => meeting.chat.undoDelete(message.id)}>
              {text.common.undo}
            </Button>
          </p>
        ) : sealing === "opening" ? (
          <p className={styles.gone}>{text.encryption.opening}…</p>
        ) : sealing === "unreadable" ? (
          <p className={styles.gone}>{text.encryption.unreadable}</p>
        ) : message.file ? (
          <FileCard file={message.file} />
        ) : (
          <p className={styles.words}>
            <LinkedText text={message.text} />
          </p>
        )}
        {mayDelete ? (
          <span className={styles.messageAction}>
            <IconButton
              name={mine ? text.chat.remove : text.chat.removeFrom({ name: message.sender_name })}
              onPress={() => meeting.chat.remove(message.id)}
            >
              <Trash2 size={15} aria-hidden />
            </IconButton>
          </span>
        ) : null}
      </div>
      {delivery === "sent" ? null : <Pending nonce={message.nonce} failed={delivery === "failed"} />}
    </li>
  );
}

function Pending({ nonce, failed }: { nonce: string; failed: boolean }) {
  const meeting = useMeeting();
  const text = useText();
  const lost = useSelected(meeting.connection.line, (line) => line.state === "lost");
  if (!failed)
    return <p className={styles.pending}>{lost ? text.chat.waitingForLine : `${text.chat.sending}…`}</p>;
  return (
    <p className={styles.failed} role="alert">
      {text.chat.failed}
      <Button tone="quiet" onPress={() => meeting.chat.retry(nonce)}>
        {text.common.retry}
      </Button>
      <Button tone="quiet" onPress={() => meeting.chat.discard(nonce)}>
        {text.chat.discard}
      </Button>
    </p>
  );
}

function Composer({ onSent }: { onSent: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const [draft, setDraft] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const files = useFiles();
  const mayShare = useMayShare() === "yes";
  const surplus = meeting.chat.surplus(draft);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 160)}px`;
  }, [draft]);
  const send = (): void => {
    onSent();
    if (meeting.chat.send(draft)) setDraft("");
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {surplus > 0 ? <p className={styles.failed}>{text.chat.tooLong({ count: surplus })}</p> : null}
      <SharingNote />
      <div className={styles.composerRow}>
        <ShareButton />
        <textarea
          ref={area}
          data-autofocus
          data-testid="chat-input"
          rows={1}
          value={draft}
          aria-label={text.chat.placeholder}
          placeholder={text.chat.placeholder}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            if (!mayShare || event.clipboardData.files.length === 0) return;
            event.preventDefault();
            files.add([...event.clipboardData.files]);
          }}
        />
        <IconButton
          name={text.chat.send}
          testId="chat-send"
          isDisabled={draft.trim() === "" || surplus > 0}
          onPress={send}
        >
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </div>
    </form>
  );
}
