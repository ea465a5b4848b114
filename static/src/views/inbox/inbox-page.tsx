import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, CheckCheck, Inbox, MailOpen, Settings2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import { Notices, type Notice } from "../../state/desk/notices";
import { useApp, useLocale, useStore, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { useDeskLine } from "../frame/use-line";
import { More, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button, ButtonLink, IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import styles from "./inbox.module.css";
import { useInboxWords } from "./words";

const PAGE_SIZE = 30;
const REFRESH_MS = 60_000;
const UNDO_MS = 8_000;

export default function InboxPage() {
  const words = useInboxWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <InboxView me={me} />}
    </MemberFrame>
  );
}

function InboxView({ me }: { me: Me }) {
  const { api, router } = useApp();
  const text = useText();
  const words = useInboxWords();
  const locale = useLocale();
  const client = useQueryClient();
  const notices = useMemo(() => new Notices(api, locale), [api, locale]);
  const line = useDeskLine(me.account?.id ?? "", api);
  const newest = useStore(line.newest);
  const counted = useStore(line.unread);
  const [state, setState] = useState<"unread" | "all">("unread");
  const [area, setArea] = useState("");
  const [undo, setUndo] = useState<readonly string[] | null>(null);
  const {
    query,
    first,
    rows: shown,
  } = useListing(
    ["notices", locale, state, area],
    (after) => notices.page({ state, area, before: after, limit: PAGE_SIZE }),
    (page) => page.notices,
  );
  const unread = counted ?? first?.unread ?? 0;
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["notices"] });
  useEffect(() => {
    if (newest) void client.invalidateQueries({ queryKey: ["notices"] });
  }, [newest, client]);
  useEffect(() => {
    if (!undo) return;
    const timer = setTimeout(() => setUndo(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [undo]);
  const mark = useMutation({
    mutationFn: (wanted: { read: boolean; ids: readonly string[] }) =>
      wanted.read ? notices.read(wanted.ids) : notices.unread(wanted.ids),
    onSuccess: (marked, wanted) => {
      line.unread.set(marked.unread);
      setUndo(wanted.read && marked.ids.length > 0 ? marked.ids : null);
      return refresh();
    },
  });
  const readAll = useMutation({
    mutationFn: () => notices.readAll(shown[0]?.id ?? ""),
    onSuccess: (marked) => {
      line.unread.set(marked.unread);
      setUndo(marked.ids.length > 0 ? marked.ids : null);
      return refresh();
    },
  });
  const open = (notice: Notice): void => {
    if (!notice.read_at_ms) void notices.read([notice.id]).then(({ unread: left }) => line.unread.set(left));
    router.go(notice.path);
  };
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        <div className={pages.actions}>
          <Button
            isDisabled={unread === 0 || shown.length === 0}
            isPending={readAll.isPending}
            onPress={() => readAll.mutate()}
            testId="read-all"
          >
            <CheckCheck size={16} aria-hidden />
            {words.readAll}
          </Button>
          <ButtonLink href="/settings/notices">
            <Settings2 size={16} aria-hidden />
            {words.settings}
          </ButtonLink>
        </div>
      </div>
      <div className={styles.filters}>
        <Select
          label={words.show}
          hideLabel
          selected={state}
          onChange={(id) => setState(id as "unread" | "all")}
          options={[
            { id: "unread", label: words.unread },
            { id: "all", label: words.all },
          ]}
        />
        <Select
          label={words.area}
          hideLabel
          selected={area || "all"}
          onChange={(id) => setArea(id === "all" ? "" : id)}
          options={Object.entries(words.areas).map(([id, label]) => ({ id: id || "all", label }))}
        />
      </div>
      {query.isError ? (
        <div className={pages.empty}>
          <h2>{words.failed}</h2>
          <p>{text.errors[query.error instanceof ApiError ? query.error.code : "internal"]}</p>
          <Button onPress={() => void query.refetch()}>{text.common.retry}</Button>
        </div>
      ) : query.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : shown.length === 0 ? (
        <div className={pages.empty} data-testid="inbox-empty">
          <Inbox size={40} strokeWidth={1.5} aria-hidden />
          <h2>{state === "unread" ? words.emptyUnread : words.emptyAll}</h2>
          <p>{state === "unread" ? words.emptyUnreadText : words.emptyAllText}</p>
          {state === "unread" ? <Button onPress={() => setState("all")}>{words.showAll}</Button> : null}
        </div>
      ) : (
        <ul className={pages.list}>
          {shown.map((notice) => (
            <Row
              key={notice.id}
              notice={notice}
              onOpen={() => open(notice)}
              onMark={() => mark.mutate({ read: !notice.read_at_ms, ids: [notice.id] })}
            />
          ))}
        </ul>
      )}
      <More query={query} />
      <div role="status" aria-live="polite">
        {undo ? (
          <div className={pages.snack}>
            {words.marked({ count: undo.length })}
            <Button tone="quiet" onPress={() => mark.mutate({ read: false, ids: undo })} testId="undo-read">
              {text.common.undo}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}

function Row({ notice, onOpen, onMark }: { notice: Notice; onOpen: () => void; onMark: () => void }) {
  const words = useInboxWords();
  const locale = useLocale();
  const when = new Date(notice.created_at_ms);
  const isToday = when.toDateString() === new Date().toDateString();
  const time = new Intl.DateTimeFormat(
    locale,
    isToday ? { timeStyle: "short" } : { month: "short", day: "numeric" },
  ).format(when);
  const isUnread = notice.read_at_ms === 0;
  return (
    <li className={classes(styles.item, isUnread && styles.isUnread)} data-testid="notice">
      {/* A button that leads on: the notice is marked as read before the page changes. */}
      <Link className={styles.open ?? ""} onPress={onOpen}>
        <span className={styles.dot} aria-hidden />
        <span className={styles.itemTitle}>
          {isUnread ? <span className="visually-hidden">{words.unread}: </span> : null}
          {notice.title}
        </span>
        <time className={classes(styles.itemTime, "tabular")} dateTime={when.toISOString()}>
          {time}
        </time>
        {notice.text ? <span className={styles.itemText}>{notice.text}</span> : null}
        <span className={styles.itemAction}>{notice.action}</span>
      </Link>
      <span className={styles.mark}>
        <IconButton name={isUnread ? words.markRead : words.markUnread} onPress={onMark} testId="mark">
          {isUnread ? <Check size={18} aria-hidden /> : <MailOpen size={18} aria-hidden />}
        </IconButton>
      </span>
    </li>
  );
}
