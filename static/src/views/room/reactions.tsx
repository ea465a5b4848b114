import { useStore, useText } from "../context";
import { useMeeting } from "./room-context";
import styles from "./tile.module.css";

export const REACTION_SIGNS: Readonly<Record<string, string>> = {
  clap: "👏",
  heart: "❤️",
  laugh: "😄",
  wow: "😮",
  thumbs_up: "👍",
  celebrate: "🎉",
};

/** What somebody just sent, rising over their picture. */
export function Reactions({ participantId }: { participantId: string }) {
  const meeting = useMeeting();
  const text = useText();
  const mine = useStore(meeting.reactions).filter((shown) => shown.participantId === participantId);
  if (mine.length === 0) return null;
  return (
    <div className={styles.reactions}>
      {mine.map((shown) => (
        <span
          key={shown.id}
          className={styles.reaction}
          role="img"
          aria-label={text.reactions[shown.reaction]}
        >
          {REACTION_SIGNS[shown.reaction] ?? ""}
        </span>
      ))}
    </div>
  );
}
