import { MonitorUp } from "lucide-react";
import { useRef, type KeyboardEvent, type ReactNode } from "react";
import { planStage } from "../../state/stage";
import { useStore, useText } from "../context";
import { Button } from "../ui/button";
import { Focus } from "./focus";
import { Grid } from "./grid";
import { OwnThumb } from "./own-thumb";
import { useMeeting } from "./room-context";
import styles from "./stage.module.css";
import { PHONE, useMediaQuery } from "./use-media-query";
import { useSize } from "./use-size";

/** `alone` is said over it while nobody else is here. */
export function Stage({ alone }: { alone: ReactNode }) {
  const meeting = useMeeting();
  const text = useText();
  const ref = useRef<HTMLDivElement>(null);
  const size = useSize(ref);
  const phone = useMediaQuery(PHONE);
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const layout = useStore(meeting.layout);
  const pinned = useStore(meeting.pinned);
  const mainSpeaker = useStore(meeting.placement.mainSpeaker);
  const order = useStore(meeting.placement.order);
  const line = useStore(meeting.connection.line);
  const subscribing = useStore(meeting.media.subscriber.watch.line);
  if (!view) return null;
  const plan = planStage({ view, me, layout, pinned, mainSpeaker, order, ownFloats: phone });
  const own = view.participants[me];
  const isAlone = Object.keys(view.participants).length <= 1;
  const stale =
    subscribing.state === "interrupted" || (line.state === "lost" && subscribing.state !== "connected");
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0 || event.defaultPrevented || plan.kind !== "grid") return;
    event.preventDefault();
    meeting.placement.turn(by);
  };
  return (
    <section
      ref={ref}
      onKeyDown={onKeyDown}
      className={styles.stage}
      aria-label={text.stage.label}
      data-kind={plan.kind}
      {...(stale ? { "data-stale": true } : {})}
    >
      {size.width === 0 ? null : plan.kind === "grid" ? (
        <Grid {...plan} width={size.width} height={size.height} phone={phone} />
      ) : (
        <Focus main={plan.main} strip={plan.strip} me={me} wide={size.width > size.height * 1.15 && !phone} />
      )}
      {isAlone ? alone : null}
      {phone && own && !isAlone ? <OwnThumb participant={own} /> : null}
      <OwnShare />
    </section>
  );
}

/** While I share: said on the stage, with the way to stop. */
function OwnShare() {
  const meeting = useMeeting();
  const text = useText();
  const screen = useStore(meeting.local.screen);
  if (screen.state !== "on") return null;
  return (
    <div className={styles.sharing}>
      <MonitorUp size={18} aria-hidden />
      <span>{text.stage.yourScreen}</span>
      <Button tone="danger" onPress={() => void meeting.toggleShare()}>
        {text.bar.stopShare}
      </Button>
    </div>
  );
}
