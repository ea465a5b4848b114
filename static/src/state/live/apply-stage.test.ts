import { describe, expect, it } from "vitest";
import type { AnyEvent, RoomView, StageView } from "../../protocol.gen";
import { applyEvent } from "../room";
import { participant, roomView } from "../scripted-server";

const STAGE: StageView = {
  livestream_id: "L",
  phase: "rehearsal",
  on_stage: [],
  layout: "side_by_side",
  focus: "",
  names: {},
  slides: null,
  run: [],
  item_id: "",
  item_began_at_ms: 0,
  countdown_ends_at_ms: 0,
  live_at_ms: 0,
  ended_at_ms: 0,
};

function after(...events: AnyEvent[]): RoomView {
  const view = roomView([participant("ann"), participant("bo")], { stage: STAGE });
  return events.reduce((now, event, index) => applyEvent(now, 11 + index, event), view);
}

const ON: AnyEvent = { event: "stage_placed", on_stage: ["ann", "bo"], by: "host" };
const PLATE = { name: "Ann", line: "", shown: true };

describe("the stage of a room", () => {
  it("goes live and ends", () => {
    const live: AnyEvent = { event: "stage_phase_changed", phase: "live", at_ms: 5, by: "host" };
    expect(after(live).stage).toMatchObject({ phase: "live", live_at_ms: 5 });
    const ended: AnyEvent = { event: "stage_phase_changed", phase: "ended", at_ms: 9, by: "" };
    expect(after(live, ended).stage).toMatchObject({ phase: "ended", live_at_ms: 5, ended_at_ms: 9 });
  });

  it("forgets who leaves", () => {
    const view = after(
      ON,
      { event: "stage_arranged", layout: "solo", focus: "ann", by: "host" },
      { event: "stage_named", participant_id: "ann", plate: PLATE, by: "host" },
      { event: "participant_left", participant_id: "ann", reason: "left" },
    );
    expect(view.stage).toMatchObject({ on_stage: ["bo"], focus: "", names: {}, layout: "solo" });
  });

  it("loses its focus with who is brought down, and a lower third that is taken away", () => {
    const view = after(
      ON,
      { event: "stage_arranged", layout: "solo", focus: "ann", by: "host" },
      { event: "stage_named", participant_id: "ann", plate: PLATE, by: "host" },
      { event: "stage_placed", on_stage: ["bo"], by: "host" },
    );
    expect(view.stage).toMatchObject({ focus: "", names: { ann: PLATE } });
    const bare: AnyEvent = { event: "stage_named", participant_id: "ann", plate: null, by: "host" };
    expect(applyEvent(view, 99, bare).stage?.names).toEqual({});
  });

  it("is no concern of an ordinary room", () => {
    expect(applyEvent(roomView([]), 11, ON).stage).toBeNull();
  });
});
