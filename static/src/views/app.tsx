import { lazy, Suspense, useEffect } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import type { KeyValue } from "../state/preferences";
import { useApp, useLocale, useStore } from "./context";

const LandingPage = lazy(() => import("./pages/landing"));
const HomePage = lazy(() => import("./home/home-page"));
const SignInPage = lazy(() => import("./pages/sign-in"));
const SetupPage = lazy(() => import("./pages/setup"));
const InvitationPage = lazy(() => import("./pages/invitation"));
const ForgotPage = lazy(() => import("./pages/forgot"));
const ResetPage = lazy(() => import("./pages/reset"));
const MeetingsPage = lazy(() => import("./pages/meetings"));
const CheckPage = lazy(() => import("./pages/check"));
const CalendarPage = lazy(() => import("./schedule/calendar-page"));
const RecordingsPage = lazy(() => import("./recordings/recordings-page"));
const RecordingPage = lazy(() => import("./recordings/recording-page"));
const SharedRecordingPage = lazy(() => import("./recordings/shared-page"));
const ScheduledPage = lazy(() => import("./schedule/event-page"));
const CalendarAnswerPage = lazy(() => import("./schedule/answer-page"));
const UnknownPage = lazy(() => import("./pages/unknown"));
const AssistPage = lazy(() => import("./assist/assist-page"));
const AssistancePage = lazy(() => import("./assist/desk/assistance-page"));
const MachinePage = lazy(() => import("./assist/desk/machine-page"));
const LabelPage = lazy(() => import("./assist/desk/label-page"));
const JobPage = lazy(() => import("./assist/desk/job-page"));
const AssistLinkPage = lazy(() => import("./assist/desk/link-page"));
const InstructionsPage = lazy(() => import("./assist/instructions/instructions-page"));
const InstructionPage = lazy(() => import("./assist/instructions/instruction-page"));
const DirectoryPage = lazy(() => import("./directory/directory-page"));
const OrganizationPageView = lazy(() => import("./directory/organization-page"));
const NeedsPage = lazy(() => import("./directory/needs-page"));
const NeedPage = lazy(() => import("./directory/need-page"));
const PlanPage = lazy(() => import("./directory/plan-page"));
const PatrolsPage = lazy(() => import("./directory/patrols-page"));
const PatrolPage = lazy(() => import("./directory/patrol-page"));
const PoliciesPage = lazy(() => import("./policies/policies-page"));
const PolicyPage = lazy(() => import("./policies/policy-page"));
const SymposiumsPage = lazy(() => import("./symposiums/symposiums-page"));
const SymposiumPage = lazy(() => import("./symposiums/symposium-page"));
const OfficersPage = lazy(() => import("./directory/officers-page"));
const AnnouncementsPage = lazy(() => import("./announcements/announcements-page"));
const AnnouncementPage = lazy(() => import("./announcements/announcement-page"));
const AnnouncementWritingPage = lazy(() => import("./announcements/write-page"));
const AnnouncementReceiptsPage = lazy(() => import("./announcements/receipts-page"));
const HealthPage = lazy(() => import("./health/health-page"));
const HealthPlacePage = lazy(() => import("./health/place-page"));
const HealthMinePage = lazy(() => import("./health/mine-page"));
const AdministrationPage = lazy(() => import("./administration/administration-page"));
const InboxPage = lazy(() => import("./inbox/inbox-page"));
const PersonalPage = lazy(() => import("./personal/personal-page"));
const NoticeSettingsPage = lazy(() => import("./inbox/settings-page"));
const RequestsPage = lazy(() => import("./requests/requests-page"));
const NewRequestPage = lazy(() => import("./requests/new-request-page"));
const RequestTypesPage = lazy(() => import("./requests/types/types-page"));
const RequestTypePage = lazy(() => import("./requests/types/builder-page"));
const BoardPage = lazy(() => import("./requests/board-page"));
const StatisticsPage = lazy(() => import("./requests/statistics-page"));
const RequestPage = lazy(() => import("./requests/request-page"));
const LiveStagePage = lazy(() => import("./live/stage/stage-page"));
const LivestreamsPage = lazy(() => import("./live/livestreams-page"));
const LivestreamPage = lazy(() => import("./live/plan-page"));
const LivestreamNumbersPage = lazy(() => import("./live/numbers-page"));
const LivePage = lazy(() => import("./live/live-page"));
const LiveCancelPage = lazy(() => import("./live/cancel-page"));
const RoomPage = lazy(() => import("./room/room-page"));
// Pictures of every state, for looking at them without a server.  The build leaves this branch out.
const FixturePage = import.meta.env.DEV ? lazy(() => import("../fixtures/fixture-page")) : null;

