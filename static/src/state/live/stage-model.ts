import type { Participant, RoomView, StageView } from "../../protocol.gen";
import { isLive } from "../room";

/** One picture of the stage, best first: as rooms/core/stage_model.py has it. */
export interface ShownPosition {
  readonly participantId: string;
  readonly place: "camera" | "screen";
}

const ON_STAGE_MAX = 9;

export function focusOf(stage: StageView): string {
  return stage.on_stage.includes(stage.focus) ? stage.focus : (stage.on_stage[0] ?? "");
}

/** What the audience sees while the stage is live, and would see in rehearsal. */
export function shownPositions(view: RoomView, stage: StageView): readonly ShownPosition[] {
  const focus = focusOf(stage);
  const by = stage.slides?.by ?? "";
  const sharers = [...new Set(by ? [by, ...stage.on_stage] : stage.on_stage)];
  const screens = sharers
    .filter((id) => isLive(view.participants[id], "screen"))
    .map((participantId): ShownPosition => ({ participantId, place: "screen" }));
  const cameras = stage.on_stage.map((participantId): ShownPosition => ({ participantId, place: "camera" }));
  const speaker = cameras.filter((camera) => camera.participantId === focus);
  switch (stage.layout) {
    case "solo": {
      const own = screens.filter((screen) => screen.participantId === focus).slice(0, 1);
      return own.length > 0 ? own : speaker;
    }
    case "side_by_side":
      return [...screens, ...cameras].slice(0, ON_STAGE_MAX);
    case "picture_in_picture": {
      const others = cameras.filter((camera) => camera.participantId !== focus);
      return [...screens.slice(0, 1), ...speaker, ...others].slice(0, 2);
    }
    case "slides":
      return [...screens.slice(0, 1), ...speaker];
  }
}

/** Those in the room, on stage in its order, the others in the order of coming. */
export function peopleOf(
  view: RoomView,
  stage: StageView,
): { readonly on: readonly Participant[]; readonly behind: readonly Participant[] } {
  const on = stage.on_stage.map((id) => view.participants[id]).filter((person) => person !== undefined);
  const behind = Object.values(view.participants)
    .filter((person) => !stage.on_stage.includes(person.id))
    .sort((a, b) => a.joined_at_ms - b.joined_at_ms);
  return { on, behind };
}

/** Time left of the item that is on, negative when it is over; null without one or without an end. */
export function leftMs(stage: StageView, nowMs: number): number | null {
  const item = stage.run.find((other) => other.id === stage.item_id);
  if (!item || item.minutes === 0) return null;
  return stage.item_began_at_ms + item.minutes * 60_000 - nowMs;
}
