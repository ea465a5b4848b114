import { Copy, QrCode } from "lucide-react";
import { useText } from "../context";
import { Button } from "../ui/button";
import { copyText } from "../ui/copy-text";
import { roomLink } from "./room-link";
import { useMeeting } from "./room-context";
import styles from "./stage.module.css";

/** Nobody else is here: the one useful thing is to send the link. */
export function Alone({ onInvite }: { onInvite: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  return (
    <div className={styles.alone}>
      <div>
        <h2>{text.stage.alone}</h2>
        <p>{text.stage.aloneText}</p>
      </div>
      <div className={styles.aloneActions}>
        <Button
          tone="primary"
          onPress={() => {
            void copyText(roomLink(meeting.code)).then((copied) => {
              if (copied) meeting.notify({ kind: "copied" });
              else onInvite();
            });
          }}
        >
          <Copy size={16} aria-hidden />
          {text.invite.copy}
        </Button>
        <Button onPress={onInvite}>
          <QrCode size={16} aria-hidden />
          {text.more.invite}
        </Button>
      </div>
    </div>
  );
}
