import type { Requests } from "../../state/requests/requests";
import type { RequestCard } from "../../state/requests/shapes";

/** A request on its page: what is known of it, and whom to tell when it changed. */
export interface AtHand {
  readonly card: RequestCard;
  readonly requests: Requests;
  readonly onCard: (card: RequestCard) => void;
  readonly onStale: () => void;
}
