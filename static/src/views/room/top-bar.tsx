import {
  Grid2x2,
  Hand,
  ClipboardList,
  Lock,
  RectangleHorizontal,
  SignalLow,
  SignalMedium,
  UserRoundPlus,
} from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import { clockText } from "../../i18n/language";
import { moderates, raisedHands } from "../../state/room";
import { SHORTCUT_KEYS } from "../../state/shortcuts";
import { useSelected, useStore, useText } from "../context";
import { IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./meeting.module.css";
import { EncryptionChip } from "./encryption-chip";
import { RecordingBadge } from "./recording";
import { useMeeting } from "./room-context";
import { PHONE, useMediaQuery } from "./use-media-query";
import { useNow } from "./use-now";
import { VideoChip } from "./video-chip";

/** What meeting this is and how long it goes; fades when nobody moves.  What needs attention stays. */
export function TopBar() {
  const meeting = useMeeting();
  const attendanceKept = useStore(meeting.attendanceKept);
  const symposium = useStore(meeting.symposium);
  const text = useText();
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const verdict = useSelected(meeting.monitor.measurements, (m) => m?.verdict);
  if (!view) return null;
  const waiting = moderates(view.participants[me]?.role) ? Object.keys(view.lobby).length : 0;
  const hands = raisedHands(view).length;
  const weak = verdict?.quality === "weak" || verdict?.quality === "bad";
  return (
    <header className={styles.top}>
      <div className={styles.topInfo}>
        <h1 className={styles.title}>{view.title}</h1>
        <Elapsed sinceMs={view.started_at_ms} />
      </div>
      <div className={styles.badges}>
        <RecordingBadge />
        <EncryptionChip />
        {weak ? (
          <AriaButton
            className={classes(styles.badge, styles.weakBadge)}
            onPress={() => meeting.showPanel("details")}
          >
            {verdict.quality === "bad" ? (
              <SignalLow size={14} aria-hidden />
            ) : (
              <SignalMedium size={14} aria-hidden />
            )}
            {text.quality.yours}: {text.quality.short[verdict.cause] ?? text.quality.short["other"]}
          </AriaButton>
        ) : null}
        <VideoChip />
        {attendanceKept ? (
          <span className={styles.badge} data-testid="attendance">
            <ClipboardList size={14} aria-hidden />
            {text.badges.attendance}
          </span>
        ) : null}
        {symposium ? (
          <AriaButton
            className={styles.badge ?? ""}
            onPress={() => meeting.togglePanel("symposium")}
            data-testid="symposium"
          >
            <ClipboardList size={14} aria-hidden />
            {text.badges.symposium}
          </AriaButton>
        ) : null}
        {view.locked ? (
          <span className={styles.badge}>
            <Lock size={14} aria-hidden />
            {text.badges.locked}
          </span>
        ) : null}
        {hands > 0 ? (
          <AriaButton className={styles.badge ?? ""} onPress={() => meeting.showPanel("people")}>
            <Hand size={14} aria-hidden />
            {text.badges.hands({ count: hands })}
          </AriaButton>
        ) : null}
        {waiting > 0 ? (
          <AriaButton
            className={classes(styles.badge, styles.attention)}
            onPress={() => meeting.showPanel("people")}
          >
            <UserRoundPlus size={14} aria-hidden />
            {text.badges.waiting({ count: waiting })}
          </AriaButton>
        ) : null}
        <LayoutButton />
      </div>
    </header>
  );
}

/** On a phone the same is in the sheet. */
function LayoutButton() {
  const meeting = useMeeting();
  const text = useText();
  const layout = useStore(meeting.layout);
  const phone = useMediaQuery(PHONE);
  if (phone) return null;
  return (
    <IconButton
      name={layout === "grid" ? text.more.speaker : text.more.grid}
      testId="layout"
      shortcut={SHORTCUT_KEYS.layout}
      onPress={() => meeting.setLayout(layout === "grid" ? "speaker" : "grid")}
    >
      {layout === "grid" ? <RectangleHorizontal size={18} aria-hidden /> : <Grid2x2 size={18} aria-hidden />}
    </IconButton>
  );
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  const meeting = useMeeting();
  const text = useText();
  const now = useNow(1_000);
  if (sinceMs === 0) return null;
  return (
    <span className={`${styles.time ?? ""} tabular`}>
      <span className="visually-hidden">{text.stage.elapsed}: </span>
      {clockText(now + meeting.connection.serverOffsetMs - sinceMs)}
    </span>
  );
}
