import { MicOff, RefreshCw, VolumeX, WifiOff } from "lucide-react";
import { useStore, useText } from "../context";
import { Button } from "../ui/button";
import { playHeldBack } from "./audio-sink";
import styles from "./meeting.module.css";
import { useMeeting } from "./room-context";
import { useNow } from "./use-now";

/** A dropout this short heals before anybody could read about it. */
const MEDIA_LOST_SHOWN_AFTER_MS = 1_500;
/** As long as the server keeps a seat; later somebody comes in anew. */
const SEAT_KEPT_S = 60;
/** A first connection that takes this long is not coming. */
const MEDIA_NEVER_AFTER_MS = 9_000;

/** Thin lines above the stage that tell what does not work right now, how long, and what is being done. */
export function Banners() {
  const meeting = useMeeting();
  const text = useText();
  const line = useStore(meeting.connection.line);
  const publishing = useStore(meeting.media.publisher.watch.line);
  const subscribing = useStore(meeting.media.subscriber.watch.line);
  const soundBlocked = useStore(meeting.soundBlocked);
  const now = useNow(500);

  const interrupted = [publishing, subscribing].filter(
    (peer) => peer.state === "interrupted" && now - peer.sinceMs > MEDIA_LOST_SHOWN_AFTER_MS,
  );
  const never = [publishing, subscribing].some(
    (peer) => peer.state === "connecting" && now - peer.sinceMs > MEDIA_NEVER_AFTER_MS,
  );
  const signalLost = line.state === "lost";
  const mediaLost = interrupted.length > 0;
  const since = Math.min(signalLost ? line.sinceMs : now, ...interrupted.map((peer) => peer.sinceMs));
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const next = Math.ceil((line.nextTryAtMs - now) / 1000);
  return (
    <>
      <div role="status" aria-live="polite">
        {signalLost || mediaLost ? (
          <div className={styles.banner} data-testid="reconnecting">
            {signalLost ? <WifiOff size={16} aria-hidden /> : <RefreshCw size={16} aria-hidden />}
            <span className={styles.bannerText}>
              {signalLost
                ? mediaLost
                  ? seconds < SEAT_KEPT_S
                    ? text.banner.allLost
                    : text.banner.longLost
                  : text.banner.signalLost
                : text.banner.mediaLost}
            </span>
            <span className="tabular" aria-hidden>
              {text.banner.seconds({ seconds })}
              {signalLost && line.nextTryAtMs > 0 && next > 0
                ? ` · ${text.banner.nextTry({ seconds: next })}`
                : ` · ${text.banner.trying}`}
            </span>
            {signalLost && next > 1 ? (
              <Button tone="quiet" onPress={() => meeting.networkChanged()}>
                {text.banner.tryNow}
              </Button>
            ) : null}
          </div>
        ) : never && line.state === "joined" ? (
          <div className={styles.banner}>
            <WifiOff size={16} aria-hidden />
            <span className={styles.bannerText}>
              {text.banner.mediaNever} {text.doctor.cures["media_path_cure"]}
            </span>
          </div>
        ) : null}
      </div>
      {soundBlocked ? (
        <div className={styles.banner} role="alert">
          <VolumeX size={16} aria-hidden />
          <span className={styles.bannerText}>{text.banner.soundBlocked}</span>
          <Button
            tone="primary"
            onPress={() => {
              void playHeldBack().then((playing) => meeting.soundBlocked.set(!playing));
            }}
          >
            {text.banner.playSound}
          </Button>
        </div>
      ) : null}
      <MutedHint />
    </>
  );
}

function MutedHint() {
  const meeting = useMeeting();
  const text = useText();
  const shown = useStore(meeting.mutedHint.shown);
  return (
    <div role="status">
      {shown ? (
        <div className={styles.hint}>
          <MicOff size={16} aria-hidden />
          <span>{text.banner.mutedHint}</span>
          <Button tone="primary" onPress={() => void meeting.setMicrophone(true)}>
            {text.banner.mutedHintAction}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
