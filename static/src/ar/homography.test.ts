import { describe, expect, test } from "vitest";
import { Estimator } from "./estimate";
import { identity, invert, isBelievable, jacobian, multiply, projectX, projectY } from "./homography";
import { Random } from "./random";

const TRUE = Float64Array.of(1.1, 0.12, 14, -0.08, 0.95, 22, 1.2e-4, -0.8e-4, 1);

function pairs(n: number, wrong: number, noise: number): { from: Float32Array; to: Float32Array } {
  const random = new Random(5);
  const unit = (): number => random.next() / 4294967296;
  const from = new Float32Array(2 * n);
  const to = new Float32Array(2 * n);
  for (let k = 0; k < n; k++) {
    const x = unit() * 640;
    const y = unit() * 480;
    from.set([x, y], 2 * k);
    const lost = k < wrong;
    to.set(
      [
        lost ? unit() * 640 : projectX(TRUE, x, y) + (unit() - 0.5) * noise,
        lost ? unit() * 480 : projectY(TRUE, x, y) + (unit() - 0.5) * noise,
      ],
      2 * k,
    );
  }
  return { from, to };
}

function expectNear(m: Float64Array, px: number): void {
  for (const [x, y] of [
    [50, 60],
    [600, 40],
    [320, 240],
    [90, 420],
  ] as const) {
    expect(
      Math.hypot(projectX(m, x, y) - projectX(TRUE, x, y), projectY(m, x, y) - projectY(TRUE, x, y)),
    ).toBeLessThan(px);
  }
}

describe("maps", () => {
  test("a map after its inverse changes nothing", () => {
    const back = identity();
    expect(invert(TRUE, back)).toBe(true);
    multiply(TRUE, back, back);
    identity().forEach((v, k) => expect(back[k]).toBeCloseTo(v, 9));
  });

  test("the Jacobian is the slope", () => {
    const j = new Float64Array(4);
    jacobian(TRUE, 200, 100, j);
    expect(j[0]).toBeCloseTo((projectX(TRUE, 200.01, 100) - projectX(TRUE, 199.99, 100)) / 0.02, 5);
    expect(j[3]).toBeCloseTo((projectY(TRUE, 200, 100.01) - projectY(TRUE, 200, 99.99)) / 0.02, 5);
  });

  test("mirrors and collapsed planes are not believed", () => {
    expect(isBelievable(TRUE, 640, 480, 320, 240)).toBe(true);
    expect(isBelievable(Float64Array.of(-1, 0, 640, 0, 1, 0, 0, 0, 1), 640, 480, 320, 240)).toBe(false);
    expect(isBelievable(Float64Array.of(0.05, 0, 0, 0, 0.05, 0, 0, 0, 1), 640, 480, 320, 240)).toBe(false);
  });
});

describe("estimator", () => {
  test("RANSAC finds the map among 40 % wrong pairs, and the right pairs", () => {
    const { from, to } = pairs(100, 40, 0.5);
    const estimator = new Estimator(640, 480, 100, new Random());
    const m = identity();
    expect(estimator.ransac(100, from, to, 3, 500, m)).toBeGreaterThanOrEqual(55);
    expectNear(m, 4);
    expect(estimator.inlier.slice(0, 40).reduce((a, b) => a + b, 0)).toBeLessThan(4);
  });

  test("refinement converges from a map that is some pixels off", () => {
    const { from, to } = pairs(80, 8, 0.2);
    const estimator = new Estimator(640, 480, 80, new Random());
    const m = TRUE.slice();
    m[2] = (m[2] ?? 0) + 3;
    m[5] = (m[5] ?? 0) - 3;
    const info = new Float32Array(240);
    for (let k = 0; k < 80; k++) info.set([20, 0, 20], 3 * k);
    expect(estimator.refine(80, from, to, info, m, 12, 1.5, 0)).toBe(true);
    expectNear(m, 0.15);
  });

  test("a similarity is found among 85 % wrong pairs", () => {
    const { from, to } = pairs(100, 85, 0);
    for (let k = 85; k < 100; k++) {
      const x = from[2 * k] ?? 0;
      const y = from[2 * k + 1] ?? 0;
      to.set([0.9 * x - 0.3 * y + 50, 0.3 * x + 0.9 * y + 10], 2 * k);
    }
    const m = identity();
    const estimator = new Estimator(640, 480, 100, new Random());
    expect(estimator.similarity(100, from, to, 6, 800, m)).toBeGreaterThanOrEqual(15);
    expect(m[0]).toBeCloseTo(0.9, 1);
  });

  test("four pairs on one line give nothing", () => {
    const line = Float32Array.of(0, 0, 10, 10, 20, 20, 30, 30, 40, 40);
    expect(new Estimator(640, 480, 5, new Random()).ransac(5, line, line, 2, 100, identity())).toBe(0);
  });
});
