import { useCallback, useEffect, useState } from "react";

export interface FullScreen {
  /** iPhones have none. */
  readonly possible: boolean;
  readonly on: boolean;
  readonly toggle: () => void;
}

export function useFullScreen(): FullScreen {
  const [on, setOn] = useState(() => document.fullscreenElement !== null);
  useEffect(() => {
    const look = (): void => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  const toggle = useCallback(() => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen();
    // Refused without a gesture: nothing changes, nothing to say.
    change.catch(() => undefined);
  }, []);
  return { possible: document.fullscreenEnabled, on, toggle };
}
