import { describe, expect, it } from "vitest";
import { StageOrder, type Placed } from "./stage-order";

const people = (text: string): Placed[] =>
  [...text].map((letter) => ({ id: letter.toLowerCase(), camera: letter !== letter.toLowerCase() }));
const NOW = 1_000_000;

/** The order as text; capitals in `room` have a picture. */
const orderOf = (order: StageOrder, room: string, speakers = "", perPage = 4, now = NOW): string =>
  order.next(people(room), [...speakers], perPage, now).join("");

describe("the order of the stage", () => {
  it("is the order in which people came, as long as one page holds them", () => {
    const order = new StageOrder();
    expect(orderOf(order, "abC")).toBe("abc");
    expect(orderOf(order, "abCd", "d")).toBe("abcd");
    expect(orderOf(order, "acD")).toBe("acd");
  });

  it("brings a speaker onto the first page, in the place of one who has been silent the longest", () => {
    const order = new StageOrder();
    orderOf(order, "ABCDEFGH");
    expect(orderOf(order, "ABCDEFGH", "g")).toBe("abcgefdh");
    // c speaks where it is, h comes for one of those who never spoke
    expect(orderOf(order, "ABCDEFGH", "ch")).toBe("ahcgefdb");
  });

  it("moves nobody else, and nobody twice", () => {
    const order = new StageOrder();
    const before = orderOf(order, "ABCDEFGH");
    const after = orderOf(order, "ABCDEFGH", "f");
    expect([...before].filter((id, index) => after[index] !== id)).toHaveLength(2);
    expect(orderOf(order, "ABCDEFGH", "f", 4, NOW + 60_000)).toBe(after);
    expect(orderOf(order, "ABCDEFGH", "", 4, NOW + 90_000)).toBe(after);
  });

  it("keeps whoever spoke lately on the first page, even if all of it talks", () => {
    const order = new StageOrder();
    orderOf(order, "ABCDEF", "abcd");
    expect(orderOf(order, "ABCDEF", "e", 4, NOW + 5_000)).toBe("abcdef");
    expect(orderOf(order, "ABCDEF", "e", 4, NOW + 30_000)).toBe("abcedf");
  });

  it("brings pictures to the pages before those without, each by one exchange", () => {
    const order = new StageOrder();
    expect(orderOf(order, "abcdefgh")).toBe("abcdefgh");
    expect(orderOf(order, "abcdefGh")).toBe("gbcdefah");
    // a camera that comes on where it is seen anyway moves nothing
    expect(orderOf(order, "abcDefGh")).toBe("gbcdefah");
    // switched off: the place is kept until somebody needs it
    expect(orderOf(order, "abcDefgh")).toBe("gbcdefah");
    expect(orderOf(order, "abcDefgH")).toBe("hbcdefag");
  });

  it("prefers to replace a tile without a picture", () => {
    const order = new StageOrder();
    orderOf(order, "ABcDef");
    expect(orderOf(order, "ABcDef", "f")).toBe("abfdec");
  });

  it("closes the gap of whoever left and appends whoever came", () => {
    const order = new StageOrder();
    orderOf(order, "ABCDEFGH", "h");
    expect(orderOf(order, "ABCEFGHI")).toBe("abchefgi");
  });

  it("gives the same list for the same order", () => {
    const order = new StageOrder();
    const before = order.next(people("ABCDEF"), [], 4, NOW);
    expect(order.next(people("ABCDEF"), [], 4, NOW)).toBe(before);
  });
});
