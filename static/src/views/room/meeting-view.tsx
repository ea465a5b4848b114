import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useStore } from "../context";
import { Confirm, type Question } from "../ui/dialog";
import { Alone } from "./alone";
import { Announcer } from "./announcer";
import { AudioSink } from "./audio-sink";
import { Banners } from "./banners";
import { ControlBar } from "./control-bar";
import type { MeetingDialogName } from "./control-props";
import styles from "./meeting.module.css";
import {
  ChatPanel,
  DetailsPanel,
  DeviceDialog,
  InviteDialog,
  PeoplePanel,
  RecordDialog,
  RenameDialog,
  ShortcutsDialog,
  bringParts,
} from "./parts";
import { useMeeting } from "./room-context";
import { Stage } from "./stage";
import { ToastStack } from "./toast-stack";
import { TopBar } from "./top-bar";
import { useFullScreen } from "./use-full-screen";
import { useIdle } from "./use-idle";
import { useKnock } from "./use-knock";
import { useShortcuts } from "./use-shortcuts";
import { useWakeLock } from "./use-wake-lock";

const SymposiumPanel = lazy(() => import("../symposiums/room-panel"));

/** When the first faces are there, as a rule: what is opened by hand must not compete with them for the line. */
const PARTS_AFTER_MS = 2_000;

export function MeetingView() {
  const meeting = useMeeting();
  const panel = useStore(meeting.panel);
  const [dialog, setDialog] = useState<MeetingDialogName | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const idle = useIdle();
  const fullScreen = useFullScreen();
  const showHelp = useCallback(() => setDialog((open) => (open === "shortcuts" ? null : "shortcuts")), []);
  useShortcuts(meeting, fullScreen.toggle, showHelp);
  useWakeLock();
  useKnock(meeting);
  // Faces first: the bar is drawn in a task of its own, behind the stage.
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDrawn(true));
    const behind = setTimeout(bringParts, PARTS_AFTER_MS);
    return () => {
      clearTimeout(timer);
      clearTimeout(behind);
    };
  }, []);
  const close = (): void => setDialog(null);
  return (
    <div
      className={styles.meeting}
      data-testid="meeting"
      {...(idle && panel === null ? { "data-idle": true } : {})}
    >
      <TopBar />
      <Banners />
      <main className={styles.middle}>
        <Stage alone={<Alone onInvite={() => setDialog("invite")} />} />
        {panel === "chat" ? (
          <ChatPanel />
        ) : panel === "people" ? (
          <PeoplePanel ask={setQuestion} onInvite={() => setDialog("invite")} />
        ) : panel === "details" ? (
          <DetailsPanel />
        ) : panel === "symposium" ? (
          <Suspense>
            <SymposiumPanel id={meeting.symposium.get()} />
          </Suspense>
        ) : null}
        <ToastStack />
      </main>
      <footer className={styles.foot}>
        {drawn ? <ControlBar ask={setQuestion} open={setDialog} fullScreen={fullScreen} /> : null}
      </footer>
      <Announcer />
      <AudioSink />
      <RecordDialog isOpen={dialog === "record"} onClose={close} />
      <InviteDialog isOpen={dialog === "invite"} onClose={close} />
      <DeviceDialog isOpen={dialog === "devices"} onClose={close} />
      <ShortcutsDialog isOpen={dialog === "shortcuts"} onClose={close} />
      <RenameDialog isOpen={dialog === "rename"} onClose={close} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}
