import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import {
  isJoinable,
  type ActionItem,
  type HomeDay,
  type HomeJob,
  type HomeRequest,
  type HomeSymposium,
  type MissedCall,
} from "../../state/desk/home";
import type { Notice } from "../../state/desk/notices";
import type { Occurrence } from "../../state/schedule/schedule";
import { CallButton } from "../calls/call-button";
import { useLocale } from "../context";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./home.module.css";
import { spanText, useHomeWords } from "./words";

function Section({
  title,
  more,
  testId,
  children,
}: {
  title: string;
  more?: { readonly href: string; readonly text: string };
  testId: string;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} data-testid={testId}>
      <div className={styles.head}>
        <h2>{title}</h2>
        {more ? (
          <Link className={styles.more ?? ""} href={more.href}>
            {more.text}
          </Link>
        ) : null}
      </div>
      <div className={pages.list}>{children}</div>
    </section>
  );
}

function None({ children }: { children: ReactNode }) {
  return <p className={styles.none}>{children}</p>;
}

export function MeetingsSection({ meetings, nowMs }: { meetings: readonly Occurrence[]; nowMs: number }) {
  const words = useHomeWords();
  const locale = useLocale();
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  const today = new Date(nowMs).toDateString();
  return (
    <Section title={words.meetings} more={{ href: "/calendar", text: words.calendar }} testId="home-meetings">
      {meetings.length === 0 ? <None>{words.noMeetings}</None> : null}
      {meetings.map((meeting) => {
        const runs = meeting.starts_at_ms <= nowMs && nowMs < meeting.ends_at_ms;
        const isToday = new Date(meeting.starts_at_ms).toDateString() === today;
        return (
          <div className={styles.row} key={`${meeting.event_id}${meeting.key}`}>
            <span className={classes(styles.clock, "tabular")}>
              {time.format(meeting.starts_at_ms)}
              <small>{isToday || meeting.starts_at_ms < nowMs ? words.today : words.tomorrow}</small>
            </span>
            <span className={styles.text}>
              <Link className={styles.name ?? ""} href={`/calendar/${meeting.event_id}?at=${meeting.key}`}>
                {meeting.title}
              </Link>
              <span className={styles.about}>
                {runs ? (
                  <span className={styles.isLive}>{words.runs}</span>
                ) : (
                  <span>{spanText(words, meeting.starts_at_ms, nowMs)}</span>
                )}
                {meeting.organizer ? <span>{meeting.organizer.name}</span> : null}
                {meeting.answer && meeting.answer !== "accepted" ? (
                  <span>{words.answers[meeting.answer]}</span>
                ) : null}
              </span>
            </span>
            {isJoinable(meeting, nowMs) ? (
              <ButtonLink tone="primary" href={`/m/${meeting.code}`}>
                {words.join}
              </ButtonLink>
            ) : null}
          </div>
        );
      })}
    </Section>
  );
}

function RequestRow({
  request,
  nowMs,
  children,
}: {
  request: HomeRequest;
  nowMs: number;
  children?: ReactNode;
}) {
  const words = useHomeWords();
  const locale = useLocale();
  const kind = locale === "en" ? request.type.name.en : request.type.name.zh;
  return (
    <div className={styles.row}>
      <span className={styles.text}>
        <Link className={styles.name ?? ""} href={`/requests/${request.id}`}>
          {request.title || kind}
        </Link>
        <span className={styles.about}>
          {request.title ? <span>{kind}</span> : null}
          <span>{request.organization.name}</span>
          <span>{words.states[request.state]}</span>
        </span>
      </span>
      {children ?? <Due request={request} nowMs={nowMs} />}
    </div>
  );
}

function Due({ request, nowMs }: { request: HomeRequest; nowMs: number }) {
  const words = useHomeWords();
  if (!request.due_at_ms) return <span className={styles.due}>{words.noClock}</span>;
  const when = spanText(words, request.due_at_ms, nowMs);
  return (
    <span className={classes(styles.due, request.late && styles.isLate)}>
      {request.late ? words.wasDue({ when }) : words.due({ when })}
    </span>
  );
}

export function ActingSection({ requests, nowMs }: { requests: readonly HomeRequest[]; nowMs: number }) {
  const words = useHomeWords();
  return (
    <Section title={words.acting} more={{ href: "/requests", text: words.allRequests }} testId="home-acting">
      {requests.length === 0 ? <None>{words.noActing}</None> : null}
      {requests.map((request) => (
        <RequestRow key={request.id} request={request} nowMs={nowMs} />
      ))}
    </Section>
  );
}

export function RecentSection({ requests, nowMs }: { requests: readonly HomeRequest[]; nowMs: number }) {
  const words = useHomeWords();
  if (requests.length === 0) return null;
  return (
    <Section title={words.recent} testId="home-recent">
      {requests.map((request) => (
        <RequestRow key={request.id} request={request} nowMs={nowMs}>
          <span className={styles.due}>{spanText(words, request.changed_at_ms, nowMs)}</span>
        </RequestRow>
      ))}
    </Section>
  );
}

