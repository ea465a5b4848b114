import type { RoomView } from "../../protocol.gen";
import type { Clock } from "../clock";
import { MainSpeaker } from "../layout";
import { inOrder, isLive } from "../room";
import { StageOrder } from "../stage-order";
import { Store } from "../store";

/** Who is where on the stage of one visit: the order of the tiles, the big place, the page that is shown. */
export class Placement {
  /** Ids of the others, best first. */
  readonly order = new Store<readonly string[]>([]);
  /** Who has the big place in the speaker layout. */
  readonly mainSpeaker = new Store("");
  /** The page of the grid that is shown; 0 is the first. */
  readonly page = new Store(0);

  readonly #order = new StageOrder();
  readonly #main = new MainSpeaker();
  #pages = 1;
  #firstPage = Number.POSITIVE_INFINITY;
  #arrange: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** The grid as it was drawn: its pages, and how many of the others the first one holds. */
  setGrid(pages: number, firstPage: number): void {
    this.#pages = pages;
    if (this.page.get() >= pages) this.page.set(pages - 1);
    if (firstPage === this.#firstPage) return;
    this.#firstPage = firstPage;
    this.#arrange();
  }

  turn(by: 1 | -1): void {
    this.page.update((page) => Math.min(this.#pages - 1, Math.max(0, page + by)));
  }

  arrange(view: RoomView, me: string, speakers: readonly string[]): void {
    this.#arrange = () => this.arrange(view, me, speakers);
    const now = this.clock.now();
    const others = inOrder(view).filter(({ id }) => id !== me);
    const placed = others.map((person) => ({ id: person.id, camera: isLive(person, "camera") }));
    this.order.set(this.#order.next(placed, speakers, this.#firstPage, now));
    this.mainSpeaker.set(this.#main.next(speakers, new Set(others.map(({ id }) => id)), now));
  }
}
