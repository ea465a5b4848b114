import { useText } from "../context";
import { CopyField } from "../ui/copy-field";
import { Dialog, DialogText } from "../ui/dialog";
import { useMeeting } from "./room-context";
import { roomLink } from "./room-link";
import styles from "./panel.module.css";

export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  return (
    <Dialog title={text.invite.title} isOpen={isOpen} onClose={onClose}>
      <DialogText>{text.invite.text}</DialogText>
      <p className={styles.code}>
        {text.invite.code} <strong translate="no">{meeting.code}</strong>
      </p>
      <CopyField label={text.invite.link} value={roomLink(meeting.code)} />
      <figure className={styles.qr}>
        <img src={`/api/rooms/${meeting.code}/qr.svg`} alt={text.invite.qr} width={176} height={176} />
        <figcaption>{text.invite.qrText}</figcaption>
      </figure>
    </Dialog>
  );
}
