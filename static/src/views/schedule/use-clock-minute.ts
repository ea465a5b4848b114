import { useEffect, useState } from "react";
import { systemClock } from "../../state/clock";

/** The time, again every half minute: for lines that show it. */
export function useClockMinute(): number {
  const [now, setNow] = useState(() => systemClock.now());
  useEffect(() => systemClock.every(30_000, () => setNow(systemClock.now())), []);
  return now;
}
