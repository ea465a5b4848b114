import { describe, expect, it } from "vitest";
import { Likeness } from "./likeness";
import { Panel } from "./panel";
import { Pyramid } from "./pyramid";
import { shifted } from "./synthetic";

const [W, H] = [320, 240];

function seen(x: number, y: number): Pyramid {
  const pyramid = new Pyramid(W, H);
  pyramid.build(new Panel(5).render(W, H, shifted(x, y)));
  return pyramid;
}

describe("a panel of equal lamps, cell by cell", () => {
  const key = seen(-20, -20);
  const now = seen(-35, -12);
  const likeness = new Likeness(key);
  const [here, aside] = [likeness.cells(), likeness.cells()];
  likeness.measure(key, now, shifted(-15, 8), here);

  it("looks like itself where it is, small print included", () => {
    expect(likeness.contradicted(here)).toBeLessThan(0.02);
  });

  it.each([
    [46, 0],
    [0, 56],
    [-92, 56],
  ])("is contradicted by the print %d and %d pixels aside, where all lamps match", (dx, dy) => {
    likeness.measure(key, now, shifted(-15 + dx, 8 + dy), aside);
    likeness.compare(here, aside);
    expect(likeness.forFirst).toBeGreaterThan(20);
    expect(likeness.forSecond).toBeLessThan(0.1 * likeness.forFirst);
    expect(likeness.contradicted(aside)).toBeGreaterThan(0.1);
  });

  it("says nothing where there is nothing", () => {
    const blank = new Pyramid(W, H);
    blank.build(new Uint8Array(W * H).fill(120));
    likeness.measure(blank, now, shifted(0, 0), aside);
    expect(likeness.contradicted(aside)).toBe(1);
    likeness.compare(here, aside);
    expect(likeness.forFirst + likeness.forSecond).toBe(0);
  });
});
