import { describe, expect, it } from "vitest";
import { participant, roomView } from "./scripted-server";
import { pageOf, planStage, type StagePlan, type StageRequest } from "./stage";

const screen = { id: "s", source: "screen", codec: "VP8", muted: false } as const;

function request(more: Partial<StageRequest> = {}): StageRequest {
  const view = roomView([
    participant("me", { joined_at_ms: 1 }),
    participant("a", { joined_at_ms: 2 }),
    participant("b", { joined_at_ms: 3 }),
  ]);
  return {
    view,
    me: "me",
    layout: "grid",
    pinned: null,
    mainSpeaker: "",
    order: [],
    ownFloats: false,
    ...more,
  };
}

const sharing = roomView([participant("me"), participant("a"), participant("b", { tracks: [screen] })]);

const keys = (plan: StagePlan): string[] =>
  plan.kind === "grid"
    ? [...plan.others, ...(plan.own ? [plan.own] : [])].map((item) => item.key)
    : [plan.main, ...plan.strip].map((item) => item.key);

describe("the stage", () => {
  it("shows everybody alike, myself last", () => {
    const plan = planStage(request());
    expect(plan).toMatchObject({ kind: "grid" });
    expect(keys(plan)).toEqual(["a/camera", "b/camera", "me/camera"]);
  });

  it("follows the order that it is given, and puts who is not in it yet behind", () => {
    const view = roomView([participant("me"), ...["a", "b", "c"].map((id) => participant(id))]);
    expect(keys(planStage(request({ view, order: ["c", "a"] })))).toEqual([
      "c/camera",
      "a/camera",
      "b/camera",
      "me/camera",
    ]);
  });

  it("has the own tile on the first page, and everybody on exactly one page", () => {
    const view = roomView(["me", "a", "b", "c", "d", "e"].map((id) => participant(id)));
    for (const ownFloats of [false, true]) {
      const plan = planStage(request({ view, ownFloats }));
      if (plan.kind !== "grid") throw new Error("a grid");
      const pages = [0, 1, 2].map((page) =>
        pageOf(plan.others, plan.own, 2, page)
          .map((item) => item.participant.id)
          .join(" "),
      );
      expect(pages).toEqual(ownFloats ? ["a b", "c d", "e"] : ["a me", "b c", "d e"]);
    }
  });

  it("gives the large place to whoever speaks", () => {
    const plan = planStage(request({ layout: "speaker", mainSpeaker: "b" }));
    expect(plan.kind === "focus" && plan.main.key).toBe("b/camera");
    expect(plan.kind === "focus" && plan.strip.map((item) => item.key)).toEqual(["a/camera", "me/camera"]);
  });

  it("gives it to a shared screen in every layout", () => {
    for (const layout of ["grid", "speaker"] as const) {
      const plan = planStage(request({ view: sharing, layout, mainSpeaker: "a" }));
      expect(plan.kind === "focus" && plan.main.key).toBe("b/screen");
      expect(plan.kind === "focus" && plan.strip.map((item) => item.key)).toContain("b/camera");
    }
  });

  it("gives it to a pin before everything else", () => {
    const plan = planStage(request({ view: sharing, pinned: "a" }));
    expect(plan.kind === "focus" && plan.main.key).toBe("a/camera");
    expect(plan.kind === "focus" && plan.strip[0]?.key).toBe("b/screen");
  });

  it("does not show me my own screen", () => {
    const view = roomView([participant("me", { tracks: [screen] }), participant("a")]);
    expect(planStage(request({ view })).kind).toBe("grid");
  });

  it("leaves my picture out where it floats, unless I am alone", () => {
    const plan = planStage(request({ ownFloats: true }));
    expect(keys(plan)).toEqual(["a/camera", "b/camera"]);
    const alone = planStage(
      request({ view: roomView([participant("me")]), ownFloats: true, layout: "speaker" }),
    );
    expect(keys(alone)).toHaveLength(1);
  });

  it("forgets a pin of somebody who has left", () => {
    expect(planStage(request({ pinned: "gone" })).kind).toBe("grid");
  });
});
