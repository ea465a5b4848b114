import { useEffect, useMemo, useState } from "react";
import type { RingMessage } from "../../protocol.gen";
import { Calls } from "../../state/desk/calls";
import type { DeskLine } from "../../state/desk/line";
import { useApp, useStore } from "../context";

/** What rings at this person, also when the page was opened while it rang already. */
export function useRing(line: DeskLine, accountId: string): RingMessage | null {
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
  return ring;
}

/** Answering it; accepted, the call's room is where one goes. */
export function useAnswer(
  ring: RingMessage,
  line: DeskLine,
): { readonly isBusy: boolean; readonly answer: (accept: boolean) => void } {
  const { api, router } = useApp();
  const calls = useMemo(() => new Calls(api), [api]);
  const [isBusy, setBusy] = useState(false);
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
  return { isBusy, answer };
}
