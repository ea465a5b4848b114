import { Button as AriaButton } from "react-aria-components";
import { REACTIONS } from "../../protocol.gen";
import { useText } from "../context";
import styles from "./meeting.module.css";
import { REACTION_SIGNS } from "./reactions";
import { useMeeting } from "./room-context";

export function ReactionButtons({ onDone }: { onDone: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  return REACTIONS.map((reaction) => (
    <AriaButton
      key={reaction}
      className={styles.reactionButton ?? ""}
      aria-label={text.reactions[reaction] ?? reaction}
      onPress={() => {
        void meeting.controls.react(reaction);
        onDone();
      }}
    >
      {REACTION_SIGNS[reaction]}
    </AriaButton>
  ));
}
