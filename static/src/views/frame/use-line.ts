import { useEffect, useState } from "react";
import type { Api } from "../../state/api";
import { systemClock } from "../../state/clock";
import { DeskLine } from "../../state/desk/line";
import { Notices } from "../../state/desk/notices";
import { webSocketOpener } from "../../state/dialer";

/** From one page to the next the line stays; this long after the last page it goes. */
const LINGER_MS = 5_000;

interface Shared {
  readonly accountId: string;
  readonly line: DeskLine;
  users: number;
  stopLinger: (() => void) | null;
}

let shared: Shared | null = null;

function take(accountId: string, api: Api): Shared {
  if (shared?.accountId !== accountId) {
    shared?.stopLinger?.();
    shared?.line.close();
    const line: DeskLine = new DeskLine(webSocketOpener(window.location, "/ws"), systemClock, () => {
      // Only the count is wanted; the words are asked for by the inbox itself.
      new Notices(api, "en").page({ state: "unread", area: "", before: "", limit: 1 }).then(
        ({ unread }) => line.unread.set(unread),
        () => undefined,
      );
    });
    shared = { accountId, line, users: 0, stopLinger: null };
  }
  return shared;
}

/** The line of whoever is signed in; the same one on every page. */
export function useDeskLine(accountId: string, api: Api): DeskLine {
  const [held] = useState(() => take(accountId, api));
  useEffect(() => {
    held.stopLinger?.();
    held.users += 1;
    return () => {
      held.users -= 1;
      if (held.users > 0) return;
      held.stopLinger = systemClock.after(LINGER_MS, () => {
        held.line.close();
        if (shared === held) shared = null;
      });
    };
  }, [held]);
  return held.line;
}
