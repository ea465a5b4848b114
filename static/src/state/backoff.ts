const FIRST_MS = 300;
const LONGEST_MS = 8_000;

/**
 * How long to wait before attempt number `attempt` (0 is the first retry): doubling, bounded, and spread over half of
 * its length so that a whole park does not come back in one moment.  `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number, longestMs = LONGEST_MS): number {
  const full = Math.min(longestMs, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random);
}
