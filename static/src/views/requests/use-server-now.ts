import { useMemo } from "react";
import { systemClock } from "../../state/clock";
import { useClockMinute } from "../schedule/use-clock-minute";

/** The server's time, again every half minute: clocks of requests are read against it, whatever this computer's says. */
export function useServerNow(serverTimeMs: number | undefined): number {
  useClockMinute();
  const ahead = useMemo(
    () => (serverTimeMs === undefined ? 0 : serverTimeMs - systemClock.now()),
    [serverTimeMs],
  );
  return systemClock.now() + ahead;
}
