import { useCallback, useEffect, useRef, useState } from "react";
import type { DocumentRegion } from "../../../protocol.gen";
import { ExpertDesk, type Answer, type Picture } from "../../../state/assist/expert-desk";
import { Photos, sessionPhotos } from "../../../state/assist/photos";
import { decodeStill, VIEW_TOPIC } from "../../../state/assist/stills-feed";
import { systemClock } from "../../../state/clock";
import type { Meeting } from "../../../state/meeting/meeting";
import type { Api } from "../../../state/api";
import { useApp, useStore } from "../../context";
import { Announcer } from "../../room/announcer";
import { AudioSink } from "../../room/audio-sink";
import { Banners } from "../../room/banners";
import { ChatPanel } from "../../room/chat-panel";
import meetingStyles from "../../room/meeting.module.css";
import { useMeeting } from "../../room/room-context";
import { ToastStack } from "../../room/toast-stack";
import { PHONE, useMediaQuery } from "../../room/use-media-query";
import { useWakeLock } from "../../room/use-wake-lock";
import { Confirm, type Question } from "../../ui/dialog";
import { useSession, type Session } from "../session-context";
import { useChecklist } from "../checklist/use-checklist";
import { linkable } from "../../../state/assist/marks";
import { DocumentsPane } from "../documents/documents-pane";
import { ShownPage } from "../documents/shown-page";
import { useDocuments } from "../documents/use-documents";
import { DeskContext, useDesk, type Desk } from "./desk-context";
import { ExpertBar } from "./expert-bar";
import { ExpertTop } from "./expert-top";
import styles from "./expert.module.css";
import { KeysDialog } from "./keys-dialog";
import { LivePicture } from "./live-picture";
import { MarksPanel } from "./marks-panel";
import { Stage } from "./stage";
import { ToolRail } from "./tool-rail";
import { useExpertKeys } from "./use-expert-keys";
import { WorkPanel } from "./work-panel";
import { classes } from "../../ui/classes";
import { useExpertText, type ExpertText } from "./words";

const ID_BYTES = 12;

function newMarkId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** For tests and for whoever looks from the browser's console; read-only, documented in static/README.md. */
export interface ExpertInspection {
  /** The frame that is on the screen. */
  readonly frame: () => Picture | null;
  readonly frozen: () => boolean;
  /** The marks that are drawn over it; `h` is null on the very frame that a mark was drawn on. */
  readonly shown: () => readonly {
    readonly id: string;
    readonly state: string;
    readonly h: number[] | null;
  }[];
}

declare global {
  interface Window {
    __tongxinExpert?: ExpertInspection;
  }
}

function inspectionOf({ desk, live }: Desk): ExpertInspection {
  return {
    frame: () => live.picture,
    frozen: () => desk.frozen.get() !== null,
    shown: () =>
      live.picture
        ? desk
            .overlay(live.picture)
            .map(({ mark, state, h }) => ({ id: mark.id, state, h: h && Array.from(h) }))
        : [],
  };
}

function openDesk(meeting: Meeting, api: Api, { id, token }: Session): Desk {
  const desk = new ExpertDesk({
    view: meeting.view,
    me: meeting.me,
    listeners: meeting.listeners,
    request: (request) => meeting.connection.request(request),
    data: meeting.media.publisher.data,
    clock: systemClock,
    newId: newMarkId,
    refused: (code) => meeting.notify({ kind: "refused", code }, "trouble"),
  });
  return { desk, live: new LivePicture(desk), photos: new Photos(sessionPhotos(api, id, token)) };
}

/** What stands beside the picture, chat aside: the marks, the work with its report, or the documents. */
type Side =
  | { readonly kind: "marks" }
  | { readonly kind: "work" }
  | { readonly kind: "documents"; readonly at: DocumentRegion | null };

const MARKS: Side = { kind: "marks" };

/** The live page of experts and observers. */
export function ExpertView() {
  const meeting = useMeeting();
  const { api } = useApp();
  const session = useSession();
  const [desk, setDesk] = useState<Desk | null>(null);
  useEffect(() => {
    const opened = openDesk(meeting, api, session);
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "still") void opened.photos.load();
    };
    meeting.listeners.add(onEvent);
    void opened.photos.load();
    const stop = meeting.media.publisher.data.listen(VIEW_TOPIC, (payload, sender) => {
      if (sender !== opened.desk.phone()?.id) return;
      const still = decodeStill(payload);
      if (still) void opened.live.showStill(still);
    });
    setDesk(opened);
    window.__tongxinExpert = inspectionOf(opened);
    return () => {
      delete window.__tongxinExpert;
      stop();
      meeting.listeners.delete(onEvent);
      opened.photos.close();
      opened.live.close();
      opened.desk.close();
    };
  }, [meeting, api, session]);
  return desk ? (
    <DeskContext value={desk}>
      <Page />
    </DeskContext>
  ) : null;
}

