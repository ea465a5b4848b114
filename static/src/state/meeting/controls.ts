import type { FileSharing, Reaction, Source } from "../../protocol.gen";
import { Refusal, type Connection, type Request } from "../connection";

/** What people can ask of the room by a click.  A refusal is told by `refused`, so that no button does nothing in silence. */
export class Controls {
  constructor(
    private readonly connection: Connection,
    private readonly refused: (refusal: Refusal) => void,
  ) {}

  raiseHand = (raised: boolean): Promise<boolean> => this.#ask({ type: "raise_hand", raised });
  react = (reaction: Reaction): Promise<boolean> => this.#ask({ type: "react", reaction });
  rename = (name: string): Promise<boolean> => this.#ask({ type: "rename", name });

  mute = (participantId: string, source: Source): Promise<boolean> =>
    this.#ask({ type: "mute_participant", participant_id: participantId, source });
  muteAll = (): Promise<boolean> => this.#ask({ type: "mute_all" });
  lowerHand = (participantId: string): Promise<boolean> =>
    this.#ask({ type: "lower_hand", participant_id: participantId });
  remove = (participantId: string): Promise<boolean> =>
    this.#ask({ type: "remove", participant_id: participantId });
  setCoHost = (
    participantId: string,
    coHost: boolean,
    otherwise: "participant" | "guest",
  ): Promise<boolean> =>
    this.#ask({ type: "set_role", participant_id: participantId, role: coHost ? "co_host" : otherwise });
  setLocked = (locked: boolean): Promise<boolean> => this.#ask({ type: "set_locked", locked });
  setFileSharing = (sharing: FileSharing): Promise<boolean> =>
    this.#ask({ type: "set_file_sharing", sharing });
  setLobby = (enabled: boolean): Promise<boolean> => this.#ask({ type: "set_lobby", enabled });
  /** "" admits everyone who waits. */
  admit = (entryId: string): Promise<boolean> => this.#ask({ type: "admit", entry_id: entryId });
  deny = (entryId: string): Promise<boolean> => this.#ask({ type: "deny", entry_id: entryId });
  startRecording = (tracks: boolean): Promise<boolean> => this.#ask({ type: "start_recording", tracks });
  pauseRecording = (paused: boolean): Promise<boolean> => this.#ask({ type: "pause_recording", paused });
  stopRecording = (): Promise<boolean> => this.#ask({ type: "stop_recording" });
  endForAll = (): Promise<boolean> => this.#ask({ type: "end" });

  async #ask(request: Request): Promise<boolean> {
    try {
      await this.connection.request(request);
      return true;
    } catch (cause) {
      this.refused(cause instanceof Refusal ? cause : new Refusal("internal"));
      return false;
    }
  }
}
