import { Clapperboard } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { useStore } from "../../context";
import { Announcer } from "../../room/announcer";
import { AudioSink } from "../../room/audio-sink";
import { Banners } from "../../room/banners";
import { ControlBar } from "../../room/control-bar";
import meetingStyles from "../../room/meeting.module.css";
import type { MeetingDialogName } from "../../room/control-props";
import {
  ChatPanel,
  DetailsPanel,
  DeviceDialog,
  PeoplePanel,
  RecordDialog,
  RenameDialog,
  ShortcutsDialog,
} from "../../room/parts";
import { useMeeting } from "../../room/room-context";
import { Stage } from "../../room/stage";
import { ToastStack } from "../../room/toast-stack";
import { useFullScreen } from "../../room/use-full-screen";
import { PHONE, useMediaQuery } from "../../room/use-media-query";
import { useShortcuts } from "../../room/use-shortcuts";
import { useWakeLock } from "../../room/use-wake-lock";
import { Button } from "../../ui/button";
import { Confirm, type Question } from "../../ui/dialog";
import { AloneOnStage, StageInviteDialog } from "./alone-on-stage";
import { AudienceView } from "./audience-view";
import { StageBar } from "./stage-bar";
import { StageProvider, useStage } from "./stage-context";
import { StagePanel } from "./stage-panel";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

const Captions = lazy(() => import("../captions").then((module) => ({ default: module.StageCaptionsOf })));

/** The meeting room with a desk for the stage beside it. */
export function StageMeetingView() {
  return (
    <StageProvider>
      <StageRoom />
    </StageProvider>
  );
}

function StageRoom() {
  const meeting = useMeeting();
  const { directs, stage } = useStage();
  const panel = useStore(meeting.panel);
  const phone = useMediaQuery(PHONE);
  const words = useStageWords();
  const [isDesk, setDesk] = useState(directs && !phone);
  const [isPreview, setPreview] = useState(false);
  const [dialog, setDialog] = useState<MeetingDialogName | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const fullScreen = useFullScreen();
  const showHelp = useCallback(() => setDialog((open) => (open === "shortcuts" ? null : "shortcuts")), []);
  useShortcuts(meeting, fullScreen.toggle, showHelp);
  useWakeLock();
  const close = (): void => setDialog(null);
  return (
    <div className={meetingStyles.meeting} data-testid="stage-room">
      <StageBar ask={setQuestion} isPreview={isPreview} onPreview={setPreview} />
      <Banners />
      <main className={meetingStyles.middle}>
        <div className={styles.pictures}>
          {isPreview ? (
            <AudienceView />
          ) : (
            <Stage alone={<AloneOnStage onInvite={() => setDialog("invite")} />} />
          )}
          {stage.phase === "live" ? (
            <Suspense fallback={null}>
              <Captions livestreamId={stage.livestream_id} />
            </Suspense>
          ) : null}
          {!isDesk && panel === null ? (
            <div className={styles.openDesk}>
              <Button testId="open-desk" onPress={() => setDesk(true)}>
                <Clapperboard size={18} aria-hidden />
                {words.open}
              </Button>
            </div>
          ) : null}
        </div>
        {panel === "chat" ? (
          <ChatPanel />
        ) : panel === "people" ? (
          <PeoplePanel ask={setQuestion} onInvite={() => setDialog("invite")} />
        ) : panel === "details" ? (
          <DetailsPanel />
        ) : isDesk ? (
          <StagePanel onClose={() => setDesk(false)} />
        ) : null}
        <ToastStack />
      </main>
      <footer className={meetingStyles.foot}>
        <ControlBar ask={setQuestion} open={setDialog} fullScreen={fullScreen} />
      </footer>
      <Announcer />
      <AudioSink />
      <RecordDialog isOpen={dialog === "record"} onClose={close} />
      <StageInviteDialog isOpen={dialog === "invite"} onClose={close} />
      <DeviceDialog isOpen={dialog === "devices"} onClose={close} />
      <ShortcutsDialog isOpen={dialog === "shortcuts"} onClose={close} />
      <RenameDialog isOpen={dialog === "rename"} onClose={close} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}
