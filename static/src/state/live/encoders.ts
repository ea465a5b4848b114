import type { Api } from "../api";

export type EncoderState = "idle" | "sending" | "awaited";

/** What comes with a key by RTMP or SRT now. */
export interface SentStream {
  readonly video: string;
  readonly audio: string;
  readonly copied: boolean;
  readonly video_bps: number;
  readonly audio_bps: number;
  readonly jumps: number;
}

export interface StreamKey {
  readonly id: string;
  readonly name: string;
  readonly state: EncoderState;
  readonly used_at_ms: number;
  readonly srt_port: number;
  readonly stream: SentStream | null;
}

export interface Addresses {
  readonly whip: string;
  readonly rtmp: string;
}

/** `secret` and `srt` are shown this once. */
export interface MadeStreamKey {
  readonly secret: string;
  readonly srt: string;
  readonly key: StreamKey;
  readonly addresses: Addresses;
}

/** The keys by which encoders send to the stage of one livestream. */
export class Encoders {
  private readonly path: string;

  constructor(
    private readonly api: Pick<Api, "ask">,
    livestreamId: string,
  ) {
    this.path = `/api/livestreams/${encodeURIComponent(livestreamId)}/stream-keys`;
  }

  list = (): Promise<{ keys: readonly StreamKey[]; addresses: Addresses }> => this.api.ask("GET", this.path);
  make = (name: string): Promise<MadeStreamKey> => this.api.ask("POST", this.path, { name });
  renew = (id: string): Promise<MadeStreamKey> => this.api.ask("POST", `${this.path}/${id}/renew`);
  revoke = (id: string): Promise<void> => this.api.ask("DELETE", `${this.path}/${id}`);
}