export function ItemsSection({ items }: { items: readonly ActionItem[] }) {
  const words = useHomeWords();
  const locale = useLocale();
  if (items.length === 0) return null;
  const date = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  return (
    <Section title={words.items} testId="home-items">
      {items.map((item) => (
        <div className={styles.row} key={item.id}>
          <span className={styles.text}>
            <Link className={styles.name ?? ""} href={`/calendar/${item.event_id}?at=${item.key}`}>
              {item.text}
            </Link>
            <span className={styles.about}>{item.meeting}</span>
          </span>
          {item.due ? (
            <span className={styles.due}>{words.dueOn({ when: date.format(new Date(item.due)) })}</span>
          ) : null}
        </div>
      ))}
    </Section>
  );
}

export function MissedSection({
  calls,
  nowMs,
  onSeen,
}: {
  calls: readonly MissedCall[];
  nowMs: number;
  onSeen: (noticeId: string) => void;
}) {
  const words = useHomeWords();
  if (calls.length === 0) return null;
  return (
    <Section title={words.missed} testId="home-missed">
      {calls.map((call) => {
        return (
          <div className={classes(styles.row, styles.wrap)} key={call.id}>
            <span className={styles.text}>
              <Link className={styles.name ?? ""} href={call.path}>
                {words.missedFrom({ name: call.from_name })}
              </Link>
              <span className={styles.about}>
                <span>{spanText(words, call.at_ms, nowMs)}</span>
                <span>{call.about}</span>
              </span>
            </span>
            <Button
              tone="quiet"
              label={words.seenName({ name: call.from_name })}
              onPress={() => onSeen(call.notice_id)}
            >
              {words.seen}
            </Button>
            {call.from_id ? (
              <CallButton
                about={{ kind: "account", id: call.from_id }}
                to={call.from_id}
                name={call.from_name}
              />
            ) : null}
          </div>
        );
      })}
    </Section>
  );
}

export function NoticesSection({
  notices,
  unread,
  nowMs,
}: {
  notices: readonly Notice[];
  unread: number;
  nowMs: number;
}) {
  const words = useHomeWords();
  return (
    <Section
      title={unread > 0 ? `${words.notices} (${unread})` : words.notices}
      more={{ href: "/inbox", text: words.inbox }}
      testId="home-notices"
    >
      {notices.length === 0 ? <None>{words.noNotices}</None> : null}
      {notices.map((notice) => (
        <div className={styles.row} key={notice.id}>
          <span className={styles.text}>
            <Link className={styles.name ?? ""} href={notice.path}>
              {notice.title}
            </Link>
            <span className={styles.about}>
              <span>{spanText(words, notice.created_at_ms, nowMs)}</span>
            </span>
          </span>
        </div>
      ))}
    </Section>
  );
}

export function JobsSection({ jobs }: { jobs: readonly HomeJob[] }) {
  const words = useHomeWords();
  if (jobs.length === 0) return null;
  return (
    <Section title={words.jobs} testId="home-jobs">
      {jobs.map((job) => (
        <div className={styles.row} key={job.id}>
          <span className={styles.text}>
            <Link className={styles.name ?? ""} href={`/jobs/${job.id}`}>
              {job.title}
            </Link>
            <span className={styles.about}>
              <span>{words.jobStates[job.state] ?? ""}</span>
              <span>{job.enterprise.name}</span>
            </span>
          </span>
        </div>
      ))}
    </Section>
  );
}

export function SymposiumsSection({
  symposiums,
  nowMs,
}: {
  symposiums: readonly HomeSymposium[];
  nowMs: number;
}) {
  const words = useHomeWords();
  if (symposiums.length === 0) return null;
  return (
    <Section title={words.symposiums} testId="home-symposiums">
      {symposiums.map((one) => (
        <div className={styles.row} key={one.id}>
          <span className={styles.text}>
            <Link className={styles.name ?? ""} href={`/symposiums/${one.id}`}>
              {one.title}
            </Link>
            <span className={styles.about}>
              {one.state === "live" ? (
                <span>{words.runs}</span>
              ) : one.collects_until_ms > nowMs ? (
                <span>{words.collects({ when: spanText(words, one.collects_until_ms, nowMs) })}</span>
              ) : (
                <span>{words.begins({ when: spanText(words, one.starts_at_ms, nowMs) })}</span>
              )}
              <span>{words.issues({ count: one.issues })}</span>
            </span>
          </span>
        </div>
      ))}
    </Section>
  );
}

export function DeskSection({ desk }: { desk: NonNullable<HomeDay["desk"]> }) {
  const words = useHomeWords();
  const isFine = desk.late === 0 && desk.unowned === 0;
  return (
    <Section title={words.desk} more={{ href: "/requests/board", text: words.board }} testId="home-desk">
      <p className={styles.deskRow}>
        {isFine ? words.deskFine : null}
        {desk.late > 0 ? <span className={styles.isLate}>{words.lateOnes({ count: desk.late })}</span> : null}
        {desk.unowned > 0 ? (
          <span className={styles.figure}>{words.unowned({ count: desk.unowned })}</span>
        ) : null}
      </p>
    </Section>
  );
}
