import { describe, expect, it } from "vitest";
import { identity, projectX, projectY } from "../../../ar/homography";
import {
  add,
  after,
  type Camera,
  distanceAlong,
  faced,
  inverse,
  meet,
  move,
  planeMap,
  type Ray,
  rayThrough,
  seenAt,
  turn,
  unit,
  type Vector,
} from "./geometry";

/** A view as WebXR tells it: a picture that is not centred on the axis, and a camera that was moved and turned. */
function camera(x: number, y: number, z: number, yaw = 0, pitch = 0): Camera {
  const projection = Float32Array.of(1.3, 0, 0, 0, 0, 1.9, 0, 0, 0.07, -0.04, -1.002, -1, 0, 0, -0.2, 0);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [d, t] = [Math.cos(pitch), Math.sin(pitch)];
  const turned = after(
    Float64Array.of(c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, 0, 0, 0, 1),
    Float64Array.of(1, 0, 0, 0, 0, d, t, 0, 0, -t, d, 0, 0, 0, 0, 1),
  );
  turned.set([x, y, z], 12);
  return { projection, transform: turned };
}

const WALL = { point: [0.1, 0.2, -1.4] as const, normal: unit([0.2, -0.1, 1]) };

describe("the geometry of a session in space", () => {
  it("sees a point of a ray where the ray was cast", () => {
    const from = camera(0.3, 1.5, 0.2, 0.4, -0.2);
    for (const [u, v] of [
      [0.5, 0.5],
      [0.02, 0.9],
      [0.97, 0.13],
    ] as const) {
      const { origin, direction } = rayThrough(from, u, v);
      const seen = seenAt(from, add(origin, direction, 2.7));
      expect(seen?.[0]).toBeCloseTo(u, 6);
      expect(seen?.[1]).toBeCloseTo(v, 6);
      expect(seenAt(from, add(origin, direction, -1))).toBeNull();
    }
  });

  it("has up as up and right as right", () => {
    const straight = camera(0, 0, 0);
    expect(rayThrough(straight, 0.9, 0.5).direction[0]).toBeGreaterThan(0);
    expect(rayThrough(straight, 0.5, 0.1).direction[1]).toBeGreaterThan(0);
    expect(rayThrough(straight, 0.5, 0.5).direction[2]).toBeLessThan(-0.9);
  });

  it("undoes a rigid transform", () => {
    const { transform } = camera(1, 2, 3, 0.7, 0.3);
    const point: Vector = [0.4, -0.2, 5];
    move(inverse(transform), move(transform, point)).forEach((value, k) =>
      expect(value).toBeCloseTo(point[k] ?? NaN, 9),
    );
    after(transform, inverse(transform)).forEach((value, k) =>
      expect(value).toBeCloseTo(k % 5 === 0 ? 1 : 0, 9),
    );
    expect(turn(transform, [0, 0, 0])).toEqual([0, 0, 0]);
  });

  it("maps what lies on a plane from one picture to another as its points go", () => {
    const from = camera(0, 1.2, 0.3, 0.1, -0.5);
    const to = camera(0.4, 1.0, 0.1, 0.5, -0.4);
    const map = planeMap(from, to, WALL) ?? identity();
    for (const [u, v] of [
      [0.4, 0.5],
      [0.1, 0.2],
      [0.8, 0.7],
    ] as const) {
      const point = meet(rayThrough(from, u, v), WALL);
      if (!point) throw new Error("the ray misses the wall");
      const seen = seenAt(to, point);
      expect(projectX(map, u, v)).toBeCloseTo(seen?.[0] ?? NaN, 6);
      expect(projectY(map, u, v)).toBeCloseTo(seen?.[1] ?? NaN, 6);
    }
  });

  it("gives no map where a camera is in the plane, and faces what is seen too flat", () => {
    const from = camera(0, 0, 0);
    expect(planeMap(from, camera(0.1, 0, 0), { point: [1, 0, -1], normal: [0, 1, 0] })).toBeNull();
    const ray = rayThrough(from, 0.5, 0.5);
    const plane = faced(ray, add(ray.origin, ray.direction, 2), [1, 0.01, 0]);
    expect(plane.normal[2]).toBeGreaterThan(0.9);
    expect(
      meet({ origin: [0, 0, 0], direction: [1, 0, 0] }, { point: [0, 0, -1], normal: [0, 0, 1] }),
    ).toBeNull();
  });

  it("solves a distance from rays that met the point, and not where the cameras stood together", () => {
    const point: Vector = [0.2, 1.1, -1.7];
    const see = (x: number, y: number, z: number): Ray => ({
      origin: [x, y, z],
      direction: unit(add(point, [x, y, z], -1)),
    });
    const first = see(0, 1.2, 0);
    const walked = Array.from({ length: 12 }, (_, k) => see(0.03 * k, 1.2 + 0.01 * k, -0.01 * k));
    const stood = Array.from({ length: 40 }, (_, k) => see(0.0005 * k, 1.2, 0));
    expect(distanceAlong(first, walked)).toBeCloseTo(Math.hypot(0.2, -0.1, -1.7), 6);
    expect(distanceAlong(first, stood)).toBeNull();
    expect(distanceAlong(first, walked.slice(0, 4))).toBeNull();
  });
});
