import {
  Camera,
  Check,
  ListChecks,
  Ellipsis,
  Flashlight,
  FlashlightOff,
  Mic,
  MicOff,
  Undo2,
  VolumeX,
  X,
} from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components";
import type { DocumentRegion, Mark } from "../../../protocol.gen";
import type { Documents } from "../../../state/assist/documents";
import type { OnSite, PhoneNotice } from "../../../state/assist/phone";
import { inOrder } from "../../../state/room";
import { useApp, useSelected, useStore } from "../../context";
import { AudioSink, playHeldBack } from "../../room/audio-sink";
import { Banners } from "../../room/banners";
import { useMeeting } from "../../room/room-context";
import { useWakeLock } from "../../room/use-wake-lock";
import { classes } from "../../ui/classes";
import { useSession } from "../session-context";
import { ArButton, useArMode, useArRuns } from "./ar-button";
import { AskCard } from "./ask-card";
import { CameraView, lookOf } from "./camera-view";
import { useChecklist } from "../checklist/use-checklist";
import { useDocuments } from "../documents/use-documents";
import { ChecklistSheet } from "./checklist-sheet";
import { DocumentChip, DocumentSheet } from "./document-sheet";
import { MoreSheet } from "./more-sheet";
import { openPhone } from "./open-phone";
import styles from "./phone.module.css";
import { useReading } from "./use-reading";
import { usePhoneWords } from "./use-words";
import { watchPhone } from "./watch-phone";

const NO_MARKS: Readonly<Record<string, Mark>> = {};
const NOTICE_MS = 3_500;
/** How long a mark that was asked about waits for the answer. */
const QUESTION_MS = 12_000;

/** On site: the camera fills the screen, four large buttons below, one line above. */
export function PhoneView() {
  const meeting = useMeeting();
  const session = useSession();
  const { api } = useApp();
  const [onSite, setOnSite] = useState<OnSite | null>(null);
  useWakeLock();
  useEffect(() => {
    if (!session.tracking) return;
    const opened = openPhone(meeting, session.tracking, api, session.id, session.token);
    setOnSite(opened);
    const stop = watchPhone((phone) => opened.know(phone));
    const stopInspection = inspect(opened);
    return () => {
      stopInspection();
      stop();
      opened.close();
    };
  }, [meeting, session, api]);
  return onSite ? <Screen onSite={onSite} /> : null;
}

/** For tests and for whoever looks in from the browser's console: the newest poses and what they belong to. */
function inspect(onSite: OnSite): () => void {
  window.__tongxinAssist = { poses: () => [...onSite.poses.get().values()], frame: () => onSite.frame.get() };
  return () => delete window.__tongxinAssist;
}

