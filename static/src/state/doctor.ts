import type { Api, CheckState, DoctorReport } from "./api";
import type { Clock } from "./clock";
import { Store } from "./store";

/** What the page itself can find out; the server adds its own findings by sentence code. */
export const OWN_CHECKS = ["secure_context", "webrtc", "devices", "server", "media_path", "clock"] as const;
export type OwnCheck = (typeof OWN_CHECKS)[number];

export interface Finding {
  readonly name: string;
  readonly state: CheckState | "running";
  /** Key of a sentence and of a cure in the catalogue; the server's may be newer than this page. */
  readonly sentence: string;
  readonly cure: string;
  readonly values: Readonly<Record<string, string | number | boolean>>;
}

export interface DoctorPort {
  readonly isSecureContext: boolean;
  readonly hasWebRtc: boolean;
  readonly hasDevices: boolean;
  /** Sends real UDP packets to the media port and resolves with whether something came back; null: cannot be told. */
  probeMedia(report: DoctorReport): Promise<boolean | null>;
}

const SKEW_TOLERATED_MS = 30_000;
/** With the server's own checks, which the answer waits for. */
const SLOW_ANSWER_MS = 1_000;

/** Finds out, before anybody waits in vain, whether a meeting can work here. */
export class Doctor {
  readonly findings = new Store<readonly Finding[]>([]);
  readonly running = new Store(false);
  /** What the server said last; null while it has not answered. */
  report: DoctorReport | null = null;

  constructor(
    private readonly api: Api,
    private readonly port: DoctorPort,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    if (this.running.get()) return;
    this.running.set(true);
    this.report = null;
    this.findings.set([
      finding("secure_context", this.port.isSecureContext ? "ok" : "fault"),
      finding("webrtc", this.port.hasWebRtc ? "ok" : "fault"),
      finding("devices", this.port.hasDevices ? "ok" : this.port.isSecureContext ? "warning" : "fault"),
    ]);
    try {
      const asked = this.clock.now();
      const report = await this.api.doctor();
      this.report = report;
      const answered = this.clock.now();
      const rtt_ms = answered - asked;
      this.#add(
        rtt_ms > SLOW_ANSWER_MS
          ? {
              ...finding("server", "warning", { rtt_ms }),
              sentence: "server_slow",
              cure: "server_slow_cure",
            }
          : finding("server", "ok", { rtt_ms }),
      );
      const skew = Math.round(report.server_time_ms - (asked + answered) / 2);
      this.#add(
        finding("clock", Math.abs(skew) > SKEW_TOLERATED_MS ? "warning" : "ok", {
          seconds: Math.round(Math.abs(skew) / 1000),
        }),
      );
      for (const check of report.checks)
        this.#add({
          name: `server.${check.name}`,
          state: check.state,
          sentence: check.sentence_code,
          cure: check.cure_code,
          values: check.values,
        });
      const reached = this.port.hasWebRtc ? await this.port.probeMedia(report) : null;
      if (reached !== null) this.#add(finding("media_path", reached ? "ok" : "fault"));
    } catch {
      this.#add(finding("server", "fault"));
    } finally {
      this.running.set(false);
    }
  }

  /** The finding that matters most, for the single line in pre-join; null while nothing is known. */
  static worst(findings: readonly Finding[]): Finding | null {
    const secureHere = findings.some((entry) => entry.name === "secure_context" && entry.state === "ok");
    // What others would need is for the panel; the line is about whoever reads it.
    const mine = findings.filter((entry) => !(secureHere && entry.name === "server.https"));
    return (
      mine.find((entry) => entry.state === "fault") ??
      mine.find((entry) => entry.state === "warning") ??
      findings.find((entry) => entry.name === "server") ??
      null
    );
  }

  #add(entry: Finding): void {
    this.findings.update((list) => [...list, entry]);
  }
}

function finding(name: OwnCheck, state: CheckState, values: Finding["values"] = {}): Finding {
  const suffix = state === "ok" ? "ok" : "bad";
  return { name, state, sentence: `${name}_${suffix}`, cure: state === "ok" ? "" : `${name}_cure`, values };
}
