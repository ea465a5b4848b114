import type { DoctorReport } from "../api";
import type { Finding } from "../doctor";
import { isRelayed, measuredWay, relayWorks, type WayResult } from "./ways";

/** One sentence that sums up, and one on what to do.  Closed; the catalogues have words for each. */
export const VERDICTS = [
  "good",
  "insecure",
  "no_webrtc",
  "no_server",
  "no_socket",
  "other_address",
  "no_way",
  "relay_only",
  "tcp_only",
  "lossy",
  "slow_up",
  "slow_down",
  "far",
  "busy",
] as const;
export type Verdict = (typeof VERDICTS)[number];
export type Grade = "ok" | "warning" | "fault";

export interface Conclusion {
  readonly verdict: Verdict;
  readonly grade: Grade;
  readonly values: Readonly<Record<string, string | number>>;
}

/** What an examination has found out, as far as it has come. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly socket: boolean | null;
  readonly ways: readonly WayResult[];
  readonly downloadKbits: number | null;
  readonly server: DoctorReport | null;
}

/** Sound alone takes about 50 kbit/s, a clear camera 600; a call is hard to follow beyond these. */
export const UP_ENOUGH_KBITS = 600;
export const DOWN_ENOUGH_KBITS = 600;
export const LOSS_NOTICED_PERCENT = 5;
export const FAR_MS = 400;

/** What matters most, worst first: what keeps one out of meetings, then what makes them poor. */
export function conclude(examined: Examined): Conclusion {
  const { server, findings, socket, ways } = examined;
  const failed = (name: string): boolean =>
    findings.some((finding) => finding.name === name && finding.state === "fault");
  if (failed("secure_context")) return fault("insecure");
  if (failed("webrtc")) return fault("no_webrtc");
  if (!server) return fault("no_server");
  if (socket === false) return fault("no_socket");
  const values = {
    port: server.media_port,
    addresses: server.advertised.join(", "),
    reached_as: server.reached_as,
  };
  const working = ways.filter((way) => way.state === "ok");
  const direct = working.some((way) => !isRelayed(way.way));
  const elsewhere = findings.some((finding) => finding.sentence === "address_other");
  if (!direct && elsewhere)
    return relayWorks(ways) ? warning("other_address", values) : fault("other_address", values);
  if (working.length === 0)
    return ways.some((way) => way.state === "refused") ? warning("busy", values) : fault("no_way", values);
  return quality(examined) ?? detour(ways, values) ?? { verdict: "good", grade: "ok", values };
}

/** Poor figures matter more than which way they were measured on. */
function quality({ ways, downloadKbits }: Examined): Conclusion | null {
  const best = measuredWay(ways);
  if (!best) return null;
  const loss = best.lossPercent ?? 0;
  if (loss > LOSS_NOTICED_PERCENT) return warning("lossy", { loss: Math.round(loss) });
  const up = best.upKbits ?? Infinity;
  if (up < UP_ENOUGH_KBITS) return warning("slow_up", { kbits: Math.round(up) });
  const down = Math.min(
    downloadKbits ?? Infinity,
    couldCarryMore(best) ? Infinity : (best.downKbits ?? Infinity),
  );
  if (down < DOWN_ENOUGH_KBITS) return warning("slow_down", { kbits: Math.round(down) });
  if ((best.roundTripMs ?? 0) > FAR_MS) return warning("far", { ms: Math.round(best.roundTripMs ?? 0) });
  return null;
}

/** What comes back is never more than what goes out: only a clear shortfall is the way down's. */
function couldCarryMore({ upKbits, downKbits }: WayResult): boolean {
  return upKbits === null || downKbits === null || downKbits > 0.5 * upKbits;
}

function detour(ways: readonly WayResult[], values: Conclusion["values"]): Conclusion | null {
  const works = (way: string): boolean => ways.some((result) => result.way === way && result.state === "ok");
  if (works("udp")) return null;
  return warning(works("tcp") ? "tcp_only" : "relay_only", values);
}

function fault(verdict: Verdict, values: Conclusion["values"] = {}): Conclusion {
  return { verdict, grade: "fault", values };
}

function warning(verdict: Verdict, values: Conclusion["values"] = {}): Conclusion {
  return { verdict, grade: "warning", values };
}
