import type { AnyEvent, Device, DeviceAsk, Mark, RoomView } from "../../protocol.gen";

/** The events that rooms/core/assist_apply.py knows. */
export type AssistEvent = Extract<
  AnyEvent,
  {
    event:
      | "mark_placed"
      | "mark_changed"
      | "mark_linked"
      | "marks_removed"
      | "mark_state"
      | "mark_confirmed"
      | "mark_still"
      | "device_changed"
      | "device_asked"
      | "device_answered"
      | "document_shown";
  }
>;

export const NO_DEVICE: Device = {
  participant_id: "",
  mode: "video",
  torch: false,
  has_torch: false,
  zoom: 1,
  zoom_min: 1,
  zoom_max: 1,
  frozen: false,
  battery_percent: -1,
  warm: false,
};

export function applyAssist(view: RoomView, event: AssistEvent): RoomView {
  switch (event.event) {
    case "mark_placed":
      return { ...view, marks: { ...view.marks, [event.mark.id]: event.mark } };
    case "marks_removed":
      return { ...view, marks: kept(view.marks, (id) => !event.mark_ids.includes(id)) };
    case "mark_changed":
      return withMark(view, event.mark_id, { text: event.text, color: event.color, number: event.number });
    case "mark_linked":
      return withMark(view, event.mark_id, { region: event.region });
    case "mark_state":
      return withMark(view, event.mark_id, { state: event.state });
    case "mark_confirmed":
      return withMark(view, event.mark_id, { confirmed_at_ms: event.confirmed_at_ms });
    case "mark_still":
      return withMark(view, event.mark_id, { still_id: event.still_id });
    case "device_changed":
      return { ...view, device: event.device, marks: soughtAnew(view, event.device) };
    case "device_asked":
      return { ...view, asks: { ...view.asks, [event.ask.id]: event.ask } };
    case "device_answered":
      return { ...view, asks: kept(view.asks, (id) => id !== event.ask_id) };
    case "document_shown":
      return { ...view, document: event.document };
  }
}

/** Somebody left: what they have told of their phone holds no more, and nobody waits for what they asked. */
export function forgetAssistant(view: RoomView, participantId: string): RoomView {
  if (!view.assist) return view;
  return {
    ...view,
    device: view.device.participant_id === participantId ? NO_DEVICE : view.device,
    asks: kept(view.asks, (_, ask: DeviceAsk) => ask.by !== participantId),
  };
}

export function endAssistance(view: RoomView): RoomView {
  return { ...view, device: NO_DEVICE, asks: {}, document: null };
}

/** Another phone leads: it looks for the marks. */
function soughtAnew(view: RoomView, device: Device): RoomView["marks"] {
  const [former, now] = [view.device.participant_id, device.participant_id];
  if (former === "" || now === "" || former === now) return view.marks;
  return Object.fromEntries(
    Object.entries(view.marks).map(([id, mark]) => [id, { ...mark, state: "placing" as const }]),
  );
}

function withMark(view: RoomView, id: string, change: Partial<Mark>): RoomView {
  const mark = view.marks[id];
  return mark ? { ...view, marks: { ...view.marks, [id]: { ...mark, ...change } } } : view;
}

function kept<V>(
  record: Readonly<Record<string, V>>,
  keep: (key: string, value: V) => boolean,
): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(record).filter(([key, value]) => keep(key, value)));
}
