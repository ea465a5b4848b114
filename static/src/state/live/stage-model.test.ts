import { describe, expect, it } from "vitest";
import type { Layout, Participant, RoomView, Source, StageView } from "../../protocol.gen";
import { participant, roomView } from "../scripted-server";
import { leftMs, peopleOf, shownPositions } from "./stage-model";

function sending(id: string, ...sources: Source[]): Participant {
  return participant(id, {
    tracks: sources.map((source) => ({ id: `${id}-${source}`, source, codec: "VP8", muted: false })),
  });
}

function staged(more: Partial<StageView>, ...people: Participant[]): { view: RoomView; stage: StageView } {
  const stage: StageView = {
    livestream_id: "L",
    phase: "live",
    on_stage: ["ann", "bo", "cy"],
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
    ...more,
  };
  return { view: roomView(people, { stage }), stage };
}

const PEOPLE = [sending("ann", "camera"), sending("bo", "camera", "screen"), sending("cy", "camera")];

function shown(layout: Layout, more: Partial<StageView> = {}, people = PEOPLE): string[] {
  const { view, stage } = staged({ layout, ...more }, ...people);
  return shownPositions(view, stage).map(({ participantId, place }) =>
    place === "screen" ? `${participantId}!` : participantId,
  );
}

describe("what the audience sees", () => {
  it("is what the layout shows, best first", () => {
    expect(shown("solo")).toEqual(["ann"]);
    expect(shown("solo", { focus: "bo" })).toEqual(["bo!"]);
    expect(shown("side_by_side")).toEqual(["bo!", "ann", "bo", "cy"]);
    expect(shown("picture_in_picture", { focus: "cy" })).toEqual(["bo!", "cy"]);
    expect(
      shown(
        "picture_in_picture",
        {},
        PEOPLE.filter(({ id }) => id !== "bo"),
      ),
    ).toEqual(["ann", "bo"]);
    expect(shown("slides")).toEqual(["bo!", "ann"]);
    expect(shown("solo", { on_stage: [] })).toEqual([]);
  });

  it("has the slides of somebody behind the stage", () => {
    const slides = {
      by: "host",
      kind: "pages",
      title: "Deck",
      page: 1,
      pages: 2,
      playing: false,
      position_ms: 0,
      duration_ms: 0,
      at_ms: 0,
    } as const;
    const people = [...PEOPLE, sending("host", "screen")];
    expect(shown("slides", { slides }, people)).toEqual(["host!", "ann"]);
    expect(shown("slides", {}, people)).toEqual(["bo!", "ann"]);
  });
});

describe("the stage", () => {
  it("parts people by where they are", () => {
    const { view, stage } = staged({ on_stage: ["bo"] }, ...PEOPLE);
    const { on, behind } = peopleOf(view, stage);
    expect([on.map((p) => p.id), behind.map((p) => p.id)]).toEqual([["bo"], ["ann", "cy"]]);
  });

  it("knows how long the item has left", () => {
    const run = [{ id: "item-0001", title: "Talk", who: "", minutes: 5 }];
    const { stage } = staged({ run, item_id: "item-0001", item_began_at_ms: 1_000 });
    expect(leftMs(stage, 61_000)).toBe(240_000);
    expect(leftMs({ ...stage, item_id: "" }, 61_000)).toBeNull();
  });
});
