import type { Layout, PlannedItem, SlidesKind } from "../../protocol.gen";
import { Refusal, type Connection, type Request } from "../connection";

/** What people can ask of the stage by a click; a refusal is told by `refused`. */
export class StageDesk {
  constructor(
    private readonly connection: Pick<Connection, "request">,
    private readonly refused: (refusal: Refusal) => void,
  ) {}

  goLive = (): Promise<boolean> => this.#ask({ type: "stage_go_live" });
  end = (): Promise<boolean> => this.#ask({ type: "stage_end" });
  bring = (participantId: string, on: boolean): Promise<boolean> =>
    this.#ask({ type: "stage_bring", participant_id: participantId, on });
  arrange = (layout: Layout, focus: string): Promise<boolean> =>
    this.#ask({ type: "stage_layout", layout, focus });
  name = (participantId: string, name: string, line: string, shown: boolean): Promise<boolean> =>
    this.#ask({ type: "stage_name", participant_id: participantId, name, line, shown });
  show = (kind: SlidesKind, title: string, pages: number, more: ShownMoment = {}): Promise<boolean> =>
    this.#ask({ type: "stage_slides", kind, title, pages, ...more });
  hide = (): Promise<boolean> => this.#ask({ type: "stage_hide_slides" });
  turn = (page: number): Promise<boolean> => this.#ask({ type: "stage_page", page });
  plan = (items: readonly PlannedItem[]): Promise<boolean> => this.#ask({ type: "stage_run", items });
  take = (itemId: string): Promise<boolean> => this.#ask({ type: "stage_item", item_id: itemId });
  countDown = (seconds: number): Promise<boolean> => this.#ask({ type: "stage_countdown", seconds });

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

export interface ShownMoment {
  readonly page?: number;
  readonly playing?: boolean;
  readonly position_ms?: number;
  readonly duration_ms?: number;
}
