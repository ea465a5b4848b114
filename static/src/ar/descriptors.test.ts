import { expect, test } from "vitest";
import { Corners } from "./corners";
import { Describer, distance, FeatureSet, match, TURNS } from "./descriptors";
import { identity, projectX, projectY } from "./homography";
import { Scene } from "./synthetic";

const [W, H] = [320, 240];
const votes = new Uint16Array(TURNS);

function describeFrame(gray: Uint8Array): FeatureSet {
  const set = new FeatureSet(250);
  new Describer(new Corners(W * H, W), W * H, W, 250).add(gray, W, H, 1, 250, set);
  return set;
}

test("corners are matched again after a turn of 25 degrees in dimmer light", () => {
  const scene = new Scene(9);
  const c = Math.cos(0.44);
  const s = Math.sin(0.44);
  const turn = Float64Array.of(c, -s, 160 - 160 * c + 120 * s, s, c, 120 - 160 * s - 120 * c, 0, 0, 1);
  const known = describeFrame(scene.render(W, H, identity()));
  const seen = describeFrame(scene.render(W, H, turn, 1.5, 0.7, 20));
  expect(known.n).toBeGreaterThan(60);
  const from = new Float32Array(500);
  const to = new Float32Array(500);
  const n = match(known, seen, 6, from, to, votes);
  let right = 0;
  for (let k = 0; k < 2 * n; k += 2) {
    const [x, y] = [from[k] ?? 0, from[k + 1] ?? 0];
    if (Math.hypot(projectX(turn, x, y) - (to[k] ?? 0), projectY(turn, x, y) - (to[k + 1] ?? 0)) < 3) right++;
  }
  expect(n).toBeGreaterThan(20);
  expect(right / n).toBeGreaterThan(0.6);
  // A turn of 25 degrees is 2.2 parts of 32.
  const alike = (votes[2] ?? 0) + (votes[3] ?? 0) + (votes[1] ?? 0);
  expect(alike).toBeGreaterThan(0.35 * votes.reduce((sum, count) => sum + count, 0));
});

test("equal corners at two places are matched with neither", () => {
  const word = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const known = new FeatureSet(2);
  known.n = 2;
  known.bits.set(word, 0);
  known.bits.set(word, 8);
  known.at.set([10, 10, 200, 100]);
  const seen = new FeatureSet(1);
  seen.n = 1;
  seen.bits.set(word);
  expect(match(known, seen, 5, new Float32Array(2), new Float32Array(2), votes)).toBe(0);
  known.at.set([10, 10, 11, 10]);
  expect(match(known, seen, 5, new Float32Array(2), new Float32Array(2), votes)).toBe(1);
});

test("distance counts differing bits", () => {
  const a = Int32Array.of(-1, 0, 0, 0, 0, 0, 0, 1);
  const b = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0);
  expect(distance(a, 0, b, 0, 256)).toBe(33);
});