export function AppView({ sessionStorage }: { sessionStorage: KeyValue | null }) {
  const { router } = useApp();
  const locale = useLocale();
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  return (
    <I18nProvider locale={locale}>
      <RouterProvider navigate={(path) => router.go(path)}>
        <Suspense fallback={null}>
          <Page sessionStorage={sessionStorage} />
        </Suspense>
      </RouterProvider>
    </I18nProvider>
  );
}

function Page({ sessionStorage }: { sessionStorage: KeyValue | null }) {
  const { router } = useApp();
  const route = useStore(router.route);
  if (FixturePage && window.location.pathname.startsWith("/fixture/")) return <FixturePage />;
  switch (route.page) {
    case "home":
      return <LandingPage />;
    case "today":
      return <HomePage />;
    case "sign_in":
      return <SignInPage next={route.next} />;
    case "setup":
      return <SetupPage token={route.token} />;
    case "invitation":
      return <InvitationPage token={route.token} />;
    case "forgot":
      return <ForgotPage />;
    case "reset":
      return <ResetPage token={route.token} />;
    case "meetings":
      return <MeetingsPage />;
    case "check":
      return <CheckPage />;
    case "calendar":
      return <CalendarPage />;
    case "recordings":
      return <RecordingsPage />;
    case "recording":
      return <RecordingPage key={route.id} id={route.id} />;
    case "shared_recording":
      return <SharedRecordingPage />;
    case "calendar_answer":
      return <CalendarAnswerPage token={route.token} />;
    case "scheduled":
      return <ScheduledPage key={route.id} id={route.id} at={route.at} />;
    case "room":
      return <RoomPage key={route.code} code={route.code} sessionStorage={sessionStorage} />;
    case "assist":
      return <AssistPage key={route.code} code={route.code} sessionStorage={sessionStorage} />;
    case "assistance":
      return <AssistancePage />;
    case "machine":
      return <MachinePage key={route.id} id={route.id} />;
    case "label":
      return <LabelPage label={route.label} />;
    case "job":
      return <JobPage key={route.id} id={route.id} />;
    case "assist_link":
      return <AssistLinkPage token={route.token} sessionStorage={sessionStorage} />;
    case "instructions":
      return <InstructionsPage />;
    case "instruction":
      return <InstructionPage id={route.id} />;
    case "live_stage":
      return <LiveStagePage key={route.id} id={route.id} sessionStorage={sessionStorage} />;
    case "directory":
      return <DirectoryPage />;
    case "organization":
      return <OrganizationPageView key={route.id} id={route.id} />;
    case "needs":
      return <NeedsPage />;
    case "need":
      return <NeedPage key={route.id} id={route.id} />;
    case "plan":
      return <PlanPage />;
    case "policies":
      return <PoliciesPage />;
    case "policy":
      return <PolicyPage key={route.id} id={route.id} />;
    case "symposiums":
      return <SymposiumsPage />;
    case "symposium":
      return <SymposiumPage key={route.id} id={route.id} issue={route.issue} />;
    case "patrols":
      return <PatrolsPage />;
    case "patrol":
      return <PatrolPage key={route.id} id={route.id} />;
    case "officers":
      return <OfficersPage />;
    case "announcements":
      return <AnnouncementsPage />;
    case "announcement":
      return <AnnouncementPage key={route.id} id={route.id} />;
    case "announcement_writing":
      return <AnnouncementWritingPage id={route.id} />;
    case "announcement_receipts":
      return <AnnouncementReceiptsPage key={route.id} id={route.id} />;
    case "health":
      return <HealthPage />;
    case "health_place":
      return <HealthPlacePage key={route.id} id={route.id} />;
    case "health_mine":
      return <HealthMinePage />;
    case "administration":
      return <AdministrationPage tab={route.tab} of={route.of} />;
    case "inbox":
      return <InboxPage />;
    case "personal_data":
      return <PersonalPage />;
    case "notice_settings":
      return <NoticeSettingsPage />;
    case "requests":
      return <RequestsPage query={route.query} />;
    case "new_request":
      return <NewRequestPage type={route.type} draft={route.draft} from={route.from} />;
    case "request":
      return <RequestPage key={route.id} id={route.id} isNew={route.isNew} />;
    case "request_board":
      return <BoardPage query={route.query} />;
    case "request_statistics":
      return <StatisticsPage />;
    case "request_types":
      return <RequestTypesPage />;
    case "request_type":
      return <RequestTypePage key={route.id} id={route.id} />;
    case "livestreams":
      return <LivestreamsPage />;
    case "livestream":
      return <LivestreamPage key={route.id} id={route.id} />;
    case "livestream_numbers":
      return <LivestreamNumbersPage key={route.id} id={route.id} />;
    case "live":
      return <LivePage key={route.id} id={route.id} />;
    case "live_cancel":
      return <LiveCancelPage key={route.id} id={route.id} />;
    case "unknown":
      return <UnknownPage />;
  }
}
