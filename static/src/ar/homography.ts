/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
/** A plane's projective map, row by row, with the last entry 1. */
export type Homography = Float64Array;

export function identity(): Homography {
  return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
}

export function projectX(m: Homography, x: number, y: number): number {
  return (m[0]! * x + m[1]! * y + m[2]!) / (m[6]! * x + m[7]! * y + m[8]!);
}

export function projectY(m: Homography, x: number, y: number): number {
  return (m[3]! * x + m[4]! * y + m[5]!) / (m[6]! * x + m[7]! * y + m[8]!);
}

/** The homogeneous denominator: at or under zero, a point lies behind the camera. */
export function depthOf(m: Homography, x: number, y: number): number {
  return m[6]! * x + m[7]! * y + m[8]!;
}

/** d(u, v) / d(x, y) at (x, y), row by row, into `out`. */
export function jacobian(m: Homography, x: number, y: number, out: Float64Array): void {
  const w = 1 / depthOf(m, x, y);
  const u = projectX(m, x, y);
  const v = projectY(m, x, y);
  out[0] = (m[0]! - u * m[6]!) * w;
  out[1] = (m[1]! - u * m[7]!) * w;
  out[2] = (m[3]! - v * m[6]!) * w;
  out[3] = (m[4]! - v * m[7]!) * w;
}

/** out = a after b (`out` may be either). */
export function multiply(a: Homography, b: Homography, out: Homography): void {
  const [b0, b1, b2, b3, b4, b5, b6, b7, b8] = [
    b[0]!,
    b[1]!,
    b[2]!,
    b[3]!,
    b[4]!,
    b[5]!,
    b[6]!,
    b[7]!,
    b[8]!,
  ];
  for (let r = 0; r < 9; r += 3) {
    const x = a[r]!;
    const y = a[r + 1]!;
    const z = a[r + 2]!;
    out[r] = x * b0 + y * b3 + z * b6;
    out[r + 1] = x * b1 + y * b4 + z * b7;
    out[r + 2] = x * b2 + y * b5 + z * b8;
  }
  normalise(out);
}

/** out = inverse of m; false when m is singular. `out` must be another matrix. */
export function invert(m: Homography, out: Homography): boolean {
  const [a, b, c, d, e, f, g, h, i] = [m[0]!, m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, m[6]!, m[7]!, m[8]!];
  out[0] = e * i - f * h;
  out[1] = c * h - b * i;
  out[2] = b * f - c * e;
  out[3] = f * g - d * i;
  out[4] = a * i - c * g;
  out[5] = c * d - a * f;
  out[6] = d * h - e * g;
  out[7] = b * g - a * h;
  out[8] = a * e - b * d;
  const det = a * out[0] + b * out[3] + c * out[6];
  if (!(Math.abs(det) > 1e-12)) return false;
  return normalise(out);
}

function normalise(m: Homography): boolean {
  const last = m[8]!;
  if (!(Math.abs(last) > 1e-12)) return false;
  for (let k = 0; k < 9; k++) m[k] = m[k]! / last;
  return true;
}

/** Solves the n x n system in `a` (row stride n + 1, the right side in the last column) in place; false when singular. */
export function solve(a: Float64Array, n: number, x: Float64Array): boolean {
  const stride = n + 1;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) {
      if (Math.abs(a[r * stride + c]!) > Math.abs(a[pivot * stride + c]!)) pivot = r;
    }
    const lead = a[pivot * stride + c]!;
    if (!(Math.abs(lead) > 1e-12)) return false;
    if (pivot !== c) {
      for (let k = c; k <= n; k++) {
        const held = a[c * stride + k]!;
        a[c * stride + k] = a[pivot * stride + k]!;
        a[pivot * stride + k] = held;
      }
    }
    for (let r = c + 1; r < n; r++) {
      const f = a[r * stride + c]! / lead;
      if (f === 0) continue;
      for (let k = c; k <= n; k++) a[r * stride + k] = a[r * stride + k]! - f * a[c * stride + k]!;
    }
  }
  for (let r = n - 1; r >= 0; r--) {
    let sum = a[r * stride + n]!;
    for (let k = r + 1; k < n; k++) sum -= a[r * stride + k]! * x[k]!;
    x[r] = sum / a[r * stride + r]!;
  }
  return true;
}

/** Whether m keeps the plane's orientation and a believable size over the frame: no fold, no mirror, no collapse. */
export function isBelievable(m: Homography, width: number, height: number, x: number, y: number): boolean {
  for (let k = 0; k < 9; k++) if (!Number.isFinite(m[k]!)) return false;
  const w = depthOf(m, x, y);
  if (w < 0.2 || w > 5) return false;
  const area =
    (m[0]! * (m[4]! - m[5]! * m[7]!) -
      m[1]! * (m[3]! - m[5]! * m[6]!) +
      m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!)) /
    w ** 3;
  if (!(area > 0.02 && area < 50)) return false;
  // Perspective inside a frame-sized window around the point may not tear the plane apart.
  const sway = (Math.abs(m[6]!) * width + Math.abs(m[7]!) * height) / (2 * w);
  return sway < 0.85;
}
