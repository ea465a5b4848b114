import { describe, expect, it } from "vitest";
import type { Mark } from "../../protocol.gen";
import { encodeKeyframe } from "../../ar";
import { identity } from "../../ar/homography";
import { lookForKept, seenOn } from "./archive";

function mark(id: string): Mark {
  return {
    id,
    author_id: "p1",
    author_name: "Li",
    kind: "arrow",
    color: "red",
    width: 4,
    points: [10, 20, 100, 50],
    text: "",
    number: 0,
    frame: { rtp_timestamp: 1, width: 200, height: 100 },
    made_at_ms: 1,
    state: "ok",
    confirmed_at_ms: 0,
    still_id: "",
    region: null,
    earlier_at_ms: 0,
  };
}

describe("marks of earlier sessions", () => {
  it("are given to the tracker by the picture that they share, but for those that are here and those without", async () => {
    const gray = new Uint8Array(96 * 96);
    const views = [{ gray, points: Float32Array.of(5, 5), fromKey: identity() }];
    const restored: [string, string[]][] = [];
    const sought = await lookForKept(
      {
        marks: async () =>
          Promise.resolve([
            { mark: mark("mark-one"), keyframe_id: "kf-1" },
            { mark: mark("mark-two"), keyframe_id: "kf-1" },
            { mark: mark("present-1"), keyframe_id: "kf-1" },
            { mark: mark("mark-three"), keyframe_id: null },
            { mark: mark("mark-four"), keyframe_id: "gone" },
            { mark: mark("mark-five"), keyframe_id: "broken" },
          ]),
        keyframe: async (id) =>
          id === "gone"
            ? Promise.reject(new Error("404"))
            : Promise.resolve(id === "kf-1" ? encodeKeyframe({ width: 96, height: 96, views }) : gray),
      },
      { restore: (name, _keyframe, marks) => void restored.push([name, marks.map(({ id }) => id)]) },
      { "present-1": mark("present-1") },
    );
    expect(restored).toEqual([["kept-kf-1", ["mark-one", "mark-two"]]]);
    expect([...sought.keys()]).toEqual(["mark-one", "mark-two"]);
  });
});

describe("marks on a still", () => {
  it("are in shares of the picture, and only those that are surely in it", () => {
    const moved = Float32Array.of(1, 0, 20, 0, 1, 10, 0, 0, 1);
    const away = Float32Array.of(1, 0, 150, 0, 1, 0, 0, 0, 1);
    const marks = { one: mark("one"), two: mark("two"), far: mark("far") };
    const seen = seenOn(marks, [
      { id: "one", state: "ok", h: moved },
      { id: "two", state: "weak", h: moved },
      { id: "far", state: "ok", h: away },
      { id: "unknown", state: "ok", h: moved },
    ]);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ kind: "arrow", author_name: "Li", width: 0.02 });
    expect(seen[0]?.points).toEqual([0.15, 0.3, 0.6, 0.6]);
  });
});
