import { useEffect } from "react";
import type { AnyEvent } from "../../protocol.gen";
import type { Meeting } from "../../state/meeting/meeting";
import { playKnock } from "./sound";

const QUIET_BETWEEN_MS = 4_000;

/** Whoever may open the door hears that somebody is at it: hosts often look at another window. */
export function useKnock(meeting: Meeting): void {
  useEffect(() => {
    let lastMs = Number.NEGATIVE_INFINITY;
    const listener = ({ event }: AnyEvent): void => {
      const now = performance.now();
      if (event !== "lobby_asked" || now - lastMs < QUIET_BETWEEN_MS) return;
      lastMs = now;
      void playKnock(meeting.preferences.get().speakerId);
    };
    meeting.listeners.add(listener);
    return () => void meeting.listeners.delete(listener);
  }, [meeting]);
}
