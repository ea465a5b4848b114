import type { Participant, RoomView } from "../protocol.gen";
import type { StageLayout } from "./preferences";
import { inOrder, isLive, sharers } from "./room";

export interface StageItem {
  readonly key: string;
  readonly participant: Participant;
  readonly source: "camera" | "screen";
}

/** grid: all alike, over several pages if need be.  focus: one large, the others in a strip. */
export type StagePlan =
  | { readonly kind: "grid"; readonly others: readonly StageItem[]; readonly own: StageItem | null }
  | { readonly kind: "focus"; readonly main: StageItem; readonly strip: readonly StageItem[] };

export interface StageRequest {
  readonly view: RoomView;
  readonly me: string;
  readonly layout: StageLayout;
  readonly pinned: string | null;
  readonly mainSpeaker: string;
  /** Ids of the others, as StageOrder has them; who is not in it yet comes last. */
  readonly order: readonly string[];
  /** On a phone the own picture floats over the stage. */
  readonly ownFloats: boolean;
}

/** Who is where.  A pin beats a shared screen, a shared screen beats the layout that was chosen. */
export function planStage({
  view,
  me,
  layout,
  pinned,
  mainSpeaker,
  order,
  ownFloats,
}: StageRequest): StagePlan {
  const place = new Map(order.map((id, index) => [id, index]));
  const placeOf = ({ id }: Participant): number => place.get(id) ?? order.length;
  const others = inOrder(view)
    .filter((participant) => participant.id !== me)
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((participant) => item(participant, "camera"));
  const self = view.participants[me];
  const own = self && !(ownFloats && others.length > 0) ? item(self, "camera") : null;
  const screens = sharers(view)
    .filter((participant) => participant.id !== me)
    .map((participant) => item(participant, "screen"));

  const pinnedPerson = pinned === null ? undefined : view.participants[pinned];
  const main: StageItem | undefined = pinnedPerson
    ? item(pinnedPerson, isLive(pinnedPerson, "screen") && pinnedPerson.id !== me ? "screen" : "camera")
    : (screens[0] ??
      (layout === "speaker" && others.length > 0
        ? item(view.participants[mainSpeaker] ?? others[0]?.participant, "camera")
        : undefined));
  if (!main) return { kind: "grid", others, own };
  return {
    kind: "focus",
    main,
    strip: [...screens, ...others, ...(own ? [own] : [])].filter((other) => other.key !== main.key),
  };
}

/** The tiles of one page (0 is the first).  The own one is the last of the first page. */
export function pageOf(
  others: readonly StageItem[],
  own: StageItem | null,
  perPage: number,
  page: number,
): readonly StageItem[] {
  if (!own) return others.slice(page * perPage, (page + 1) * perPage);
  const first = others.slice(0, perPage - 1);
  if (page === 0) return [...first, own];
  const start = first.length + (page - 1) * perPage;
  return others.slice(start, start + perPage);
}

function item(participant: Participant, source: "camera" | "screen"): StageItem;
function item(participant: Participant | undefined, source: "camera" | "screen"): StageItem | undefined;
function item(participant: Participant | undefined, source: "camera" | "screen"): StageItem | undefined {
  return participant && { key: `${participant.id}/${source}`, participant, source };
}
