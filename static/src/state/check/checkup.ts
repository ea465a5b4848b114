import type { Api, DoctorReport } from "../api";
import type { Clock } from "../clock";
import { Doctor, type DoctorPort } from "../doctor";
import { Store } from "../store";
import { conclude, type Conclusion, type Examined } from "./conclude";
import { downloadSpeed } from "./speed";
import { tryWay, type WayPort } from "./try-way";
import { notTried, WAYS, type Way, type WayResult } from "./ways";

/** What this browser can do in a meeting; null: it does not tell. */
export interface Abilities {
  readonly videoCodecs: readonly string[];
  readonly screenShare: boolean;
  readonly encryption: boolean;
  readonly camera: PermissionState | null;
  readonly microphone: PermissionState | null;
}

export interface CheckupPort extends DoctorPort, WayPort {
  abilities(): Promise<Abilities>;
  /** Whether a WebSocket to this server opens. */
  opensSocket(): Promise<boolean>;
}

export type Step = "idle" | "server" | "socket" | Way | "download" | "done";
export const STEPS: readonly Step[] = ["server", "socket", ...WAYS, "download"];

export interface Checkup extends Examined {
  readonly step: Step;
  readonly abilities: Abilities | null;
  readonly conclusion: Conclusion | null;
  readonly endedAtMs: number;
}

const NOTHING_YET: Checkup = {
  step: "idle",
  findings: [],
  socket: null,
  ways: WAYS.map((way) => notTried(way)),
  downloadKbits: null,
  abilities: null,
  server: null,
  conclusion: null,
  endedAtMs: 0,
};

/** The first way that works is measured this long, for the browser needs the time to find its rate; the others short. */
const MEASURED_MS = 8_000;
const TRIED_MS = 2_000;

/** The whole examination of a connection, step by step; what is known so far is there to be shown. */
export class CheckupModel {
  readonly state = new Store<Checkup>(NOTHING_YET);

  constructor(
    private readonly api: Api,
    private readonly port: CheckupPort,
    private readonly clock: Clock,
  ) {}

  get running(): boolean {
    const { step } = this.state.get();
    return step !== "idle" && step !== "done";
  }

  async run(): Promise<void> {
    if (this.running) return;
    this.state.set({ ...NOTHING_YET, step: "server" });
    const [server, abilities] = await Promise.all([this.#examine(), this.port.abilities()]);
    this.#know({ server, abilities, step: "socket" });
    if (server) {
      this.#know({ socket: await this.port.opensSocket() });
      if (this.port.hasWebRtc) await this.#tryWays();
      this.#know({ step: "download" });
      this.#know({ downloadKbits: await downloadSpeed(this.api.download, this.clock) });
    }
    this.#know({ step: "done", endedAtMs: this.clock.now() });
    this.#know({ conclusion: conclude(this.state.get()) });
  }

  async #examine(): Promise<DoctorReport | null> {
    const doctor = new Doctor(this.api, this.port, this.clock);
    await doctor.run();
    this.#know({ findings: doctor.findings.get() });
    return doctor.report;
  }

  async #tryWays(): Promise<void> {
    let measuredOne = false;
    for (const way of WAYS) {
      this.#know({ step: way });
      this.#note({ ...notTried(way), state: "running" });
      const duration = measuredOne ? TRIED_MS : MEASURED_MS;
      const result = await tryWay(way, duration, this.api, this.port, this.clock);
      // A short try says that a way works, and how far it is; not how much it carries.
      this.#note(measuredOne ? { ...result, upKbits: null, downKbits: null } : result);
      measuredOne ||= result.state === "ok";
    }
  }

  #note(result: WayResult): void {
    this.state.update((state) => ({
      ...state,
      ways: state.ways.map((known) => (known.way === result.way ? result : known)),
    }));
  }

  #know(more: Partial<Checkup>): void {
    this.state.update((state) => ({ ...state, ...more }));
  }
}
