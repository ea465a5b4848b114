import type { Code } from "../../protocol.gen";
import { ApiError, type Api } from "../api";
import { Store } from "../store";
import type { MachineBrief } from "./desk";

/** What a nameplate says, "" for what it does not, and what is known by it. */
export interface PlateReading {
  readonly make: string;
  readonly model: string;
  readonly serial: string;
  readonly machine: MachineBrief | null;
  readonly manual: { readonly id: string; readonly title: string; readonly page: number } | null;
}

/** not_installed: this server reads no text; no_photo: nobody has taken one in this session. */
export type PlateFault = "not_installed" | "no_photo" | Code;

/** Everything rejects with an ApiError. */
export interface NameplatePort {
  /** The newest photo of the session; null when there is none. */
  newestStill(): Promise<string | null>;
  read(stillId: string): Promise<PlateReading>;
  /** The session is about this machine. */
  choose(machineId: string): Promise<unknown>;
}

export function sessionNameplate(
  api: Pick<Api, "ask" | "askPatiently">,
  sessionId: string,
  bearer: string,
): NameplatePort {
  const path = `/api/assist/sessions/${encodeURIComponent(sessionId)}`;
  return {
    newestStill: async () => {
      const { stills } = await api.ask<{ stills: readonly { readonly id: string }[] }>(
        "GET",
        `${path}/stills`,
        undefined,
        bearer,
      );
      return stills.at(-1)?.id ?? null;
    },
    read: (stillId) =>
      api.askPatiently("POST", `${path}/stills/${encodeURIComponent(stillId)}/nameplate`, bearer),
    choose: (machineId) => api.ask("PATCH", path, { machine_id: machineId }),
  };
}

/** The nameplate on the newest photo. */
export class Nameplate {
  readonly reading = new Store<PlateReading | null>(null);
  readonly fault = new Store<PlateFault | null>(null);
  readonly isReading = new Store(false);
  /** The session has been told its machine. */
  readonly chosen = new Store(false);

  constructor(private readonly port: NameplatePort) {}

  async read(): Promise<void> {
    if (this.isReading.get()) return;
    this.isReading.set(true);
    this.fault.set(null);
    this.reading.set(null);
    this.chosen.set(false);
    try {
      const stillId = await this.port.newestStill();
      if (stillId === null) this.fault.set("no_photo");
      else this.reading.set(await this.port.read(stillId));
    } catch (cause) {
      // Away for a time is told with when to ask again; a server that reads no text has no such time.
      const said = cause instanceof ApiError && cause.status > 0; // by the server: not the line that broke off
      const away = said && cause.code === "unavailable" && cause.retryAfterMs === 0;
      this.fault.set(away ? "not_installed" : codeOf(cause));
    } finally {
      this.isReading.set(false);
    }
  }

  async choose(): Promise<void> {
    const machine = this.reading.get()?.machine;
    if (!machine) return;
    try {
      await this.port.choose(machine.id);
      this.chosen.set(true);
    } catch (cause) {
      this.fault.set(codeOf(cause));
    }
  }
}

function codeOf(cause: unknown): Code {
  return cause instanceof ApiError ? cause.code : "internal";
}
