import { expect, test } from "vitest";
import { Patience } from "./patience";
import { Pyramid } from "./pyramid";

const SIDE = 192;

/** Stripes that lie `shift` pixels aside. */
function sight(shift: number): Pyramid {
  const pyramid = new Pyramid(SIDE, SIDE);
  pyramid.build(
    Uint8Array.from({ length: SIDE * SIDE }, (_, k) => 128 + 90 * Math.sin(((k % SIDE) - shift) / 12)),
  );
  return pyramid;
}

/** How many of `frames` frames are searched. */
function searched(patience: Patience, frames: number, at: (k: number) => Pyramid): number {
  let count = 0;
  for (let k = 0; k < frames; k++) if (patience.isDue(at(k), false)) count++;
  return count;
}

const still = sight(0);
const other = sight(30);

test("what was just lost is looked for in every frame", () => {
  expect(searched(new Patience(still), 24, () => still)).toBe(24);
});

test("an unchanged sight is then searched in every sixth frame, and at once when it changes", () => {
  const patience = new Patience(still);
  searched(patience, 24, () => still);
  expect(searched(patience, 36, () => still)).toBe(6);
  expect(patience.isDue(other, false)).toBe(true);
  expect(patience.isDue(other, false)).toBe(true);
});

test("a search that takes several frames is not broken off, and rested for five times as long", () => {
  const patience = new Patience(still);
  searched(patience, 25, () => still);
  while (!patience.isDue(still, false));
  for (let k = 0; k < 3; k++) expect(patience.isDue(still, true)).toBe(true);
  expect(searched(patience, 20, () => still)).toBe(0);
  expect(patience.isDue(still, false)).toBe(true);
});

test("a sight that goes on changing is searched in every second frame after three seconds, later in every third", () => {
  const patience = new Patience(still);
  const turning = (k: number): Pyramid => (k % 8 < 4 ? still : other);
  expect(searched(patience, 90, turning)).toBe(90);
  expect(searched(patience, 60, turning)).toBe(30);
  searched(patience, 400, turning);
  expect(searched(patience, 30, turning)).toBe(10);
  patience.renew();
  expect(searched(patience, 8, turning)).toBe(8);
});
