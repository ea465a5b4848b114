import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock";
import { MemoryShelf, Outbox, type Delivery, type Parcel } from "./outbox";

function parcel(id: string, kind: Parcel["kind"] = "still"): Parcel {
  return { id, kind, room: "abc-defg-hij", madeAtMs: 1, body: new Blob(["x"]), about: {} };
}

function setUp(shelf = new MemoryShelf()) {
  const clock = new ManualClock();
  const sent: string[] = [];
  const refused: string[] = [];
  const line = { answer: "done" as Delivery };
  const outbox = new Outbox(
    shelf,
    async ({ id }) => {
      if (line.answer !== "later") sent.push(id);
      return Promise.resolve(line.answer);
    },
    clock,
    ({ id }) => refused.push(id),
  );
  return { outbox, clock, sent, refused, line, shelf };
}

const settle = async (): Promise<void> => {
  for (let k = 0; k < 40; k++) await Promise.resolve();
};

describe("the outbox", () => {
  it("sends at once when there is a line", async () => {
    const { outbox, sent, shelf } = setUp();
    await outbox.put(parcel("still-aaa"));
    expect(sent).toEqual(["still-aaa"]);
    expect(outbox.waiting.get()).toBe(0);
    expect(shelf.parcels.size).toBe(0);
  });

  it("keeps everything while there is none, over a reload too, and sends it in order", async () => {
    const { outbox, line, shelf } = setUp();
    line.answer = "later";
    await outbox.put(parcel("still-aaa"));
    await outbox.put(parcel("still-bbb"));
    expect(outbox.waiting.get()).toBe(2);
    const after = setUp(shelf);
    after.line.answer = "later";
    await after.outbox.open();
    after.line.answer = "done";
    after.clock.advance(15_000);
    await settle();
    expect(after.sent).toEqual(["still-aaa", "still-bbb"]);
    expect(shelf.parcels.size).toBe(0);
    after.outbox.close();
  });

  it("tells what is refused and goes on with the rest; the newer of one id counts", async () => {
    const { outbox, line, refused, sent } = setUp();
    line.answer = "later";
    await outbox.put(parcel("marks-aaa", "keyframe"));
    await outbox.put(parcel("marks-aaa", "keyframe"));
    await outbox.put(parcel("still-bbb"));
    expect(outbox.waiting.get()).toBe(2);
    line.answer = "refused";
    await outbox.flush();
    expect(refused).toEqual(["marks-aaa", "still-bbb"]);
    expect(sent).toHaveLength(2);
  });

  it("is bounded, and rather loses what can be made again", async () => {
    const { outbox, line, shelf } = setUp();
    line.answer = "later";
    await outbox.put(parcel("still-000"));
    await outbox.put(parcel("marks-000", "keyframe"));
    for (let k = 0; k < 199; k++) await outbox.put(parcel(`still-x${k}`));
    expect(outbox.waiting.get()).toBe(200);
    expect(shelf.parcels.has("marks-000")).toBe(false);
    expect(shelf.parcels.has("still-000")).toBe(true);
  });
});
