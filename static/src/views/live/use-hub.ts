import { useEffect, useMemo, useRef, useState } from "react";
import { systemClock } from "../../state/clock";
import { HubClient, HubRefused } from "../../state/live/hub";
import type { Livestreams } from "../../state/live/livestreams";
import type { LiveWords } from "./words";

/** The audience's socket of a livestream, for as long as the page shows it.  `token` gives a fresh one. */
export function useHub(livestreamId: string, token: () => Promise<string>): HubClient {
  const asked = useRef(token);
  useEffect(() => {
    asked.current = token;
  });
  const client = useMemo(() => {
    const url = `${window.location.origin.replace(/^http/, "ws")}/api/livestreams/${livestreamId}/hub`;
    return new HubClient(
      () => new WebSocket(url),
      () => asked.current(),
      systemClock,
    );
  }, [livestreamId]);
  useEffect(() => {
    client.connect();
    return () => client.leave();
  }, [client]);
  return client;
}

/** The same for who has a part in it: the page has no viewer's token, so it asks for one. */
export function useOwnHub(livestreamId: string, livestreams: Livestreams): HubClient {
  return useHub(livestreamId, async () => {
    const watch = await livestreams.watch(livestreamId, "", "", "");
    if (watch.token === "") throw new Error("has no part in it");
    return watch.token;
  });
}

/** What went wrong with a request, in words; "" when nothing did. */
export function faultText(words: LiveWords, cause: unknown): string {
  if (!(cause instanceof HubRefused)) return words.problem;
  if (cause.code === "rate_limited" && cause.retryAfterMs > 0)
    return words.wait({ seconds: Math.ceil(cause.retryAfterMs / 1_000) });
  return cause.code === "unavailable" ? words.lost : words.problem;
}

/** Now, in steps of `everyMs`. */
export function useTick(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
