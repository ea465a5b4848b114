import { Megaphone } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import type { Me } from "../../state/api";
import { Announcements, publishersOf, STATES, type AnnouncementLine } from "../../state/announcements";
import { useApp } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import styles from "./announcements.module.css";
import { useAnnouncementWords, useWhen } from "./words";

const REFRESH_MS = 30_000;

export default function AnnouncementsPage() {
  const words = useAnnouncementWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Lists me={me} />}
    </MemberFrame>
  );
}

function Lists({ me }: { me: Me }) {
  const { api } = useApp();
  const words = useAnnouncementWords();
  const announcements = useMemo(() => new Announcements(api), [api]);
  const isWriter = publishersOf(me).length > 0;
  const [tab, setTab] = useState<"received" | "written">("received");
  const [filter, setFilter] = useState("all");
  const isWritten = tab === "written";
  const asked = filter === "all" ? "" : filter;
  const listing = useListing(
    ["announcements", tab, filter],
    async (after) =>
      isWritten
        ? { unread: 0, ...(await announcements.written(asked, after)) }
        : announcements.list(asked === "unread", after),
    (page) => page.announcements,
  );
  const received = useListing(
    ["announcements", "received", "all"],
    (after) => announcements.list(false, after),
    (page) => page.announcements,
  );
  const unread = received.first?.unread ?? 0;
  const filters = isWritten
    ? STATES.map((id) => ({ id, label: words.states[id] }))
    : [{ id: "unread", label: words.unread }];
  const choose = (next: typeof tab): void => {
    setTab(next);
    setFilter("all");
  };
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        {isWriter ? (
          <div className={pages.actions}>
            <ButtonLink large tone="primary" href="/announcements/new">
              {words.write}
            </ButtonLink>
          </div>
        ) : null}
      </div>
      <div className={styles.tabs}>
        <Button
          tone={isWritten ? "secondary" : "primary"}
          onPress={() => choose("received")}
          testId="tab-received"
        >
          {words.received({ unread })}
        </Button>
        {isWriter ? (
          <Button
            tone={isWritten ? "primary" : "secondary"}
            onPress={() => choose("written")}
            testId="tab-written"
          >
            {words.written}
          </Button>
        ) : null}
        <Select
          label={words.shown}
          hideLabel
          selected={filter}
          onChange={setFilter}
          options={[{ id: "all", label: words.all }, ...filters]}
        />
      </div>
      <ListOf
        listing={listing}
        testId="announcements"
        empty={
          <div className={pages.empty} data-testid="announcements-empty">
            <Megaphone size={40} strokeWidth={1.5} aria-hidden />
            <h2>{isWritten ? words.noneWritten : filter === "unread" ? words.noneUnread : words.none}</h2>
            {filter === "unread" ? null : <p>{isWritten ? words.noneWrittenText : words.noneText}</p>}
          </div>
        }
      >
        {(one) => <Row one={one} isWritten={isWritten} />}
      </ListOf>
    </>
  );
}

function Row({ one, isWritten }: { one: AnnouncementLine; isWritten: boolean }) {
  const words = useAnnouncementWords();
  const when = useWhen();
  const isUnread = !isWritten && one.read === 0;
  const at = one.published_at_ms || one.publish_at_ms || one.changed_at_ms;
  const leads =
    isWritten && one.state === "draft" ? `/announcements/${one.id}/edit` : `/announcements/${one.id}`;
  return (
    <li className={classes(styles.item, isUnread && styles.isUnread)} data-testid="announcement">
      <Link className={styles.open ?? ""} href={leads}>
        <span className={styles.dot} aria-hidden />
        <span className={styles.heading}>
          {isUnread ? <span className="visually-hidden">{words.unread}: </span> : null}
          {one.title}
        </span>
        <time className={classes(styles.time, "tabular")} dateTime={new Date(at).toISOString()}>
          {when(at)}
        </time>
        {one.excerpt ? <span className={styles.excerpt}>{one.excerpt}</span> : null}
        <span className={styles.meta}>
          <span>{one.organization.name}</span>
          {isWritten ? (
            <>
              <span className={classes(pages.badge, one.state === "published" && pages.live)}>
                {words.states[one.state]}
              </span>
              <span>{words.by({ name: one.author_name })}</span>
              {one.version > 0 ? (
                <span className="tabular">{words.readBy({ read: one.read, people: one.people })}</span>
              ) : null}
            </>
          ) : null}
        </span>
      </Link>
    </li>
  );
}
