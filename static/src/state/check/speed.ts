import type { Clock } from "../clock";

const DOWNLOADS_MAX = 8;
const LASTS_MS = 3_000;

/** kbit/s over https, from the first byte on; null when nothing came.  At most 8 MB or three seconds. */
export async function downloadSpeed(
  download: (onBytes: (bytes: number) => void, signal: AbortSignal) => Promise<void>,
  clock: Clock,
): Promise<number | null> {
  const stop = new AbortController();
  let began = 0;
  let ended = 0;
  let bytes = 0;
  const cancel = clock.after(LASTS_MS, () => stop.abort());
  const count = (piece: number): void => {
    ended = clock.now();
    if (began === 0) began = ended;
    else bytes += piece;
  };
  try {
    for (let number = 0; number < DOWNLOADS_MAX && !stop.signal.aborted; number += 1)
      await download(count, stop.signal);
  } catch {
    // Cut off by the time, or by the network: what came until then counts.
  } finally {
    cancel();
  }
  return ended > began ? (bytes * 8) / (ended - began) : null;
}
