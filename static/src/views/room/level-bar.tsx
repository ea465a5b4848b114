import type { CSSProperties } from "react";
import { useStore, useText } from "../context";
import styles from "./door.module.css";
import { useMeeting } from "./room-context";

/** How loud the own microphone is. */
export function LevelBar() {
  const meeting = useMeeting();
  const text = useText();
  const level = useStore(meeting.meter.level);
  return (
    <div
      className={styles.meter}
      role="meter"
      aria-label={text.door.microphoneLevel}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
    >
      <div className={styles.meterFill} style={{ "--level": level } as CSSProperties} />
    </div>
  );
}
