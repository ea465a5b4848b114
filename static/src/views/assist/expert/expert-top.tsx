import { Eye } from "lucide-react";
import { clockText } from "../../../i18n/language";
import type { RoomView } from "../../../protocol.gen";
import { inOrder } from "../../../state/room";
import { useText } from "../../context";
import meetingStyles from "../../room/meeting.module.css";
import { useMeeting } from "../../room/room-context";
import { useNow } from "../../room/use-now";
import { VideoChip } from "../../room/video-chip";
import { Avatar } from "../../ui/avatar";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

const PEOPLE_SHOWN = 5;

/** Which session this is and who is in it. */
export function ExpertTop({ view, isExpert }: { view: RoomView; isExpert: boolean }) {
  const text = useExpertText();
  const people = inOrder(view).filter((person) => person.assist_role !== null);
  return (
    <header className={meetingStyles.top}>
      <div className={`${meetingStyles.topInfo ?? ""} ${styles.info ?? ""}`}>
        <h1 className={`${meetingStyles.title ?? ""} ${styles.title ?? ""}`}>{view.title}</h1>
        <Elapsed sinceMs={view.started_at_ms} />
      </div>
      <ul className={styles.people}>
        {people.slice(0, PEOPLE_SHOWN).map((person) => (
          <li key={person.id} data-away={person.presence === "away" || undefined}>
            <Avatar identity={person.identity} name={person.name} size={24} />
            <span className={styles.personName}>{person.name}</span>
            <span className={styles.soft}>{text.people[person.assist_role ?? "observer"]}</span>
          </li>
        ))}
        {people.length > PEOPLE_SHOWN ? (
          <li className={styles.soft}>{text.people.more({ count: people.length - PEOPLE_SHOWN })}</li>
        ) : null}
      </ul>
      <div className={meetingStyles.badges}>
        {isExpert ? null : (
          <span className={`${meetingStyles.badge ?? ""} ${styles.watching ?? ""}`}>
            <Eye size={14} aria-hidden />
            {text.people.watching}
          </span>
        )}
        <VideoChip />
      </div>
    </header>
  );
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  const meeting = useMeeting();
  const text = useText();
  const now = useNow(1_000);
  if (sinceMs === 0) return null;
  return (
    <span className={`${meetingStyles.time ?? ""} tabular`}>
      <span className="visually-hidden">{text.stage.elapsed}: </span>
      {clockText(now + meeting.connection.serverOffsetMs - sinceMs)}
    </span>
  );
}