function Screen({ onSite }: { onSite: OnSite }) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const camera = useStore(meeting.local.camera);
  const [asked, setAsked] = useState<Mark | null>(null);
  const [notice, setNotice] = useState<PhoneNotice | null>(null);
  const [sheet, setSheet] = useState(false);
  const [work, setWork] = useState(false);
  const checklist = useChecklist();
  const documents = useDocuments();
  const reading = useReading();
  const [holdToTalk, setHoldToTalk] = useState(false);
  const frozen = useStore(onSite.frozen);
  const arMode = useArMode(onSite, useSession().tracking, bodyLook);
  const ar = useArRuns(arMode);
  useEffect(() => {
    onSite.onNotice = setNotice;
    return () => {
      onSite.onNotice = () => undefined;
    };
  }, [onSite]);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(null), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(null), QUESTION_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const open = useSelected(meeting.view, (view) => (asked ? (view?.marks[asked.id] ?? null) : null));
  return (
    <div
      className={styles.phone}
      data-testid="phone"
      {...(frozen ? { "data-frozen": true } : {})}
      {...(ar ? { "data-ar": true } : {})}
    >
      <CameraView
        onSite={onSite}
        onMark={setAsked}
        onPlace={(x, y) => {
          setAsked(null);
          void onSite.camera.focusAt(x, y);
        }}
      />
      <header className={styles.top}>
        <TopLine onSite={onSite} />
        <Banners />
        {reading.isOpen ? null : (
          <>
            <LeadLine onSite={onSite} />
            <MarksLine onSite={onSite} />
          </>
        )}
        {documents && reading.region && !reading.isOpen ? (
          <DocumentChip documents={documents} region={reading.region} onOpen={() => reading.open(true)} />
        ) : null}
      </header>
      {camera.state === "failed" ? (
        <div className={styles.middle} role="alert">
          <p>{words.noCamera}</p>
          <Button className={styles.wide ?? ""} onPress={() => void meeting.local.face(meeting.local.facing)}>
            {words.tryAgain}
          </Button>
        </div>
      ) : null}
      {documents && reading.region && reading.isOpen ? (
        <DocumentSheet
          key={reading.region.document_id}
          documents={documents}
          region={reading.region}
          onClose={() => reading.open(false)}
        />
      ) : null}
      <div className={styles.low}>
        {notice ? (
          <p className={styles.notice} role="status" data-testid="notice">
            {noticeText(notice, words)}
          </p>
        ) : null}
        <RemovedLine onSite={onSite} />
        <AskCard onSite={onSite} />
        {open ? (
          <ThisOne
            mark={open}
            onSite={onSite}
            documents={documents}
            onRead={reading.look}
            onClose={() => setAsked(null)}
          />
        ) : null}
        <SoundLine />
        {arMode && !open ? <ArButton arMode={arMode} /> : null}
      </div>
      <Bar
        onSite={onSite}
        holdToTalk={holdToTalk}
        onMore={() => setSheet(true)}
        onWork={checklist ? () => setWork(true) : null}
      />
      <MoreSheet
        onSite={onSite}
        isOpen={sheet}
        onClose={() => setSheet(false)}
        holdToTalk={holdToTalk}
        onHoldToTalk={setHoldToTalk}
      />
      {checklist ? (
        <ChecklistSheet checklist={checklist} onSite={onSite} isOpen={work} onClose={() => setWork(false)} />
      ) : null}
      <AudioSink />
    </div>
  );
}

/** Tokens are the same everywhere on the page. */
const bodyLook = () => lookOf(document.body);

function TopLine({ onSite }: { onSite: OnSite }) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const me = useStore(meeting.me);
  const experts = useSelected(meeting.view, (view) =>
    (view ? inOrder(view) : [])
      .filter(({ id, assist_role }) => id !== me && assist_role === "expert")
      .map(({ name }) => name)
      .join("\n"),
  ).split("\n");
  const [name = "", ...others] = experts;
  const line = useStore(meeting.connection.line).state;
  const quality = useSelected(
    meeting.monitor.measurements,
    (measured) => measured?.verdict.quality ?? "unknown",
  );
  const waiting = useStore(onSite.outbox.waiting);
  const mode = useStore(onSite.mode);
  const spares = useStore(onSite.spares);
  const frozen = useStore(onSite.frozen);
  const state =
    line !== "joined"
      ? "lost"
      : quality === "weak" || quality === "bad" || mode === "stills"
        ? "weak"
        : "good";
  return (
    <div className={styles.line} role="status" data-testid="line" data-line={state} data-mode={mode}>
      <span className={styles.dot} data-state={state} aria-hidden />
      <span className={styles.who} title={experts.join(", ")}>
        {name ? words.with({ name, others: others.length }) : words.alone}
      </span>
      <span className={styles.soft}>
        {[
          frozen ? words.frozen : words.line[state],
          ...(mode === "stills" ? [words.narrow.stills] : []),
          ...(waiting > 0 ? [words.line.kept({ count: waiting })] : []),
          ...(spares ? [words.spares] : []),
        ].join(" · ")}
      </span>
    </div>
  );
}

