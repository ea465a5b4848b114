import { useEffect, useState, type ComponentType } from "react";
import type { KeyValue } from "../../state/preferences";
import { useApp, useStore, useText } from "../context";
import { Door } from "./door";
import { LobbyView } from "./lobby-view";
import { OverView } from "./over-view";
import { Preview } from "./preview";
import { RoomContext } from "./room-context";
import { openVisit, type Visit } from "./visit";
import styles from "./door.module.css";

const loadMeeting = (): Promise<typeof import("./meeting-view")> => import("./meeting-view");

/**
 * The stage, once its chunk is here.  Not `lazy`: a Suspense that has shown its fallback keeps it for 300 ms, and those
 * would come between the press of the button and the first face.
 */
function useMeetingView(): ComponentType | null {
  const [view, setView] = useState<ComponentType | null>(null);
  useEffect(() => {
    let gone = false;
    void loadMeeting().then((module) => {
      if (!gone) setView(() => module.MeetingView);
    });
    return () => {
      gone = true;
    };
  }, []);
  return view;
}

export default function RoomPage({
  code,
  sessionStorage,
}: {
  code: string;
  sessionStorage: KeyValue | null;
}) {
  const { api, preferences, router } = useApp();
  const [visit, setVisit] = useState<Visit | null>(null);
  useEffect(() => {
    const opened = openVisit(code, api, preferences, sessionStorage);
    setVisit(opened);
    let gone = false;
    void opened.entrance.open().then(() => {
      if (!gone && opened.entrance.info?.assist) router.replace(`/assist/${code}`);
    });
    window.__tongxin = opened.inspection();
    return () => {
      gone = true;
      opened.close();
      delete window.__tongxin;
    };
  }, [code, api, preferences, router, sessionStorage]);
  return visit ? <VisitView visit={visit} again={() => window.location.reload()} /> : null;
}

type Telephone = ComponentType<{ accountId: string; isInside: boolean }>;

/** Of whoever is signed in; fetched by itself, so that it costs the way into the room nothing. */
function RoomTelephone({ isInside }: { isInside: boolean }) {
  const { account } = useApp();
  const state = useStore(account.state);
  const accountId = state.kind === "known" ? (state.me.account?.id ?? "") : "";
  const [ring, setRing] = useState<{ readonly view: Telephone } | null>(null);
  useEffect(() => {
    if (!accountId) return;
    let gone = false;
    void import("../calls/ring-toast").then((module) => {
      if (!gone) setRing({ view: module.RingToast });
    });
    return () => {
      gone = true;
    };
  }, [accountId]);
  return ring && accountId ? <ring.view accountId={accountId} isInside={isInside} /> : null;
}

export function VisitView({ visit, again }: { visit: Visit; again: () => void }) {
  const { meeting, entrance } = visit;
  const text = useText();
  const phase = useStore(meeting.phase);
  const door = useStore(entrance.door);
  const view = useStore(meeting.view);
  const title = view?.title ?? (door.kind === "looking" ? "" : (door.info?.title ?? ""));
  const onStage = phase.kind === "inside";
  // Fetched while people look into the mirror, so that the meeting is there when they press the button.
  const MeetingView = useMeetingView();
  useEffect(() => {
    document.title = title ? `${title} · ${text.brand}` : text.brand;
    if (onStage) document.documentElement.dataset["theme"] = "stage";
    return () => {
      delete document.documentElement.dataset["theme"];
    };
  }, [title, text, onStage]);
  return (
    <RoomContext value={{ meeting, remoteFrame: () => visit.remoteFrame() }}>
      {phase.kind === "away" || (phase.kind === "entering" && door.kind !== "looking") ? (
        <Door entrance={entrance} />
      ) : phase.kind === "entering" || (onStage && !MeetingView) ? (
        <main className={styles.waiting} aria-busy="true">
          <p role="status">{text.door.joining}…</p>
        </main>
      ) : phase.kind === "waiting" ? (
        <LobbyView title={title} sinceMs={phase.sinceMs} mirror={<Preview />} />
      ) : phase.kind === "inside" ? (
        MeetingView && <MeetingView />
      ) : (
        <OverView end={phase.end} code={meeting.code} again={again} />
      )}
      <RoomTelephone isInside={onStage} />
    </RoomContext>
  );
}
