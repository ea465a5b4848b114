import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { RoomView, StageView } from "../../../protocol.gen";
import { StageDesk } from "../../../state/live/stage-desk";
import { moderates } from "../../../state/room";
import { useStore } from "../../context";
import { useMeeting } from "../../room/room-context";
import { openFile, type ShownFile } from "./shown-file";

export interface OnStageNow {
  readonly view: RoomView;
  readonly stage: StageView;
  readonly me: string;
  readonly directs: boolean;
  readonly isOn: boolean;
  readonly desk: StageDesk;
  readonly file: ShowingFile;
}

export interface ShowingFile {
  readonly state: "none" | "opening" | "showing" | "failed";
  readonly shown: ShownFile | null;
  readonly open: (file: File) => void;
  readonly toggle: () => void;
  readonly stop: () => void;
}

const StageContext = createContext<OnStageNow | null>(null);

export function useStage(): OnStageNow {
  const value = useContext(StageContext);
  if (!value) throw new Error("StageContext is missing");
  return value;
}

/** Nothing is drawn before the room is there, nor in a room that is no stage. */
export function StageProvider({ children }: { children: ReactNode }) {
  const meeting = useMeeting();
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const desk = useMemo(
    () =>
      new StageDesk(meeting.connection, (refusal) =>
        meeting.notify({ kind: "refused", code: refusal.code }, "notice"),
      ),
    [meeting],
  );
  const file = useShowing(desk);
  const stage = view?.stage;
  if (!view || !stage) return null;
  const value = {
    view,
    stage,
    me,
    directs: moderates(view.participants[me]?.role),
    isOn: stage.on_stage.includes(me),
    desk,
    file,
  };
  return <StageContext value={value}>{children}</StageContext>;
}

/** A file of this device that is shared in place of the screen, for as long as the room says that it is shown. */
function useShowing(desk: StageDesk): ShowingFile {
  const meeting = useMeeting();
  const me = useStore(meeting.me);
  const slides = useStore(meeting.view)?.stage?.slides ?? null;
  const screen = useStore(meeting.local.screen);
  const [state, setState] = useState<ShowingFile["state"]>("none");
  const [shown, setShown] = useState<ShownFile | null>(null);
  const current = useRef<ShownFile | null>(null);
  const isMine = slides?.by === me;
  const page = isMine ? slides.page : 0;
  useEffect(() => {
    if (page > 0) void shown?.turn(page);
  }, [shown, page]);
  const told = useRef(false);
  const close = (): void => {
    current.current?.close();
    current.current = null;
    told.current = false;
    setShown(null);
    setState("none");
  };
  // Somebody else's slides took the place of mine, or the share was stopped by its own button.
  const shares = screen.track !== null && screen.track === shown?.stream.getVideoTracks()[0];
  useEffect(() => {
    if (isMine) told.current = true;
    if (!shown || !told.current) return;
    if (!isMine) {
      if (shares) meeting.local.stopScreen();
      close();
    } else if (!shares) {
      void desk.hide();
      close();
    }
  });
  useEffect(() => () => current.current?.close(), []);
  return {
    state,
    shown,
    open: (file) => {
      setState("opening");
      openFile(file).then(
        async (opened) => {
          current.current?.close();
          current.current = opened;
          told.current = false;
          meeting.local.present(opened.stream);
          setShown(opened);
          setState("showing");
          opened.onEnd = () => void desk.show("video", opened.title, 1, { playing: false });
          const moment = { playing: opened.kind === "video", duration_ms: opened.durationMs };
          if (!(await desk.show(opened.kind, opened.title, opened.pages, moment))) {
            meeting.local.stopScreen();
            close();
          }
        },
        () => setState("failed"),
      );
    },
    toggle: () => {
      if (!shown) return;
      void shown.toggle().then((playing) =>
        desk.show(shown.kind, shown.title, shown.pages, {
          playing,
          position_ms: shown.positionMs,
          duration_ms: shown.durationMs,
        }),
      );
    },
    stop: () => {
      void desk.hide();
      if (shares) meeting.local.stopScreen();
      close();
    },
  };
}