/** Two phones on site: the marks are on the other one's picture. */
function LeadLine({ onSite }: { onSite: OnSite }) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const leads = useStore(onSite.leads);
  const name = useSelected(
    meeting.view,
    (view) => view?.participants[view.device.participant_id]?.name ?? "",
  );
  if (leads) return null;
  return (
    <div className={styles.lead} role="status" data-testid="other-leads">
      <span>{words.otherLeads({ name })}</span>
      <Button className={styles.wide ?? ""} data-testid="lead" onPress={() => onSite.lead()}>
        {words.lead}
      </Button>
    </div>
  );
}

/** Marks that are not on the picture: being looked for, or of a frame that is gone. */
function MarksLine({ onSite }: { onSite: OnSite }) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const marks = useSelected(meeting.view, (view) => view?.marks ?? NO_MARKS);
  const leads = useStore(onSite.leads);
  // What this phone sees itself: the room hears of it a moment later.
  const seeking = useSelected(
    onSite.poses,
    (poses) =>
      Object.values(marks).filter(
        ({ id, state }) => state !== "unplaced" && (poses.get(id)?.state ?? "lost") === "lost",
      ).length,
  );
  const unplaced = useSelected(
    meeting.view,
    (view) => Object.values(view?.marks ?? {}).filter(({ state }) => state === "unplaced").length,
  );
  if (!leads || seeking + unplaced === 0) return null;
  return (
    <p className={styles.seeking} role="status" data-testid="seeking">
      {[
        ...(seeking > 0 ? [words.seeking({ count: seeking })] : []),
        ...(unplaced > 0 ? [words.unplaced({ count: unplaced })] : []),
      ].join(" · ")}
    </p>
  );
}

function ThisOne({
  mark,
  onSite,
  documents,
  onRead,
  onClose,
}: {
  mark: Mark;
  onSite: OnSite;
  documents: Documents | null;
  onRead: (region: DocumentRegion) => void;
  onClose: () => void;
}) {
  const words = usePhoneWords();
  const { region } = mark;
  const isConfirmed = mark.confirmed_at_ms > 0;
  return (
    <div
      className={styles.card}
      data-testid="this-one"
      role="group"
      aria-label={words.mark({ name: mark.author_name })}
    >
      <p className={styles.cardText}>
        {isConfirmed ? words.confirmed : words.thisOne}
        {mark.text ? <span className={styles.soft}> {mark.text}</span> : null}
        {mark.number > 0 ? <span className={styles.soft}> {mark.number}</span> : null}
      </p>
      {documents && region ? (
        <DocumentChip
          documents={documents}
          region={region}
          onOpen={() => {
            onRead(region);
            onClose();
          }}
        />
      ) : null}
      <div className={styles.answers}>
        <Button className={styles.wide ?? ""} onPress={onClose}>
          <X size={24} aria-hidden />
          {isConfirmed ? words.close : words.notThis}
        </Button>
        {isConfirmed ? (
          <Button
            className={styles.wide ?? ""}
            onPress={() => {
              onSite.remove(mark.id);
              onClose();
            }}
          >
            {words.remove}
          </Button>
        ) : (
          <Button
            className={classes(styles.wide, styles.primary)}
            data-testid="confirm"
            onPress={() => {
              onSite.confirm(mark.id);
              onClose();
            }}
          >
            <Check size={24} aria-hidden />
            {words.confirm}
          </Button>
        )}
      </div>
    </div>
  );
}

/** A mark was removed; for some seconds it can be had back. */
function RemovedLine({ onSite }: { onSite: OnSite }) {
  const words = usePhoneWords();
  const removing = useStore(onSite.removing);
  if (removing === null) return null;
  return (
    <div className={styles.removed} role="status" data-testid="removed">
      <span>{words.removed}</span>
      <Button className={styles.wide ?? ""} data-testid="undo-remove" onPress={() => onSite.keep()}>
        <Undo2 size={24} aria-hidden />
        {words.undo}
      </Button>
    </div>
  );
}

