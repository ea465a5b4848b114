import { Phone, PhoneOff } from "lucide-react";
import { useEffect } from "react";
import type { RingMessage } from "../../protocol.gen";
import type { DeskLine } from "../../state/desk/line";
import { useApp } from "../context";
import { useDeskLine } from "../frame/use-line";
import { Avatar } from "../ui/avatar";
import { Button } from "../ui/button";
import styles from "./calls.module.css";
import { startRinging } from "./ringtone";
import { useAnswer, useRing } from "./use-ring";
import { useCallWords } from "./words";

/**
 * The telephone where a dialog would be in the way: at the door of a room and inside it. It is silent inside, where
 * the others would hear it; accepting leaves the room for the call's.
 */
export function RingToast({ accountId, isInside }: { accountId: string; isInside: boolean }) {
  const { api } = useApp();
  const line = useDeskLine(accountId, api);
  const ring = useRing(line, accountId);
  return ring ? <Toast key={ring.call_id} ring={ring} line={line} isInside={isInside} /> : null;
}

function Toast({ ring, line, isInside }: { ring: RingMessage; line: DeskLine; isInside: boolean }) {
  const words = useCallWords();
  const { isBusy, answer } = useAnswer(ring, line);
  useEffect(() => (isInside ? undefined : startRinging()), [isInside]);
  return (
    <div
      className={styles.toast}
      role="alertdialog"
      aria-label={words.rings({ name: ring.from_name })}
      data-testid="ring-toast"
    >
      <Avatar name={ring.from_name} identity={ring.call_id} size={40} />
      <p className={styles.toastText}>
        <strong>{words.rings({ name: ring.from_name })}</strong>
        <span>{words.about({ about: ring.about })}</span>
      </p>
      <div className={styles.toastAnswers}>
        <Button tone="danger" isDisabled={isBusy} onPress={() => answer(false)} testId="decline-call">
          <PhoneOff size={16} aria-hidden />
          {words.decline}
        </Button>
        <Button tone="primary" isDisabled={isBusy} onPress={() => answer(true)} testId="accept-call">
          <Phone size={16} aria-hidden />
          {isInside ? words.leaveAndAccept : words.accept}
        </Button>
      </div>
    </div>
  );
}
