import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CalendarPlus, Keyboard, Video } from "lucide-react";
import { useEffect, useState } from "react";
import type { Catalogue } from "../../i18n/catalogue";
import { ApiError, type Me, type Meeting } from "../../state/api";
import { useApp, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { Button } from "../ui/button";
import { Dialog, Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { JoinByCode } from "./landing";
import { MeetingDialog } from "./meeting-dialog";
import { MeetingRow } from "./meeting-row";
import { ListOf, useListing } from "./listing";
import styles from "./page.module.css";

const PAGE_SIZE = 30;
const REFRESH_MS = 15_000;
const UNDO_MS = 8_000;

export default function MeetingsPage() {
  const text = useText();
  return (
    <MemberFrame title={text.meetings.title} refreshMs={REFRESH_MS}>
      {(me) => <Meetings me={me} />}
    </MemberFrame>
  );
}

type Filter = "all" | "open" | "ended" | "trash";
type Order = "newest" | "title";

function Meetings({ me }: { me: Me }) {
  const { api, router } = useApp();
  const text = useText();
  const client = useQueryClient();
  const [filter, setFilter] = useState<Filter>("all");
  const [order, setOrder] = useState<Order>("newest");
  const [search, setSearch] = useState("");
  const [dialog, setDialog] = useState<"create" | "join" | null>(null);
  const [changing, setChanging] = useState<Meeting | null>(null);
  const [trashed, setTrashed] = useState<Meeting | null>(null);
  const listing = useListing(
    ["meetings", filter],
    (after) => api.meetings({ state: filter, before: after, limit: PAGE_SIZE }),
    (page) => page.meetings,
  );
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["meetings"] });
  const start = useMutation({
    mutationFn: () =>
      api.createMeeting({
        title: text.meetings.defaultTitle({ name: me.account?.name ?? "" }),
        guests_allowed: true,
      }),
    onSuccess: (meeting) => router.go(`/m/${meeting.code}`),
  });
  const trash = useMutation({
    mutationFn: (meeting: Meeting) => api.trashMeeting(meeting.id),
    onSuccess: (_, meeting) => {
      setTrashed(meeting);
      return refresh();
    },
  });
  const restore = useMutation({
    mutationFn: (meeting: Meeting) => api.restoreMeeting(meeting.id),
    onSuccess: () => {
      setTrashed(null);
      return refresh();
    },
  });
  useEffect(() => {
    if (!trashed) return;
    const timer = setTimeout(() => setTrashed(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [trashed]);

  const all = listing.rows;
  const wanted = search.trim().toLocaleLowerCase();
  const shown = all
    .filter((m) => m.title.toLocaleLowerCase().includes(wanted) || m.code.includes(wanted))
    .sort((a, b) => (order === "title" ? a.title.localeCompare(b.title) : b.created_at_ms - a.created_at_ms));
  const failure = start.error ?? trash.error ?? restore.error;
  return (
    <>
      <div className={styles.titleRow}>
        <h1>{text.meetings.title}</h1>
        <div className={styles.actions}>
          {me.features.create_meetings ? (
            <>
              <Button tone="primary" large isPending={start.isPending} onPress={() => start.mutate()}>
                <Video size={18} aria-hidden />
                {text.meetings.createNow}
              </Button>
              <Button large onPress={() => setDialog("create")}>
                <CalendarPlus size={18} aria-hidden />
                {text.meetings.create}
              </Button>
            </>
          ) : null}
          <Button large onPress={() => setDialog("join")}>
            <Keyboard size={18} aria-hidden />
            {text.meetings.joinByCode}
          </Button>
        </div>
      </div>
      {failure ? <Fault>{failureText(text, failure)}</Fault> : null}
      {all.length > 0 || filter !== "all" ? (
        <div className={styles.toolbar}>
          <TextField
            label={text.meetings.search}
            placeholder={text.meetings.search}
            type="search"
            hideLabel
            value={search}
            onChange={setSearch}
          />
          <Select
            label={text.meetings.title}
            hideLabel
            selected={filter}
            onChange={(id) => setFilter(id as Filter)}
            options={[
              { id: "all", label: text.meetings.filterAll },
              { id: "open", label: text.meetings.filterOpen },
              { id: "ended", label: text.meetings.filterEnded },
              { id: "trash", label: text.meetings.filterTrash },
            ]}
          />
          <Select
            label={text.meetings.sort}
            hideLabel
            selected={order}
            onChange={(id) => setOrder(id as Order)}
            options={[
              { id: "newest", label: text.meetings.sortNewest },
              { id: "title", label: text.meetings.sortTitle },
            ]}
          />
        </div>
      ) : null}
      <ListOf
        listing={listing}
        shown={shown}
        empty={
          <div className={styles.empty}>
            <Video size={40} strokeWidth={1.5} aria-hidden />
            {all.length === 0 && filter === "all" ? (
              <>
                <h2>{text.meetings.empty}</h2>
                <p>{text.meetings.emptyText}</p>
                {me.features.create_meetings ? (
                  <Button tone="primary" large onPress={() => setDialog("create")}>
                    {text.meetings.create}
                  </Button>
                ) : null}
              </>
            ) : (
              <h2>{text.meetings.noMatch}</h2>
            )}
          </div>
        }
      >
        {(meeting) => (
          <MeetingRow
            meeting={meeting}
            onChange={() => setChanging(meeting)}
            onTrash={() => trash.mutate(meeting)}
            onRestore={() => restore.mutate(meeting)}
          />
        )}
      </ListOf>
      <div role="status" aria-live="polite">
        {trashed ? (
          <div className={styles.snack}>
            {text.meetings.trashed({ title: trashed.title })}
            <Button tone="quiet" onPress={() => restore.mutate(trashed)}>
              {text.common.undo}
            </Button>
          </div>
        ) : null}
      </div>
      <Dialog title={text.meetings.joinByCode} isOpen={dialog === "join"} onClose={() => setDialog(null)}>
        <JoinByCode autoFocus />
      </Dialog>
      {dialog === "create" ? (
        <MeetingDialog meeting={null} onClose={() => setDialog(null)} onDone={() => void refresh()} />
      ) : null}
      {changing ? (
        <MeetingDialog meeting={changing} onClose={() => setChanging(null)} onDone={() => void refresh()} />
      ) : null}
    </>
  );
}

function failureText(text: Catalogue, failure: Error): string {
  const code = failure instanceof ApiError ? failure.code : "internal";
  return code === "wrong_state" ? text.meetings.inUse : text.errors[code];
}
