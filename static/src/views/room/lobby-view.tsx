import type { ReactNode } from "react";
import { clockText } from "../../i18n/language";
import { useStore, useText } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import styles from "./door.module.css";
import { useMeeting } from "./room-context";
import { useNow } from "./use-now";

/** In front of the door: known to the hosts, seen by nobody else.  `mirror`: how one looks, with its switches. */
export function LobbyView({
  title,
  sinceMs,
  mirror,
}: {
  title: string;
  sinceMs: number;
  mirror?: ReactNode;
}) {
  const meeting = useMeeting();
  const text = useText();
  const now = useNow(1_000);
  const line = useStore(meeting.connection.line);
  return (
    <PageFrame title={title}>
      <div className={styles.waiting} data-testid="waiting-room">
        <div className={styles.calm}>
          <div className={styles.pulse} aria-hidden />
          <h1>{text.lobby.title}</h1>
          <p className={pages.soft} role="status">
            {line.state === "lost" ? text.lobby.lost : text.lobby.text({ title })}
          </p>
          <p className={`${pages.small ?? ""} tabular`}>
            {text.lobby.waited({ time: clockText(now - sinceMs) })}
          </p>
          {mirror ? <div className={styles.waitingMirror}>{mirror}</div> : null}
          <Button onPress={() => meeting.leave()}>{text.lobby.leave}</Button>
        </div>
      </div>
    </PageFrame>
  );
}
