import { LogOut, Mic, MicOff, Video as VideoIcon, VideoOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { SpokenLine } from "../../../state/live/hub";
import type { StageTicket } from "../../../state/live/ticket";
import { useApp, useSelected, useStore, useText } from "../../context";
import door from "../../room/door.module.css";
import { AudioSink } from "../../room/audio-sink";
import { Preview } from "../../room/preview";
import { RoomContext, useMeeting } from "../../room/room-context";
import { Stage } from "../../room/stage";
import { openVisit, type Visit } from "../../room/visit";
import { Button } from "../../ui/button";
import { StageCaptions } from "../captions";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

/**
 * The stage for a viewer who was invited up, within the viewer's own page: first how they look and sound, then the stage.
 * `onLeave` is called once, whoever ended it; the page around goes back to watching.
 */
export default function OnStage({
  ticket,
  name,
  spoken,
  onLeave,
}: {
  ticket: StageTicket;
  name: string;
  spoken: readonly SpokenLine[];
  onLeave: () => void;
}) {
  const { api, preferences } = useApp();
  const [visit, setVisit] = useState<Visit | null>(null);
  const { code, token } = ticket;
  useEffect(() => {
    const opened = openVisit(code, api, preferences, null);
    setVisit(opened);
    return () => opened.close();
  }, [code, api, preferences]);
  if (!visit) return null;
  return (
    <RoomContext value={{ meeting: visit.meeting, remoteFrame: () => visit.remoteFrame() }}>
      <Compact token={token} name={name} spoken={spoken} onLeave={onLeave} />
    </RoomContext>
  );
}

function Compact({
  token,
  name,
  spoken,
  onLeave,
}: {
  token: string;
  name: string;
  spoken: readonly SpokenLine[];
  onLeave: () => void;
}) {
  const meeting = useMeeting();
  const words = useStageWords();
  const phase = useStore(meeting.phase);
  const isOver = phase.kind === "over";
  const told = useRef(onLeave);
  useEffect(() => {
    told.current = onLeave;
  });
  useEffect(() => {
    if (isOver) told.current();
  }, [isOver]);
  useEffect(() => {
    void meeting.local.startPreview();
  }, [meeting]);
  if (isOver) return null;
  if (phase.kind === "away")
    return (
      <section
        className={styles.compact}
        data-theme="stage"
        aria-label={words.door}
        data-testid="device-check"
      >
        <Preview />
        <p className={styles.soft}>{words.doorText}</p>
        <div className={styles.compactBar}>
          <Button onPress={onLeave}>{words.leaveText}</Button>
          <Button tone="primary" testId="come-up" onPress={() => meeting.enter({ token, name, early: true })}>
            {words.ready}
          </Button>
        </div>
      </section>
    );
  if (phase.kind !== "inside")
    return (
      <p className={door.waiting} role="status">
        {words.entering}…
      </p>
    );
  return <Up spoken={spoken} />;
}

function Up({ spoken }: { spoken: readonly SpokenLine[] }) {
  const meeting = useMeeting();
  const text = useText();
  const words = useStageWords();
  const me = useStore(meeting.me);
  const isOn = useSelected(meeting.view, (view) => view?.stage?.on_stage.includes(me) ?? false);
  const microphone = useStore(meeting.local.microphone);
  const camera = useStore(meeting.local.camera);
  const wasOn = useRef(false);
  useEffect(() => {
    if (wasOn.current && !isOn) meeting.leave(); // sent back: the audience is where they came from
    wasOn.current = isOn;
  }, [isOn, meeting]);
  return (
    <section
      className={styles.compact}
      data-theme="stage"
      aria-label={words.onStage}
      data-testid="on-stage-view"
    >
      <div className={styles.compactPictures}>
        <Stage alone={null} />
        <StageCaptions spoken={spoken} />
      </div>
      <div className={styles.compactBar}>
        <span className={styles.place} data-on={isOn || undefined} data-testid="my-place">
          {isOn ? words.youAreOn : words.youAreBehind}
        </span>
        <Button onPress={() => void meeting.toggleMicrophone()}>
          {microphone.state === "on" ? <Mic size={18} aria-hidden /> : <MicOff size={18} aria-hidden />}
          {microphone.state === "on" ? text.bar.mute : text.bar.unmute}
        </Button>
        <Button onPress={() => void meeting.toggleCamera()}>
          {camera.state === "on" ? <VideoIcon size={18} aria-hidden /> : <VideoOff size={18} aria-hidden />}
          {camera.state === "on" ? text.bar.cameraOff : text.bar.cameraOn}
        </Button>
        <Button tone="danger" testId="leave-stage" onPress={() => meeting.leave()}>
          <LogOut size={18} aria-hidden />
          {words.leave}
        </Button>
      </div>
      <AudioSink />
    </section>
  );
}
