import type { IceServer } from "../../protocol.gen";
import type { PeerSample } from "../media/stats";

/** The ways that media can take to the server, best first. */
export const WAYS = ["udp", "tcp", "turn_udp", "turn_tcp", "turn_tls"] as const;
export type Way = (typeof WAYS)[number];

/**
 * What became of a way: `ok` a picture came back over it; `blocked` no connection; `silent` a connection but no picture;
 * `denied` the relay answers but takes no credentials of this server; `absent` the server does not offer it; `refused` the server would not start a test call (busy).
 */
export type WayState = "waiting" | "running" | "ok" | "blocked" | "silent" | "denied" | "absent" | "refused";

export interface WayResult {
  readonly way: Way;
  readonly state: WayState;
  /** Milliseconds from the answer to both connections standing. */
  readonly connectMs: number | null;
  readonly roundTripMs: number | null;
  /** Of what came back, 0..100. */
  readonly lossPercent: number | null;
  readonly jitterMs: number | null;
  /** What the browser's own estimate allowed it to send, and what came back, in kbit/s. */
  readonly upKbits: number | null;
  readonly downKbits: number | null;
}

export function notTried(way: Way, state: WayState = "waiting"): WayResult {
  return {
    way,
    state,
    connectMs: null,
    roundTripMs: null,
    lossPercent: null,
    jitterMs: null,
    upKbits: null,
    downKbits: null,
  };
}

const CANDIDATE = /^a=candidate:\S+ \d+ (\S+) /i;

/** The session description with only those candidates that this way uses: TCP ones for "tcp", UDP ones for all others. */
export function onlyWay(sdp: string, way: Way): string {
  const wanted = way === "tcp" ? "tcp" : "udp";
  return sdp
    .split(/(?<=\n)/)
    .filter((line) => {
      const protocol = CANDIDATE.exec(line)?.[1];
      return protocol === undefined || protocol.toLowerCase() === wanted;
    })
    .join("");
}

export function hasCandidate(sdp: string): boolean {
  return sdp.split(/\r?\n/).some((line) => CANDIDATE.test(line));
}

/** How a relay is reached: RFC 7065 (turn: is UDP unless it says otherwise, turns: is TLS over TCP). */
export function wayOfRelay(url: string): Way | null {
  const scheme = /^(turns?):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  if (scheme === "turns") return "turn_tls";
  return /[?&]transport=tcp(?:&|$)/i.test(url) ? "turn_tcp" : "turn_udp";
}

/** The relays of this way with their credentials; none for ways without a relay. */
export function relaysOf(way: Way, servers: readonly IceServer[]): RTCIceServer[] {
  const found: RTCIceServer[] = [];
  for (const { urls, username, credential } of servers) {
    const mine = urls.filter((url) => wayOfRelay(url) === way);
    if (mine.length > 0) found.push({ urls: mine, username, credential });
  }
  return found;
}

export function isRelayed(way: Way): boolean {
  return way.startsWith("turn_");
}

/** What both ends of a test call said at one moment. */
export interface Reading {
  readonly sent: PeerSample;
  readonly seen: PeerSample;
}

/** Rates are taken over this last part of a test: before, the sender is still finding its rate. */
const SETTLED_MS = 3_000;

/** What a row of readings says of a connected way.  `capKbits`: the sender's own limit, more cannot be seen. */
export function measured(
  way: Way,
  connectMs: number,
  readings: readonly Reading[],
  capKbits: number,
): WayResult {
  const pictures = readings.map(({ seen }) => ({ atMs: seen.atMs, track: [...seen.tracks.values()][0] }));
  const first = pictures[0];
  const last = pictures.at(-1);
  if (!first || !last?.track?.frames) return { ...notTried(way, "silent"), connectMs };
  const settledFrom = last.atMs - SETTLED_MS;
  const from = pictures.find(({ atMs }) => atMs >= settledFrom) ?? first;
  const up = median(
    readings
      .filter(({ sent }) => sent.atMs >= settledFrom)
      .flatMap(({ sent }) => (sent.availableBps === null ? [] : [sent.availableBps / 1_000])),
  );
  const arrived = last.track.packets - (first.track?.packets ?? 0);
  const lost = Math.max(0, last.track.packetsLost - (first.track?.packetsLost ?? 0));
  const spanMs = last.atMs - from.atMs;
  return {
    way,
    state: "ok",
    connectMs,
    roundTripMs: median(readings.flatMap(({ sent }) => (sent.rttMs === null ? [] : [sent.rttMs]))),
    lossPercent: arrived + lost > 0 ? (100 * lost) / (arrived + lost) : 0,
    jitterMs: last.track.jitterMs,
    upKbits: up === null ? null : Math.min(up, capKbits),
    downKbits: spanMs > 0 ? ((last.track.bytes - (from.track?.bytes ?? 0)) * 8) / spanMs : null,
  };
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** The way whose figures stand for the connection. */
export function measuredWay(ways: readonly WayResult[]): WayResult | null {
  return ways.find((result) => result.state === "ok" && result.downKbits !== null) ?? null;
}

export function relayWorks(ways: readonly WayResult[]): boolean {
  return ways.some((result) => result.state === "ok" && isRelayed(result.way));
}
