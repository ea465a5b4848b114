import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ClipboardPlus, Coffee, Phone, ScanEye, Video } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError, type Me } from "../../state/api";
import { Home, isQuiet } from "../../state/desk/home";
import { Notices } from "../../state/desk/notices";
import { CallSomeone } from "../calls/call-someone";
import { useApp, useLocale, useStore, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { useDeskLine } from "../frame/use-line";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import styles from "./home.module.css";
import {
  ActingSection,
  DeskSection,
  ItemsSection,
  JobsSection,
  MeetingsSection,
  MissedSection,
  NoticesSection,
  RecentSection,
  SymposiumsSection,
} from "./sections";
import { useHomeWords } from "./words";

const REFRESH_MS = 30_000;

export default function HomePage() {
  const words = useHomeWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Today me={me} />}
    </MemberFrame>
  );
}

function Today({ me }: { me: Me }) {
  const { api } = useApp();
  const text = useText();
  const words = useHomeWords();
  const locale = useLocale();
  const client = useQueryClient();
  const home = useMemo(() => new Home(api, locale), [api, locale]);
  const line = useDeskLine(me.account?.id ?? "", api);
  const newest = useStore(line.newest);
  const day = useQuery({ queryKey: ["home", locale], queryFn: home.look });
  useEffect(() => {
    if (newest) void client.invalidateQueries({ queryKey: ["home"] });
  }, [newest, client]);
  const seen = useMutation({
    mutationFn: (noticeId: string) => new Notices(api, locale).read([noticeId]),
    onSuccess: ({ unread }) => {
      line.unread.set(unread);
      return client.invalidateQueries({ queryKey: ["home"] });
    },
  });
  const data = day.data;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.greeting({ name: me.account?.name ?? "" })}</h1>
      </div>
      <QuickActions me={me} />
      {day.isError && !data ? (
        <div className={pages.empty}>
          <h2>{words.failed}</h2>
          <p>{text.errors[day.error instanceof ApiError ? day.error.code : "internal"]}</p>
          <Button onPress={() => void day.refetch()}>{text.common.retry}</Button>
        </div>
      ) : null}
      {day.isPending ? <p className={pages.soft}>{text.common.loading}…</p> : null}
      {data && isQuiet(data) && data.notices.length === 0 && data.recent.length === 0 ? (
        <div className={pages.empty} data-testid="home-quiet">
          <Coffee size={40} strokeWidth={1.5} aria-hidden />
          <h2>{words.quiet}</h2>
          <p>{words.quietText}</p>
        </div>
      ) : data ? (
        <div className={styles.columns} data-testid="home">
          <div className={styles.column}>
            <MissedSection calls={data.missed} nowMs={data.server_time_ms} onSeen={(id) => seen.mutate(id)} />
            <MeetingsSection meetings={data.meetings} nowMs={data.server_time_ms} />
            <ActingSection requests={data.acting} nowMs={data.server_time_ms} />
            <ItemsSection items={data.items} />
          </div>
          <div className={styles.column}>
            {data.desk ? <DeskSection desk={data.desk} /> : null}
            <NoticesSection notices={data.notices} unread={data.unread} nowMs={data.server_time_ms} />
            <SymposiumsSection symposiums={data.symposiums} nowMs={data.server_time_ms} />
            <JobsSection jobs={data.jobs} />
            <RecentSection requests={data.recent} nowMs={data.server_time_ms} />
          </div>
        </div>
      ) : null}
    </>
  );
}

function QuickActions({ me }: { me: Me }) {
  const { api, router } = useApp();
  const text = useText();
  const words = useHomeWords();
  const [isCalling, setCalling] = useState(false);
  const start = useMutation({
    mutationFn: () =>
      api.createMeeting({ title: words.meetingOf({ name: me.account?.name ?? "" }), guests_allowed: true }),
    onSuccess: (meeting) => router.go(`/m/${meeting.code}`),
  });
  return (
    <>
      <div className={styles.actions}>
        {me.features.create_meetings ? (
          <Button
            tone="primary"
            large
            wide
            isPending={start.isPending}
            onPress={() => start.mutate()}
            testId="home-meeting"
          >
            <Video size={18} aria-hidden />
            {words.newMeeting}
          </Button>
        ) : null}
        <ButtonLink large wide href="/requests/new">
          <ClipboardPlus size={18} aria-hidden />
          {words.newRequest}
        </ButtonLink>
        <Button large wide onPress={() => setCalling(true)} testId="home-call">
          <Phone size={18} aria-hidden />
          {words.callSomeone}
        </Button>
        <ButtonLink large wide href="/assist">
          <ScanEye size={18} aria-hidden />
          {words.assistance}
        </ButtonLink>
      </div>
      {start.error ? (
        <Fault>{text.errors[start.error instanceof ApiError ? start.error.code : "internal"]}</Fault>
      ) : null}
      {isCalling ? <CallSomeone onClose={() => setCalling(false)} /> : null}
    </>
  );
}
