import type { Api } from "../api";

export type RestreamState = "idle" | "connecting" | "sending" | "retrying";

export const CAUSES = ["unreachable", "refused", "lost", "slow", "address", "media", "fault"] as const;
export type RestreamCause = (typeof CAUSES)[number];

export interface RestreamTarget {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly enabled: boolean;
  readonly state: RestreamState;
  readonly cause: RestreamCause | "";
}

/** Other platforms that one livestream is sent on to. */
export class Restreams {
  private readonly path: string;

  constructor(
    private readonly api: Pick<Api, "ask">,
    livestreamId: string,
  ) {
    this.path = `/api/livestreams/${encodeURIComponent(livestreamId)}/restreams`;
  }

  list = (): Promise<{ restreams: readonly RestreamTarget[] }> => this.api.ask("GET", this.path);
  add = (wish: { name: string; url: string; key: string }): Promise<RestreamTarget> =>
    this.api.ask("POST", this.path, wish);
  enable = ({ id, enabled }: { id: string; enabled: boolean }): Promise<void> =>
    this.api.ask("PATCH", `${this.path}/${id}`, { enabled });
  remove = (id: string): Promise<void> => this.api.ask("DELETE", `${this.path}/${id}`);
}