function Page() {
  const opened = useDesk();
  const { desk, live } = opened;
  const meeting = useMeeting();
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const panel = useStore(meeting.panel);
  const selected = useStore(desk.marks.selected);
  const narrow = useMediaQuery(PHONE);
  const [still, setStill] = useState<string | null>(null);
  const [marksOpen, setMarksOpen] = useState(false);
  const [side, setSide] = useState<Side>(MARKS);
  const documents = useDocuments();
  const checklist = useChecklist();
  const [help, setHelp] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const page = useRef<HTMLDivElement>(null);
  const showHelp = useCallback(() => setHelp((open) => !open), []);
  const isExpert = view?.participants[me]?.assist_role === "expert";
  useExpertKeys(meeting, opened, isExpert, showHelp);
  useWakeLock();
  const stills = view?.device.mode === "stills";
  useEffect(() => live.useStills(stills), [live, stills]);
  if (!view) return null;
  const phone = desk.phone();
  const chosen = still === null ? null : (view.marks[still] ?? null);
  const showMarks = panel !== "chat" && (!narrow || marksOpen);
  const shown = documents ? view.document : null;
  const read = (at: DocumentRegion | null): void => {
    meeting.showPanel(null);
    setSide({ kind: "documents", at });
  };
  const shownPage =
    documents && shown ? (
      <ShownPage
        key={shown.region.document_id}
        documents={documents}
        shown={shown}
        by={view.participants[shown.by]?.name ?? ""}
        onRead={() => read(shown.region)}
        onHide={isExpert ? () => void desk.show(null, "beside") : null}
      />
    ) : null;
  const isReading = side.kind === "documents" && panel !== "chat";
  const onPip = document.pictureInPictureEnabled
    ? () => {
        const video = page.current?.querySelector("video");
        if (document.pictureInPictureElement) void document.exitPictureInPicture();
        // The browser refuses while there is no picture yet: then there is nothing to make small.
        else void video?.requestPictureInPicture().catch(() => undefined);
      }
    : null;
  return (
    <div
      ref={page}
      className={classes(meetingStyles.meeting, styles.expert)}
      data-testid="expert"
      data-selected={selected ?? undefined}
    >
      <ExpertTop view={view} isExpert={isExpert} />
      <Banners />
      <main className={styles.middle}>
        {isExpert ? <ToolRail /> : null}
        <Stage
          view={view}
          phone={phone}
          still={chosen}
          onStill={setStill}
          maySelect={isExpert}
          above={shown?.placement === "over" ? shownPage : null}
        />
        {shown?.placement === "beside" && !isReading ? shownPage : null}
        {panel === "chat" ? (
          <ChatPanel />
        ) : side.kind === "work" && checklist ? (
          <WorkPanel view={view} checklist={checklist} onStill={setStill} onClose={() => setSide(MARKS)} />
        ) : side.kind === "documents" && documents ? (
          <DocumentsPane
            key={side.at ? JSON.stringify(side.at) : ""}
            documents={documents}
            shown={shown}
            isShowing={shown?.by === me}
            marks={linkable(view, selected, (mark) => desk.marks.mayTouch(mark))}
            start={side.at}
            mayShow={isExpert}
            onShow={(region, placement) => void desk.show(region, placement)}
            onLink={(mark, region) => void desk.marks.link(mark.id, region)}
            onClose={() => setSide(MARKS)}
          />
        ) : showMarks ? (
          <MarksPanel
            view={view}
            mayDraw={isExpert}
            onStill={setStill}
            documents={documents}
            onRegion={read}
            ask={setQuestion}
            onClose={() => setMarksOpen(false)}
          />
        ) : null}
        <ToastStack />
        <AnswerLine />
      </main>
      <footer className={meetingStyles.foot}>
        <ExpertBar
          view={view}
          isExpert={isExpert}
          ask={setQuestion}
          onMarks={() => {
            meeting.showPanel(null);
            setSide(MARKS);
            setMarksOpen(!marksOpen);
          }}
          isWorking={side.kind === "work" && panel !== "chat"}
          onWork={() => {
            setSide(panel === "chat" || side.kind !== "work" ? { kind: "work" } : MARKS);
            meeting.showPanel(null);
          }}
          isReading={isReading}
          onDocuments={documents ? () => (isReading ? setSide(MARKS) : read(shown?.region ?? null)) : null}
          onHelp={showHelp}
          onPip={onPip}
        />
      </footer>
      <Announcer />
      <AudioSink />
      <KeysDialog isOpen={help} onClose={() => setHelp(false)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

/** What the person on site said to what was asked. */
function AnswerLine() {
  const meeting = useMeeting();
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const text = useExpertText();
  const answer = useStore(useDesk().desk.answer);
  const isWaiting = Object.values(view?.asks ?? {}).some((ask) => ask.by === me);
  const words = answer ? answerText(text, answer) : isWaiting ? `${text.asks.waiting}…` : "";
  return (
    <div className={styles.answer} role="status" data-testid="answer">
      {words ? <p data-declined={answer?.accepted === false || undefined}>{words}</p> : null}
    </div>
  );
}

function answerText(text: ExpertText, { ask, accepted }: Answer): string {
  const title = text.asks[ask.ask];
  if (accepted === null) return text.asks.unanswered({ title });
  return accepted ? text.asks.accepted({ title }) : text.asks.declined({ title });
}
