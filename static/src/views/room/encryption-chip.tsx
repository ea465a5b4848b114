import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useStore, useText } from "../context";
import { Dialog } from "../ui/dialog";
import styles from "./encryption-chip.module.css";
import meeting from "./meeting.module.css";
import { useMeeting } from "./room-context";

/** That the meeting is end-to-end encrypted, and behind it the phrase that people compare. */
export function EncryptionChip() {
  const { encryption } = useMeeting();
  const text = useText();
  const { state } = useStore(encryption.status);
  const [open, setOpen] = useState(false);
  if (state !== "on") return null;
  return (
    <>
      <AriaButton className={meeting.badge ?? ""} data-testid="encryption" onPress={() => setOpen(true)}>
        <ShieldCheck size={14} aria-hidden />
        {text.encryption.chip}
      </AriaButton>
      <Dialog title={text.encryption.title} isOpen={open} onClose={() => setOpen(false)}>
        <div className={styles.about} data-testid="encryption-dialog">
          <p>{text.encryption.about}</p>
          <Phrase />
          <p>
            {text.encryption.compare} {text.encryption.changes}
          </p>
          <ul>
            <li>{text.encryption.without}</li>
            <li>{text.encryption.notHidden}</li>
          </ul>
        </div>
      </Dialog>
    </>
  );
}

function Phrase() {
  const { encryption } = useMeeting();
  const text = useText();
  const { phrase, devices } = useStore(encryption.status);
  return (
    <div className={styles.phrase} role="group" aria-label={text.encryption.phraseLabel}>
      <span className={styles.label}>{text.encryption.phraseLabel}</span>
      <span className={styles.digits} role="status" data-testid="encryption-phrase">
        {phrase ? phrase.join(" ") : `${text.encryption.working}…`}
      </span>
      <span className={styles.label}>{text.encryption.devices({ count: devices })}</span>
    </div>
  );
}
