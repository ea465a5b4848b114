import type { Participant, RoomView } from "../protocol.gen";
import type { StageLayout } from "./preferences";
import { inOrder, isLive, sharers } from "./room";

export interface StageItem {
  readonly key: string;
  readonly participant: Participant;
  readonly source: "camera" | "screen";
}

/** grid: all alike.  focus: one large, the others in a strip. */
export type StagePlan =
  | { readonly kind: "grid"; readonly items: readonly StageItem[] }
  | { readonly kind: "focus"; readonly main: StageItem; readonly strip: readonly StageItem[] };

export interface StageRequest {
  readonly view: RoomView;
  readonly me: string;
  readonly layout: StageLayout;
  readonly pinned: string | null;
  readonly mainSpeaker: string;
  /** On a phone the own picture floats over the stage. */
  readonly ownFloats: boolean;
}

/** Who is where.  A pin beats a shared screen, a shared screen beats the layout that was chosen. */
export function planStage({ view, me, layout, pinned, mainSpeaker, ownFloats }: StageRequest): StagePlan {
  const everybody = inOrder(view);
  const others = everybody.filter((participant) => participant.id !== me);
  const own = everybody.find((participant) => participant.id === me);
  const showOwn = own !== undefined && !(ownFloats && others.length > 0);
  const cameras = [...others, ...(showOwn ? [own] : [])].map((participant) => item(participant, "camera"));
  const screens = sharers(view)
    .filter((participant) => participant.id !== me)
    .map((participant) => item(participant, "screen"));

  const pinnedPerson = pinned === null ? undefined : view.participants[pinned];
  const main: StageItem | undefined = pinnedPerson
    ? item(pinnedPerson, isLive(pinnedPerson, "screen") && pinnedPerson.id !== me ? "screen" : "camera")
    : (screens[0] ??
      (layout === "speaker" && others.length > 0
        ? item(view.participants[mainSpeaker] ?? others[0], "camera")
        : undefined));
  if (!main) return { kind: "grid", items: cameras };
  return {
    kind: "focus",
    main,
    strip: [...screens, ...cameras].filter((other) => other.key !== main.key),
  };
}

function item(participant: Participant, source: "camera" | "screen"): StageItem;
function item(participant: Participant | undefined, source: "camera" | "screen"): StageItem | undefined;
function item(participant: Participant | undefined, source: "camera" | "screen"): StageItem | undefined {
  return participant && { key: `${participant.id}/${source}`, participant, source };
}
