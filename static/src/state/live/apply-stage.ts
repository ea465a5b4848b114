import type { AnyEvent, RoomView, StageView } from "../../protocol.gen";

/** The events that rooms/core/stage_apply.py knows. */
export type StageEvent = Extract<
  AnyEvent,
  {
    event:
      | "stage_phase_changed"
      | "stage_placed"
      | "stage_arranged"
      | "stage_named"
      | "stage_slides_changed"
      | "stage_run_changed"
      | "stage_item_taken"
      | "stage_countdown_set";
  }
>;

export function applyStage(view: RoomView, event: StageEvent): RoomView {
  return view.stage ? { ...view, stage: changed(view.stage, event) } : view;
}

/** Somebody left: they are on stage no more, and what they showed is gone with them. */
export function forgetOnStage(view: RoomView, participantId: string): RoomView {
  const { stage } = view;
  if (!stage) return view;
  return {
    ...view,
    stage: {
      ...stage,
      on_stage: stage.on_stage.filter((id) => id !== participantId),
      focus: stage.focus === participantId ? "" : stage.focus,
      names: without(stage.names, participantId),
      slides: stage.slides?.by === participantId ? null : stage.slides,
    },
  };
}

export function endStage(view: RoomView): RoomView {
  if (!view.stage) return view;
  return { ...view, stage: { ...view.stage, on_stage: [], focus: "", names: {}, slides: null } };
}

function changed(stage: StageView, event: StageEvent): StageView {
  switch (event.event) {
    case "stage_phase_changed":
      return event.phase === "ended"
        ? { ...stage, phase: event.phase, ended_at_ms: event.at_ms, slides: null }
        : { ...stage, phase: event.phase, live_at_ms: event.at_ms };
    case "stage_placed":
      return {
        ...stage,
        on_stage: event.on_stage,
        focus: event.on_stage.includes(stage.focus) ? stage.focus : "",
      };
    case "stage_arranged":
      return { ...stage, layout: event.layout, focus: event.focus };
    case "stage_named":
      return {
        ...stage,
        names: event.plate
          ? { ...stage.names, [event.participant_id]: event.plate }
          : without(stage.names, event.participant_id),
      };
    case "stage_slides_changed":
      return { ...stage, slides: event.slides };
    case "stage_run_changed":
      return { ...stage, run: event.run };
    case "stage_item_taken":
      return { ...stage, item_id: event.item_id, item_began_at_ms: event.began_at_ms };
    case "stage_countdown_set":
      return { ...stage, countdown_ends_at_ms: event.ends_at_ms };
  }
}

function without<V>(record: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}
