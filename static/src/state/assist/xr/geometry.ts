/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Matrices have their sixteen or nine numbers by type of use; checks would drown the sums. */
import { type Homography, multiply } from "../../../ar/homography";

/** x, y, z in metres. */
export type Vector = readonly [number, number, number];
/** 4 x 4, column by column, as WebXR has them. */
export type Matrix = ArrayLike<number>;

/** How one picture was taken: the view's projection, and the camera's place (camera to reference space). */
export interface Camera {
  readonly projection: Matrix;
  readonly transform: Matrix;
}

export interface Ray {
  readonly origin: Vector;
  /** Of length one. */
  readonly direction: Vector;
}

export interface Plane {
  readonly point: Vector;
  /** Of length one. */
  readonly normal: Vector;
}

/** A plane seen flatter than this (sine) says nothing of where its points lie in the picture. */
const GRAZING = 0.12;
const NEAREST_M = 0.02;

export const add = (a: Vector, b: Vector, times = 1): Vector => [
  a[0] + times * b[0],
  a[1] + times * b[1],
  a[2] + times * b[2],
];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function unit(a: Vector): Vector {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** A direction by a rigid transform. */
export function turn(m: Matrix, [x, y, z]: Vector): Vector {
  return [
    m[0]! * x + m[4]! * y + m[8]! * z,
    m[1]! * x + m[5]! * y + m[9]! * z,
    m[2]! * x + m[6]! * y + m[10]! * z,
  ];
}

export function move(m: Matrix, point: Vector): Vector {
  return add(turn(m, point), place(m));
}

/** Where a rigid transform puts the origin. */
export function place(m: Matrix): Vector {
  return [m[12]!, m[13]!, m[14]!];
}

export function inverse(m: Matrix): Float64Array {
  const [x, y, z] = place(m);
  const out = Float64Array.of(
    m[0]!,
    m[4]!,
    m[8]!,
    0,
    m[1]!,
    m[5]!,
    m[9]!,
    0,
    m[2]!,
    m[6]!,
    m[10]!,
    0,
    0,
    0,
    0,
    1,
  );
  const [u, v, w] = turn(out, [x, y, z]);
  out[12] = -u;
  out[13] = -v;
  out[14] = -w;
  return out;
}

/** First `b`, then `a`. */
export function after(a: Matrix, b: Matrix): Float64Array {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row]! * b[4 * column + k]!;
      out[4 * column + row] = sum;
    }
  return out;
}

/** What a place of the picture shows: u, v are 0..1 from its top left. In reference space. */
export function rayThrough({ projection: p, transform }: Camera, u: number, v: number): Ray {
  const seen: Vector = [(2 * u - 1 + p[8]!) / p[0]!, (1 - 2 * v + p[9]!) / p[5]!, -1];
  return { origin: place(transform), direction: unit(turn(transform, seen)) };
}

/** Where a point of reference space is in the picture, 0..1 from its top left; null: not before the camera. */
export function seenAt(
  { projection: p, transform }: Camera,
  point: Vector,
): readonly [number, number] | null {
  const [x, y, z] = move(inverse(transform), point);
  if (z > -NEAREST_M) return null;
  const nx = (p[0]! * x + p[8]! * z) / -z;
  const ny = (p[5]! * y + p[9]! * z) / -z;
  return [(1 + nx) / 2, (1 - ny) / 2];
}

/** Where a ray meets a plane; null: beside or behind. */
export function meet({ origin, direction }: Ray, { point, normal }: Plane): Vector | null {
  const slope = dot(direction, normal);
  if (Math.abs(slope) < 1e-6) return null;
  const distance = dot(add(point, origin, -1), normal) / slope;
  return distance > NEAREST_M ? add(origin, direction, distance) : null;
}

/** The plane where one is known that is seen well enough; else one that faces the camera. */
export function faced(ray: Ray, point: Vector, normal: Vector | null): Plane {
  if (normal && Math.abs(dot(unit(normal), ray.direction)) > GRAZING) return { point, normal: unit(normal) };
  return { point, normal: unit(add([0, 0, 0], ray.direction, -1)) };
}

/**
 * What lies on the plane: from where it is in one picture to where it is in another, both 0..1 from the top left
 * (Hartley and Zisserman, 13.1: H = K' (R + t n^T / d) K^-1). Null where one of the cameras is in the plane.
 */
export function planeMap(from: Camera, to: Camera, plane: Plane): Homography | null {
  const back = inverse(from.transform);
  const step = after(inverse(to.transform), from.transform);
  const normal = turn(back, plane.normal);
  const distance = dot(normal, move(back, plane.point));
  if (Math.abs(distance) < 1e-4) return null;
  const [tx, ty, tz] = place(step);
  const across = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      across[3 * row + column] = step[4 * column + row]! + ([tx, ty, tz][row]! * normal[column]!) / distance;
  const { projection: p } = from;
  const { projection: q } = to;
  // Picture to ray (z = -1), and ray to picture with w = -z.
  const rays = Float64Array.of(
    2 / p[0]!,
    0,
    (p[8]! - 1) / p[0]!,
    0,
    -2 / p[5]!,
    (1 + p[9]!) / p[5]!,
    0,
    0,
    -1,
  );
  const picture = Float64Array.of(q[0]! / 2, 0, (q[8]! - 1) / 2, 0, -q[5]! / 2, -(1 + q[9]!) / 2, 0, 0, -1);
  const out = new Float64Array(9);
  multiply(across, rays, out);
  multiply(picture, out, out);
  return out;
}

/** Fewest pictures, and the least turn between their rays (sine, squared and added up), for a distance to be believed. */
const SIGHTS_LEAST = 8;
const PARALLAX_LEAST = 0.02;

/**
 * How far along a ray the point lies that others saw along theirs: the point with the least squared distance from all rays.
 * Null where the cameras stood too near to each other.
 */
export function distanceAlong(ray: Ray, others: readonly Ray[]): number | null {
  if (others.length < SIGHTS_LEAST) return null;
  let [parallax, sum] = [0, 0];
  for (const { origin, direction } of others) {
    const a = add(ray.direction, direction, -dot(ray.direction, direction));
    const way = add(ray.origin, origin, -1);
    const b = add(way, direction, -dot(way, direction));
    parallax += dot(a, a);
    sum -= dot(a, b);
  }
  const distance = parallax > PARALLAX_LEAST ? sum / parallax : 0;
  return distance > NEAREST_M ? distance : null;
}
