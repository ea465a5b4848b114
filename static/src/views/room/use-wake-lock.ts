import { useEffect } from "react";

/** Keeps the screen on during a meeting.  Browsers take the lock away when the page is hidden: it is asked for again. */
export function useWakeLock(): void {
  useEffect(() => {
    if (!("wakeLock" in navigator)) return;
    let gone = false;
    let lock: WakeLockSentinel | null = null;
    const ask = async (): Promise<void> => {
      if (document.visibilityState !== "visible") return;
      try {
        const taken = await navigator.wakeLock.request("screen");
        if (gone) await taken.release();
        else lock = taken;
      } catch {
        // Low battery or not allowed: the screen may go dark, the meeting goes on.
      }
    };
    const onChange = (): void => void ask();
    void ask();
    document.addEventListener("visibilitychange", onChange);
    return () => {
      gone = true;
      document.removeEventListener("visibilitychange", onChange);
      void lock?.release();
    };
  }, []);
}
