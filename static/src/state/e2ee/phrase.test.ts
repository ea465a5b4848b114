import { describe, expect, it } from "vitest";
import { phraseOf } from "./phrase";

const ANN = { participantId: "a", publicKey: "key-of-ann" };
const BO = { participantId: "b", publicKey: "key-of-bo" };

describe("the phrase", () => {
  it("is the same for all who see the same devices, in whatever order", async () => {
    const phrase = await phraseOf("room", [ANN, BO]);
    expect(phrase).toEqual(await phraseOf("room", [BO, ANN]));
    expect(phrase).toHaveLength(5);
    for (const group of phrase) expect(group).toMatch(/^\d{4}$/);
  });

  it("is another one for another key, another seat, another room, or one person more", async () => {
    const others = await Promise.all([
      phraseOf("room", [ANN, BO]),
      phraseOf("room", [ANN, { ...BO, publicKey: "key-of-eve" }]),
      phraseOf("room", [ANN, { ...BO, participantId: "c" }]),
      phraseOf("other", [ANN, BO]),
      phraseOf("room", [ANN]),
      phraseOf("room", [ANN, BO, { participantId: "c", publicKey: "key" }]),
    ]);
    expect(new Set(others.map((phrase) => phrase.join(" "))).size).toBe(others.length);
  });
});
