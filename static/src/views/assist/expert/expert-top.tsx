import { BatteryLow, Eye, Images, Signal, SignalLow, Snowflake, ThermometerSun } from "lucide-react";
import { clockText } from "../../../i18n/language";
import type { Participant, RoomView } from "../../../protocol.gen";
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
const BATTERY_LOW_PERCENT = 20;

/** Which session this is, who is in it, and how the phone is. */
export function ExpertTop({
  view,
  phone,
  isExpert,
}: {
  view: RoomView;
  phone: Participant | undefined;
  isExpert: boolean;
}) {
  const text = useExpertText();
  const words = useText();
  const { device } = view;
  const people = inOrder(view).filter((person) => person.assist_role !== null);
  const isWeak = phone?.quality === "weak" || phone?.quality === "bad";
  return (
    <header className={meetingStyles.top}>
      <div className={meetingStyles.topInfo}>
        <h1 className={meetingStyles.title}>{view.title}</h1>
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
          <span className={meetingStyles.badge}>
            <Eye size={14} aria-hidden />
            {text.people.watching}
          </span>
        )}
        {device.mode === "stills" ? (
          <span className={`${meetingStyles.badge ?? ""} ${meetingStyles.attention ?? ""}`} role="status">
            <Images size={14} aria-hidden />
            {text.stage.stills}
          </span>
        ) : null}
        {device.frozen ? (
          <span className={meetingStyles.badge} role="status">
            <Snowflake size={14} aria-hidden />
            {text.stage.phoneFrozen}
          </span>
        ) : null}
        {device.warm ? (
          <span className={`${meetingStyles.badge ?? ""} ${meetingStyles.weakBadge ?? ""}`}>
            <ThermometerSun size={14} aria-hidden />
            {text.people.warm}
          </span>
        ) : null}
        {device.battery_percent >= 0 && device.battery_percent <= BATTERY_LOW_PERCENT ? (
          <span className={`${meetingStyles.badge ?? ""} ${meetingStyles.weakBadge ?? ""}`}>
            <BatteryLow size={14} aria-hidden />
            {text.people.battery({ count: device.battery_percent })}
          </span>
        ) : null}
        {phone && isWeak ? (
          <span className={`${meetingStyles.badge ?? ""} ${meetingStyles.weakBadge ?? ""}`}>
            <SignalLow size={14} aria-hidden />
            {words.quality.cause({ name: phone.name, cause: phone.quality_cause })}
          </span>
        ) : phone?.quality === "good" ? (
          <span className={styles.wellBadge} title={text.people.on_site}>
            <Signal size={14} aria-hidden />
          </span>
        ) : null}
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
