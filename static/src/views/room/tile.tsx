import {
  Hand,
  MicOff,
  MonitorUp,
  Pin,
  PinOff,
  SignalLow,
  SignalMedium,
  VideoOff,
  WifiOff,
} from "lucide-react";
import { memo, useRef, type CSSProperties } from "react";
import type { Participant } from "../../protocol.gen";
import { isLive, trackOf } from "../../state/room";
import { useSelected, useStore, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import { Reactions } from "./reactions";
import { useMeeting, useRoom } from "./room-context";
import styles from "./tile.module.css";
import { useShown } from "./use-shown";
import { Video } from "./video";

export interface TileProps {
  readonly participant: Participant;
  readonly source: "camera" | "screen";
  readonly isMe: boolean;
  /** Whole picture instead of filling the frame. */
  readonly contain?: boolean;
  readonly style?: CSSProperties;
  readonly canPin?: boolean;
}

/** One person, or one shared screen. */
export const Tile = memo(function Tile({ participant, source, isMe, contain, style, canPin }: TileProps) {
  const { meeting, remoteFrame } = useRoom();
  const text = useText();
  const ref = useRef<HTMLDivElement>(null);
  const published = trackOf(participant, source);
  const own = useStore(source === "camera" ? meeting.local.camera : meeting.local.screen);
  const trackId = published?.id;
  const remote = useSelected(meeting.media.subscriber.tracks, (tracks) =>
    trackId === undefined ? undefined : tracks.get(trackId)?.track,
  );
  const speaking = useSelected(meeting.speakers, (ids) => ids.includes(participant.id));
  const pinned = useSelected(meeting.pinned, (id) => id === participant.id);
  useShown(ref, meeting.wants, isMe ? undefined : trackId, pinned);
  const held = usePaused(participant, source);
  const paused = isMe ? null : held;
  const undecodable =
    useSelected(meeting.connection.undecodable, (ids) => trackId !== undefined && ids.has(trackId)) &&
    isLive(participant, source);
  const picture = isMe
    ? own.state === "on"
      ? own.track
      : null
    : isLive(participant, source) && paused !== "all" && !undecodable
      ? (remote ?? null)
      : null;
  const name = isMe ? text.stage.own({ name: participant.name }) : participant.name;
  const myMicrophone = useStore(meeting.local.microphone);
  // My own switch shows at once what it does; the room follows.
  const muted = isMe ? myMicrophone.state !== "on" : !isLive(participant, "microphone");
  const isScreen = source === "screen";
  const label = isScreen ? text.stage.screenOf({ name: participant.name }) : name;
  const states = isScreen
    ? []
    : [
        speaking ? text.stage.speaking : null,
        muted ? text.stage.muted : null,
        participant.hand_raised_at_ms > 0 ? text.stage.handRaised : null,
        participant.presence === "away" ? text.stage.away : null,
        undecodable
          ? text.video.undecodable.short
          : paused
            ? text.video.paused
            : picture
              ? null
              : text.stage.noPicture,
      ].filter((state) => state !== null);
  return (
    <div
      ref={ref}
      className={classes(styles.tile, isScreen && styles.screen)}
      style={style}
      role="group"
      aria-label={[label, ...states].join(", ")}
      data-testid={isMe ? "self-tile" : "tile"}
      data-participant-id={participant.id}
      data-source={source}
      {...(isMe ? {} : { "data-remote": true })}
      {...(speaking && !isScreen ? { "data-speaking": true } : {})}
      {...(participant.presence === "away" ? { "data-away": true } : {})}
    >
      {isScreen ? null : (
        <Avatar className={styles.avatar} name={participant.name} identity={participant.identity} />
      )}
      {picture ? (
        <div className={styles.picture}>
          <Video
            track={picture}
            // What is behind the phone has writing on it.
            mirrored={isMe && !isScreen && picture.getSettings().facingMode !== "environment"}
            contain={contain ?? isScreen}
            {...(isMe ? {} : { onFrame: remoteFrame })}
          />
        </div>
      ) : null}
      {undecodable ? (
        <p className={styles.sentence} data-testid="undecodable">
          {text.video.undecodable.long}
        </p>
      ) : null}
      <div className={styles.corner}>
        {participant.presence === "away" ? (
          <span className={styles.chip} title={text.stage.away}>
            <WifiOff size={14} aria-hidden />
            <span>{text.stage.away}</span>
          </span>
        ) : isScreen ? null : (
          <QualityChip participant={participant} />
        )}
        {undecodable ? (
          <span className={styles.chip} title={text.video.undecodable.long}>
            <VideoOff size={14} aria-hidden />
            <span>{text.video.undecodable.short}</span>
          </span>
        ) : paused === "this" ? (
          <span className={styles.chip} title={text.video.paused} data-testid="paused">
            <VideoOff size={14} aria-hidden />
            <span>{text.video.paused}</span>
          </span>
        ) : null}
        {participant.hand_raised_at_ms > 0 && !isScreen ? (
          <span className={classes(styles.chip, styles.hand)} title={text.stage.handRaised}>
            <Hand size={16} aria-hidden />
          </span>
        ) : null}
      </div>
      {canPin ? (
        <div className={styles.pin} {...(pinned ? { "data-pinned": true } : {})}>
          <IconButton
            className={styles.pinButton}
            name={
              pinned
                ? text.stage.unpin({ name: participant.name })
                : text.stage.pin({ name: participant.name })
            }
            onPress={() => meeting.pin(pinned ? null : participant.id)}
          >
            {pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />}
          </IconButton>
        </div>
      ) : null}
      <div className={styles.plate}>
        {isScreen ? (
          <MonitorUp size={14} aria-hidden />
        ) : muted ? (
          <MicOff size={14} className={styles.mutedIcon} aria-hidden />
        ) : null}
        <span className={styles.name}>{label}</span>
      </div>
      {isScreen ? null : <Reactions participantId={participant.id} />}
    </div>
  );
});

/** all: every picture is held back, by choice or by the line.  this: the line does not carry this one. */
function usePaused(participant: Participant, source: "camera" | "screen"): "all" | "this" | null {
  const meeting = useMeeting();
  const line = useStore(meeting.connection.bandwidth);
  const incoming = useSelected(meeting.preferences, (values) => values.incomingVideo);
  const stands = useSelected(
    meeting.monitor.measurements,
    (measured) =>
      measured?.received.some(
        (rates) =>
          rates.participantId === participant.id && rates.source === source && rates.framesPerSecond === 0,
      ) ?? false,
  );
  if (!isLive(participant, source)) return null;
  if (incoming === "none" || line === "audio_only") return "all";
  return line === "reduced" && stands ? "this" : null;
}

/** Shown only when there is something to say: a bad line, with its cause. */
function QualityChip({ participant }: { participant: Participant }) {
  const text = useText();
  if (participant.quality !== "weak" && participant.quality !== "bad") return null;
  const cause = text.quality.cause({ name: participant.name, cause: participant.quality_cause });
  const short = text.quality.short[participant.quality_cause] ?? text.quality.short["other"];
  return (
    <span className={classes(styles.chip, styles.weak)} title={cause}>
      {participant.quality === "bad" ? (
        <SignalLow size={14} aria-hidden />
      ) : (
        <SignalMedium size={14} aria-hidden />
      )}
      <span aria-hidden>{short}</span>
      <span className="visually-hidden">{cause}</span>
    </span>
  );
}