function SoundLine() {
  const meeting = useMeeting();
  const words = usePhoneWords();
  if (!useStore(meeting.soundBlocked)) return null;
  return (
    <Button
      className={classes(styles.wide, styles.primary)}
      onPress={() => void playHeldBack().then((played) => meeting.soundBlocked.set(!played))}
    >
      <VolumeX size={24} aria-hidden />
      {words.sound}
    </Button>
  );
}

function Bar({
  onSite,
  holdToTalk,
  onMore,
  onWork,
}: {
  onSite: OnSite;
  holdToTalk: boolean;
  onMore: () => void;
  /** Null where there is no checklist. */
  onWork: (() => void) | null;
}) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const { hasTorch, torch } = useStore(onSite.camera.state);
  const taking = useStore(onSite.takingStill);
  const isHeard = useStore(meeting.local.microphone).state === "on";
  const held = useRef(false);
  const talk = (down: boolean): void => {
    held.current = down;
    meeting.pushToTalk(down);
  };
  return (
    <footer className={styles.bar}>
      <Round
        name={torch ? words.torchOn : words.torchOff}
        word={words.torch}
        isOn={torch}
        isDisabled={!hasTorch}
        testId="torch"
        onPress={() => void onSite.camera.setTorch(!torch)}
      >
        {hasTorch ? <Flashlight size={28} aria-hidden /> : <FlashlightOff size={28} aria-hidden />}
      </Round>
      <Round
        name={words.takePhoto}
        word={words.photo}
        isDisabled={taking}
        testId="photo"
        onPress={() => void onSite.takeStill()}
      >
        <Camera size={28} aria-hidden />
      </Round>
      {holdToTalk ? (
        <Round
          name={words.holdToTalk}
          word={isHeard ? words.talking : words.holdToTalk}
          isOn={isHeard}
          testId="microphone"
          onPressStart={() => talk(true)}
          onPressEnd={() => talk(false)}
        >
          <Mic size={28} aria-hidden />
        </Round>
      ) : (
        <Round
          name={isHeard ? words.mute : words.unmute}
          word={words.microphone}
          isOn={isHeard}
          testId="microphone"
          onPress={() => void meeting.toggleMicrophone()}
        >
          {isHeard ? <Mic size={28} aria-hidden /> : <MicOff size={28} aria-hidden />}
        </Round>
      )}
      {onWork ? (
        <Round name={words.checklist} word={words.checklist} testId="open-checklist" onPress={onWork}>
          <ListChecks size={28} aria-hidden />
        </Round>
      ) : null}
      <Round name={words.more} word={words.more} testId="more" onPress={onMore}>
        <Ellipsis size={28} aria-hidden />
      </Round>
    </footer>
  );
}

interface RoundProps {
  readonly name: string;
  readonly word: string;
  readonly isOn?: boolean;
  readonly isDisabled?: boolean;
  readonly testId: string;
  readonly onPress?: () => void;
  readonly onPressStart?: () => void;
  readonly onPressEnd?: () => void;
  readonly children: React.ReactNode;
}

function Round({ name, word, isOn, testId, children, ...button }: RoundProps) {
  return (
    <Button
      className={styles.round ?? ""}
      // Who says what stands below the icon means this button.
      aria-label={name.includes(word) ? name : `${word}: ${name}`}
      data-testid={testId}
      {...(isOn ? { "data-on": true } : {})}
      {...button}
    >
      <span className={styles.disc}>{children}</span>
      <span className={styles.word} aria-hidden>
        {word}
      </span>
    </Button>
  );
}

function noticeText(notice: PhoneNotice, words: ReturnType<typeof usePhoneWords>): string {
  switch (notice.kind) {
    case "still_taken":
      return words.stillTaken;
    case "still_failed":
      return words.stillFailed;
    case "mode":
      return notice.mode === "stills" ? words.narrow.now : words.narrow.back;
  }
}
