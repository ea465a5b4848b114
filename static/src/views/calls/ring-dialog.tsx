import { Phone, PhoneOff } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import type { RingMessage } from "../../protocol.gen";
import { Calls } from "../../state/desk/calls";
import type { DeskLine } from "../../state/desk/line";
import { useApp, useStore } from "../context";
import { Avatar } from "../ui/avatar";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import styles from "./calls.module.css";
import { startRinging } from "./ringtone";
import { useCallWords } from "./words";

/** The telephone of every page: rings until somebody answers it, here or on another page, or its time is over. */
export function RingDialog({ line, accountId }: { line: DeskLine; accountId: string }) {
  const { api } = useApp();
  const ring = useStore(line.ring);
  useEffect(() => {
    // A page that was opened while it rings already.
    new Calls(api).ringing().then(
      ({ calls }) => {
        const mine = calls.find((call) => call.callee.id === accountId);
        if (mine && !line.ring.get())
          line.ring.set({
            type: "ring",
            call_id: mine.id,
            from_name: mine.caller.name,
            about: mine.about,
            path: mine.path,
            expires_at_ms: mine.expires_at_ms,
          });
      },
      () => undefined,
    );
  }, [api, line, accountId]);
  return ring ? <Ringing key={ring.call_id} ring={ring} line={line} /> : null;
}

function Ringing({ ring, line }: { ring: RingMessage; line: DeskLine }) {
  const { api, router } = useApp();
  const words = useCallWords();
  const calls = useMemo(() => new Calls(api), [api]);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => startRinging(), []);
  useEffect(() => {
    // Should the word that it is over be lost; the clock of this page may be wrong, so the longest that it can take.
    const left = Math.min(Math.max(ring.expires_at_ms - Date.now(), 5_000), 60_000);
    const timer = setTimeout(() => line.ring.set(null), left);
    return () => clearTimeout(timer);
  }, [ring, line]);
  const answer = (accept: boolean): void => {
    setBusy(true);
    calls
      .answer(ring.call_id, accept)
      .then(
        (call) => {
          if (call.code) router.go(`/m/${call.code}`);
        },
        () => undefined, // over meanwhile
      )
      .finally(() => line.ring.set(null));
  };
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
