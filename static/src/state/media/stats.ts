import type { Source } from "../../protocol.gen";
import type { Clock } from "../clock";

/** What the statistics of one peer connection said at one moment: counters that only grow, and gauges. */
export interface TrackCounters {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly packets: number;
  readonly packetsLost: number;
  readonly bytes: number;
  readonly frames: number;
  readonly freezes: number;
  readonly freezeMs: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly jitterMs: number;
  /** Share of packets that the other side missed, as it reported last; -1 when unknown. */
  readonly reportedLoss: number;
  readonly limitedBy: "none" | "cpu" | "bandwidth" | "other";
}

export interface PeerSample {
  readonly atMs: number;
  readonly rttMs: number | null;
  /** Bits per second that the sender's estimator believes in; null when unknown. */
  readonly availableBps: number | null;
  /** "udp", "tcp" or "relay", as the selected pair has it. */
  readonly transport: string;
  readonly tracks: ReadonlyMap<string, TrackCounters>;
}

/** Between two samples: rates. */
export interface TrackRates {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly source?: Source;
  readonly bitsPerSecond: number;
  readonly lossShare: number;
  readonly framesPerSecond: number;
  readonly freezesMs: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly jitterMs: number;
  readonly limitedBy: TrackCounters["limitedBy"];
}

type Entry = Record<string, unknown>;

function number(entry: Entry | undefined, key: string, otherwise = 0): number {
  const value = entry?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

function text(entry: Entry | undefined, key: string): string {
  const value = entry?.[key];
  return typeof value === "string" ? value : "";
}

/** Reads a stats report (W3C webrtc-stats); `direction` tells which of the RTP entries count. */
export function readSample(
  entries: Iterable<Entry>,
  direction: "inbound" | "outbound",
  atMs: number,
): PeerSample {
  const all = new Map<string, Entry>();
  for (const entry of entries) all.set(text(entry, "id"), entry);
  let pair: Entry | undefined;
  for (const entry of all.values()) {
    if (text(entry, "type") === "transport" && text(entry, "selectedCandidatePairId"))
      pair = all.get(text(entry, "selectedCandidatePairId"));
  }
  // Firefox has no transport entry: the pair says itself that it is the one.
  pair ??= [...all.values()].find(
    (entry) =>
      text(entry, "type") === "candidate-pair" &&
      (entry["selected"] === true || (entry["nominated"] === true && text(entry, "state") === "succeeded")),
  );
  const local = all.get(text(pair, "localCandidateId"));
  const tracks = new Map<string, TrackCounters>();
  for (const entry of all.values()) {
    if (text(entry, "type") !== `${direction}-rtp`) continue;
    const kind = text(entry, "kind") === "audio" ? "audio" : "video";
    const remote = all.get(text(entry, "remoteId"));
    const codec = all.get(text(entry, "codecId"));
    const limit = text(entry, "qualityLimitationReason");
    const mid = text(entry, "mid");
    const inbound = direction === "inbound";
    // What a paused encoding said last is not true of what is sent now.
    const isPaused = entry["active"] === false;
    const counters: TrackCounters = {
      mid,
      kind,
      packets: number(entry, inbound ? "packetsReceived" : "packetsSent"),
      packetsLost: number(entry, "packetsLost"),
      bytes: number(entry, inbound ? "bytesReceived" : "bytesSent"),
      frames: number(entry, inbound ? "framesDecoded" : "framesEncoded"),
      freezes: number(entry, "freezeCount"),
      freezeMs: number(entry, "totalFreezesDuration") * 1000,
      width: isPaused ? 0 : number(entry, "frameWidth"),
      height: number(entry, "frameHeight"),
      codec: text(codec, "mimeType").replace(/^.*\//, ""),
      jitterMs: number(inbound ? entry : remote, "jitter") * 1000,
      reportedLoss: isPaused ? -1 : number(remote, "fractionLost", -1),
      limitedBy: isPaused
        ? "none"
        : limit === "cpu" || limit === "bandwidth" || limit === "other"
          ? limit
          : "none",
    };
    const sibling = tracks.get(mid);
    tracks.set(mid, sibling ? together(sibling, counters) : counters);
  }
  const rtt = number(pair, "currentRoundTripTime", -1);
  const available = number(pair, "availableOutgoingBitrate", -1);
  return {
    atMs,
    rttMs: rtt < 0 ? null : rtt * 1000,
    availableBps: available < 0 ? null : available,
    transport: text(local, "candidateType") === "relay" ? "relay" : text(local, "protocol"),
    tracks,
  };
}

/** Two simulcast encodings of one track: what they cost adds up, what is seen is the better one. */
function together(a: TrackCounters, b: TrackCounters): TrackCounters {
  const best = b.width > a.width ? b : a;
  return {
    ...best,
    packets: a.packets + b.packets,
    packetsLost: a.packetsLost + b.packetsLost,
    bytes: a.bytes + b.bytes,
    jitterMs: Math.max(a.jitterMs, b.jitterMs),
    reportedLoss: Math.max(a.reportedLoss, b.reportedLoss),
    limitedBy: a.limitedBy === "none" ? b.limitedBy : a.limitedBy,
  };
}

/** What this connection says of itself now. */
export async function samplePeer(
  peer: Pick<RTCPeerConnection, "getStats">,
  direction: "inbound" | "outbound",
  clock: Clock,
): Promise<PeerSample> {
  const entries: Entry[] = [];
  (await peer.getStats()).forEach((entry: Entry) => entries.push(entry));
  return readSample(entries, direction, clock.now());
}

export function ratesBetween(before: PeerSample | null, now: PeerSample): readonly TrackRates[] {
  const seconds = before ? Math.max(0.001, (now.atMs - before.atMs) / 1000) : 0;
  return [...now.tracks.values()].map((track) => {
    const former = before?.tracks.get(track.mid);
    const grown = (key: "packets" | "packetsLost" | "bytes" | "frames" | "freezeMs"): number =>
      former ? Math.max(0, track[key] - former[key]) : 0;
    const lost = grown("packetsLost");
    const expected = lost + grown("packets");
    return {
      mid: track.mid,
      kind: track.kind,
      bitsPerSecond: seconds ? (grown("bytes") * 8) / seconds : 0,
      lossShare: track.reportedLoss >= 0 ? track.reportedLoss : expected > 0 ? lost / expected : 0,
      framesPerSecond: seconds ? grown("frames") / seconds : 0,
      freezesMs: grown("freezeMs"),
      width: track.width,
      height: track.height,
      codec: track.codec,
      jitterMs: track.jitterMs,
      limitedBy: track.limitedBy,
    };
  });
}
