import { Maximize, Minimize, Volume2, VolumeX } from "lucide-react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type CSSProperties } from "react";
import { boxesOf, type StageLayout } from "../../state/live/boxes";
import { HlsTier } from "../../state/live/hls-tier";
import { LivePlayer as Player, type PlayerState } from "../../state/live/live-player";
import type { SpokenLine } from "../../state/live/hub";
import { WhepTier } from "../../state/live/whep-tier";
import { IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import { CaptionLines, CaptionsButton, useReading } from "./captions";
import { usePlayerWords } from "./player-words";
import styles from "./player.module.css";

const FULL = 100;

/** As rooms/core/stage_audience.py tells it. */
export interface StageForPlayer {
  readonly layout: StageLayout;
  readonly positions: readonly {
    readonly name: string;
    readonly line: string;
    readonly name_shown: boolean;
    readonly has_video: boolean;
    readonly screen: boolean;
  }[];
}

type State = PlayerState<WhepTier, HlsTier>;

/** The stage as its audience sees it, by whatever way works.  `clockMs`: the server's clock. */
export function LivePlayer({
  whep,
  hls,
  token,
  stage,
  spoken = [],
  clockMs = Date.now,
  onTier,
}: {
  whep: string | null;
  hls: string | null;
  token: string;
  stage: StageForPlayer | null;
  spoken?: readonly SpokenLine[];
  clockMs?: () => number;
  onTier?: (tier: "whep" | "hls" | null, delayMs: number | null) => void;
}) {
  const words = usePlayerWords();
  const state = usePlayer(whep, hls, token, clockMs);
  const [sound, setSound] = useState(true);
  const [blocked, setBlocked] = useState(false);
  const [volume, setVolume] = useState(FULL);
  const [full, setFull] = useState(false);
  const [reading, setReading] = useReading();
  const frame = useRef<HTMLDivElement>(null);
  const { shown, delayMs } = state;
  useEffect(() => onTier?.(shown, delayMs), [onTier, shown, delayMs]);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement === frame.current);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  const heard = sound && !blocked;
  const status =
    shown === null ? (state.failed ? words.failed : words.connecting) : state.stalled ? words.stalled : "";
  return (
    <div
      ref={frame}
      className={styles.player}
      data-testid="live-player"
      data-tier={shown ?? ""}
      role="region"
      aria-label={words.stream}
    >
      {state.whep ? (
        <WhepPictures
          tier={state.whep}
          stage={stage}
          hidden={shown !== "whep"}
          loud={heard && shown === "whep" ? volume / FULL : 0}
          onBlocked={() => setBlocked(true)}
        />
      ) : null}
      {state.hls ? (
        <HlsPicture
          tier={state.hls}
          hidden={shown !== "hls"}
          loud={heard && shown === "hls" ? volume / FULL : 0}
          onBlocked={() => setBlocked(true)}
        />
      ) : null}
      {shown && stage?.positions.length === 0 ? <p className={styles.middle}>{words.waiting}</p> : null}
      {status ? (
        <p className={styles.middle} role="status">
          {status}
        </p>
      ) : null}
      {blocked && shown ? (
        <button
          type="button"
          className={styles.unmute}
          onClick={() => setBlocked(false)}
          data-testid="player-unmute"
        >
          <Volume2 aria-hidden />
          {words.unmute}
        </button>
      ) : null}
      {reading ? (
        <CaptionLines spoken={spoken} atMs={() => clockMs() - (shown === "hls" ? (delayMs ?? 0) : 0)} />
      ) : null}
      <div className={styles.bar}>
        <IconButton
          name={heard ? words.mute : words.unmute}
          onPress={() => {
            setSound(!heard);
            setBlocked(false);
          }}
          testId="player-sound"
        >
          {heard ? <Volume2 aria-hidden /> : <VolumeX aria-hidden />}
        </IconButton>
        <input
          type="range"
          className={styles.volume}
          min={0}
          max={FULL}
          value={heard ? volume : 0}
          aria-label={words.volume}
          onChange={(event) => {
            setVolume(Number(event.currentTarget.value));
            setSound(true);
            setBlocked(false);
          }}
        />
        <span className={styles.space} />
        {shown && delayMs !== null ? (
          <span className={classes(styles.delay, "tabular")} data-testid="player-delay">
            {words.behind({ seconds: (delayMs / 1_000).toFixed(1) })} · {words[shown]}
          </span>
        ) : null}
        {spoken.length > 0 ? <CaptionsButton on={reading} onChange={setReading} /> : null}
        <IconButton
          name={full ? words.leaveFullscreen : words.fullscreen}
          onPress={() => void toggleFullscreen(frame.current, full, state)}
          testId="player-fullscreen"
        >
          {full ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
        </IconButton>
      </div>
    </div>
  );
}

function usePlayer(whep: string | null, hls: string | null, token: string, clockMs: () => number): State {
  const latest = useRef({ token, clockMs });
  useEffect(() => {
    latest.current = { token, clockMs };
  });
  const make = useCallback(
    () =>
      new Player<WhepTier, HlsTier>({
        whep: whep ? () => new WhepTier(whep, latest.current.token) : null,
        hls: hls ? () => new HlsTier(hls, () => latest.current.clockMs()) : null,
      }),
    [whep, hls],
  );
  const [player, setPlayer] = useState<Player<WhepTier, HlsTier> | null>(null);
  useEffect(() => {
    const made = make();
    setPlayer(made);
    made.start();
    return () => made.close();
  }, [make]);
  return useSyncExternalStore(player?.state.subscribe ?? never, player?.state.get ?? nothing);
}

const NOTHING: State = { shown: null, whep: null, hls: null, stalled: false, delayMs: null, failed: false };
const nothing = () => NOTHING;
const never = () => () => undefined;

function WhepPictures({
  tier,
  stage,
  hidden,
  loud,
  onBlocked,
}: {
  tier: WhepTier;
  stage: StageForPlayer | null;
  hidden: boolean;
  loud: number;
  onBlocked: () => void;
}) {
  const positions = stage?.positions ?? [];
  const boxes = boxesOf(stage?.layout ?? "side_by_side", positions.length);
  return (
    <div className={styles.stage} data-hidden={hidden}>
      <Sound stream={tier.sounds} loud={loud} onBlocked={onBlocked} />
      {boxes.map((box, index) => {
        const position = positions[index];
        const stream = tier.pictures[index];
        if (!position || !stream) return null;
        const style = Object.fromEntries(
          Object.entries(box).map(([side, share]) => [side, `${(share as number) * FULL}%`]),
        ) as CSSProperties;
        const plate = position.line ? `${position.name} · ${position.line}` : position.name;
        return (
          <div key={index} className={styles.position} style={style} data-testid="position">
            {position.has_video ? (
              <Picture stream={stream} whole={position.screen} />
            ) : (
              <p className={styles.name}>{position.name}</p>
            )}
            {position.has_video && position.name_shown ? <p className={styles.plate}>{plate}</p> : null}
          </div>
        );
      })}
    </div>
  );
}

function Picture({ stream, whole }: { stream: MediaStream; whole: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = stream;
    void video.current.play().catch(() => undefined);
  }, [stream]);
  return (
    <video ref={video} className={classes(styles.video, whole && styles.whole)} muted playsInline autoPlay />
  );
}

