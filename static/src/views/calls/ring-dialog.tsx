import { Phone, PhoneOff } from "lucide-react";
import { useEffect } from "react";
import { Link } from "react-aria-components";
import type { RingMessage } from "../../protocol.gen";
import type { DeskLine } from "../../state/desk/line";
import { Avatar } from "../ui/avatar";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import styles from "./calls.module.css";
import { startRinging } from "./ringtone";
import { useAnswer, useRing } from "./use-ring";
import { useCallWords } from "./words";

/** The telephone of every page: rings until somebody answers it, here or on another page, or its time is over. */
export function RingDialog({ line, accountId }: { line: DeskLine; accountId: string }) {
  const ring = useRing(line, accountId);
  return ring ? <Ringing key={ring.call_id} ring={ring} line={line} /> : null;
}

function Ringing({ ring, line }: { ring: RingMessage; line: DeskLine }) {
  const words = useCallWords();
  const { isBusy, answer } = useAnswer(ring, line);
  useEffect(() => startRinging(), []);
  return (
    <Dialog title={words.rings({ name: ring.from_name })} isOpen role="alertdialog" onClose={() => undefined}>
      <div className={styles.ringing} data-testid="ringing">
        <Avatar name={ring.from_name} identity={ring.call_id} size={56} />
        <p>
          {words.about({ about: ring.about })}
          <br />
          <Link className={styles.see ?? ""} href={ring.path}>
            {words.see}
          </Link>
        </p>
      </div>
      <div className={styles.answers}>
        <Button tone="danger" large isDisabled={isBusy} onPress={() => answer(false)} testId="decline-call">
          <PhoneOff size={18} aria-hidden />
          {words.decline}
        </Button>
        <Button
          tone="primary"
          large
          autoFocus
          isDisabled={isBusy}
          onPress={() => answer(true)}
          testId="accept-call"
        >
          <Phone size={18} aria-hidden />
          {words.accept}
        </Button>
      </div>
    </Dialog>
  );
}
