import { expect, test } from "vitest";
import { Pyramid, resize } from "./pyramid";

test("each level keeps pixel (x, y) at (2x, 2y) of the one below", () => {
  const gray = new Uint8Array(128 * 96);
  for (let y = 0; y < 96; y++) for (let x = 0; x < 128; x++) gray[y * 128 + x] = x + y;
  const pyramid = new Pyramid(128, 96);
  pyramid.build(gray);
  expect([...pyramid.widths]).toEqual([128, 64, 32]);
  expect(pyramid.data[1]?.[10 * 64 + 20]).toBe(60);
  expect(pyramid.data[2]?.[5 * 32 + 10]).toBe(60);
});

test("a frame of another size is refused", () => {
  expect(() => new Pyramid(128, 96).build(new Uint8Array(5))).toThrow(RangeError);
});

test("resizing keeps places", () => {
  const gray = new Uint8Array(100 * 80);
  for (let y = 0; y < 80; y++) for (let x = 0; x < 100; x++) gray[y * 100 + x] = 2 * x;
  const out = new Uint8Array(50 * 40);
  resize(gray, 100, 80, out, 50, 40, 0.5);
  expect(out[7 * 50 + 30]).toBe(120);
});