function Sound({ stream, loud, onBlocked }: { stream: MediaStream; loud: number; onBlocked: () => void }) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    setLoud(element, loud, onBlocked);
  }, [stream, loud, onBlocked]);
  return <audio ref={audio} autoPlay />;
}

function HlsPicture({
  tier,
  hidden,
  loud,
  onBlocked,
}: {
  tier: HlsTier;
  hidden: boolean;
  loud: number;
  onBlocked: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    tier.video.className = styles.video ?? "";
    place.current?.replaceChildren(tier.video);
  }, [tier]);
  useEffect(() => setLoud(tier.video, loud, onBlocked), [tier, loud, onBlocked]);
  return <div ref={place} className={styles.stage} data-hidden={hidden} />;
}

/** Browsers let nothing sound that nobody has touched: then it goes on silently, and is asked for. */
function setLoud(element: HTMLMediaElement, loud: number, onBlocked: () => void): void {
  element.volume = loud || 1; // a touch device has its own keys and ignores this
  element.muted = loud === 0;
  if (loud === 0) return;
  element.play().catch((error: unknown) => {
    if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
    element.muted = true;
    void element.play().catch(() => undefined);
    onBlocked();
  });
}

interface IosVideo extends HTMLVideoElement {
  readonly webkitEnterFullscreen?: () => void;
}

/** iPhones give the whole screen to a video only. */
async function toggleFullscreen(frame: HTMLElement | null, full: boolean, state: State): Promise<void> {
  if (full) await document.exitFullscreen();
  else if (frame && document.fullscreenEnabled) await frame.requestFullscreen();
  else
    (
      (state.hls?.video ?? frame?.querySelector("video")) as IosVideo | null | undefined
    )?.webkitEnterFullscreen?.();
}
