import { describe, expect, it } from "vitest";
import { captionsAt } from "./captions";
import { applyBatch, EMPTY, type SpokenLine } from "./hub";

const line = (id: string, beginsMs: number, text = id): SpokenLine => ({
  id,
  speaker: "Li",
  text,
  begins_ms: beginsMs,
  ends_ms: beginsMs + 1_000,
});

describe("captions", () => {
  it("grow under their id, in the order in which they were said", () => {
    let view = applyBatch(EMPTY, { type: "batch", spoken: [line("b", 2_000), line("a", 1_000)] });
    view = applyBatch(view, { type: "batch", spoken: [line("b", 2_000, "longer")] });
    expect(view.spoken.map((one) => one.text)).toEqual(["a", "longer"]);
    const many = Array.from({ length: 50 }, (_, index) => line(`${index}`, 10_000 + index));
    expect(applyBatch(view, { type: "batch", spoken: many }).spoken).toHaveLength(20);
  });

  it("are read when what they say is seen, and for a while after", () => {
    const spoken = [line("a", 1_000), line("b", 3_000), line("c", 4_000)];
    const read = (atMs: number): string[] => captionsAt(spoken, atMs).map((one) => one.id);
    expect(read(999)).toEqual([]);
    expect(read(1_500)).toEqual(["a"]); // who is behind reads later
    expect(read(3_500)).toEqual(["a", "b"]);
    expect(read(4_500)).toEqual(["b", "c"]);
    expect(read(8_500)).toEqual(["c"]);
    expect(read(9_000)).toEqual([]);
  });
});
