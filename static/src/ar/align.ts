/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { Pyramid } from "./pyramid";

const MOST_RADIUS = 10;
const MOST_SIDE = 2 * MOST_RADIUS + 1;
const SETTLED_PX = 0.02;
/** No aligned patch is believed to be better than this, in pixels: interpolation and lens leave about so much. */
const BEST_PX = 0.12;
/** Places of a search that are one hill, pixels, and how much less alike another hill must be. */
const APART = 3;
/** Gray level over which the sensor is at its end. */
const DAZZLED = 248;
const RIVAL = 0.12;

/**
 * Finds one patch of a reference picture in the current one: the patch is warped by a 2 x 2 matrix, then moved by
 * inverse-compositional Lucas-Kanade steps, coarse to fine, with gain and offset of the light solved for.
 */
export class PatchAligner {
  x = 0;
  y = 0;
  /** Correlation of the patch at where it ended, -1..1. */
  ncc = 0;
  /** Information of (x, y): xx, xy, yy in 1/px^2. */
  xx = 0;
  xy = 0;
  yy = 0;
  /** The path of the camera's motion blur in the current frame, pixels: the template is smeared along it. */
  smearX = 0;
  smearY = 0;
  private readonly template = new Float32Array((MOST_SIDE + 2) * (MOST_SIDE + 2));
  private readonly patch = new Float32Array(MOST_SIDE * MOST_SIDE);
  private readonly gradX = new Float32Array(MOST_SIDE * MOST_SIDE);
  private readonly gradY = new Float32Array(MOST_SIDE * MOST_SIDE);
  private readonly sum = new Float32Array((MOST_SIDE + 2) * (MOST_SIDE + 2));
  private size = 1;
  private hxx = 0;
  private hxy = 0;
  private hyy = 0;
  private patchGradX = 0;
  private patchGradY = 0;
  /** Sum of the template's squares about their mean. */
  energy = 0;
  private gain = 1;
  private noise = 1;
  /** Pixels that were read so far, which is what the time goes by. */
  work = 0;

  /**
   * Patch around (qx, qy) of `ref`; `j` is d(current)/d(ref) row by row; the search starts at (px, py) on level `from`
   * and ends on level `to`. False when the patch leaves a picture, has no texture or runs away; the outcome is in the
   * fields.
   */
  align(
    ref: Pyramid,
    qx: number,
    qy: number,
    j: Float64Array,
    cur: Pyramid,
    px: number,
    py: number,
    from: number,
    to: number,
    radius: number,
  ): boolean {
    this.x = px;
    this.y = py;
    this.ncc = 0;
    const det = j[0]! * j[3]! - j[1]! * j[2]!;
    if (!(det > 0.01 && det < 100)) return false;
    const step = 1 / Math.sqrt(det);
    for (let level = Math.min(from, cur.levels - 1); level >= to; level--) {
      const size = 1 << level;
      const wanted = Math.round(Math.log2(step * size));
      const refLevel = Math.max(0, Math.min(ref.levels - 1, wanted));
      const f = size / det;
      this.size = size;
      const usable =
        this.cut(ref, refLevel, qx, qy, j[3]! * f, -j[1]! * f, -j[2]! * f, j[0]! * f, radius) &&
        this.move(cur, level, radius);
      if (!usable && level === to) return false;
    }
    const size = 1 << to;
    const f = (this.gain * this.gain) / (Math.max(4, this.noise) * size * size);
    this.inform(this.hxx * f, this.hxy * f, this.hyy * f);
    return this.gain > 0.08;
  }

  /**
   * Slides the warped patch over every whole pixel within `reach` of (px, py) on the frame's finest level. True, with the
   * place in `x` and `y`, if one is alike (`least`) and no other, apart from its neighbours, comes near it.
   */
  seek(
    ref: Pyramid,
    qx: number,
    qy: number,
    j: Float64Array,
    cur: Pyramid,
    px: number,
    py: number,
    radius: number,
    reach: number,
    least: number,
  ): boolean {
    const det = j[0]! * j[3]! - j[1]! * j[2]!;
    if (!(det > 0.01 && det < 100)) return false;
    const level = Math.max(0, Math.min(ref.levels - 1, Math.round(Math.log2(1 / Math.sqrt(det)))));
    if (!this.cut(ref, level, qx, qy, j[3]! / det, -j[1]! / det, -j[2]! / det, j[0]! / det, radius))
      return false;
    const w = cur.widths[0]!;
    const h = cur.heights[0]!;
    const gray = cur.data[0]!;
    const n = 2 * radius + 1;
    const count = n * n;
    if (this.energy < count * 9) return false;
    const x0 = Math.round(px) - radius;
    const y0 = Math.round(py) - radius;
    let [best, bestX, bestY, other] = [-1, 0, 0, -1];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [left, top] = [x0 + dx, y0 + dy];
        if (left < 0 || top < 0 || left + n > w || top + n > h) continue;
        let [sum, square, cross] = [0, 0, 0];
        for (let v = 0, k = 0; v < n; v++) {
          let i = (top + v) * w + left;
          for (let u = 0; u < n; u++, k++, i++) {
            const value = gray[i]!;
            sum += value;
            square += value * value;
            cross += value * this.patch[k]!;
          }
        }
        const variance = square - (sum * sum) / count;
        const ncc = variance > count ? cross / Math.sqrt(variance * this.energy) : 0;
        const isBeside = Math.abs(dx - bestX) <= APART && Math.abs(dy - bestY) <= APART;
        if (ncc > best) {
          if (!isBeside) other = Math.max(other, best);
          [best, bestX, bestY] = [ncc, dx, dy];
        } else if (!isBeside) {
          other = Math.max(other, ncc);
        }
      }
    }
    this.x = bestX + Math.round(px);
    this.y = bestY + Math.round(py);
    return best >= least && other < best - RIVAL;
  }

  /**
   * Correlation, -1..1, of the warped patch with the frame at (px, py) after the light's gradient and curvature are taken
   * off both: print under a reflection is the same print. 1 where the sensor saw nothing but light.
   */
  likenessUnderGlare(
    ref: Pyramid,
    qx: number,
    qy: number,
    j: Float64Array,
    cur: Pyramid,
    px: number,
    py: number,
    radius: number,
  ): number {
    const det = j[0]! * j[3]! - j[1]! * j[2]!;
    const [left, top] = [px - radius, py - radius];
    const n = 2 * radius + 1;
    const w = cur.widths[0]!;
    if (!(det > 0.01 && det < 100 && left >= 0 && top >= 0 && left + n < w && top + n < cur.heights[0]!))
      return 0;
    const level = Math.max(0, Math.min(ref.levels - 1, Math.round(Math.log2(1 / Math.sqrt(det)))));
    if (!this.cut(ref, level, qx, qy, j[3]! / det, -j[1]! / det, -j[2]! / det, j[0]! / det, radius)) return 0;
    const { patch, gradX: shown } = this;
    this.sample(cur.data[0]!, w, cur.heights[0]!, px, py, 1, 0, 0, 1, radius);
    let dazzled = 0;
    for (let k = 0; k < n * n; k++) {
      shown[k] = this.template[k]!;
      if (shown[k]! > DAZZLED) dazzled++;
    }
    // Nothing but light is so bright, and light does not stand before anything.
    if (dazzled > 0.5 * n * n) return 1;
    takeLightOff(patch, radius);
    takeLightOff(shown, radius);
    let [square, energy, cross] = [0, 0, 0];
    for (let k = 0; k < n * n; k++) {
      square += shown[k]! * shown[k]!;
      energy += patch[k]! * patch[k]!;
      cross += shown[k]! * patch[k]!;
    }
    return square > n * n && energy > n * n ? cross / Math.sqrt(square * energy) : 0;
  }

  /** Adds the floor BEST_PX to the covariance and turns it into information again. */
  private inform(a: number, b: number, d: number): void {
    const det = a * d - b * b + 1e-9;
    const floor = BEST_PX * BEST_PX;
    const cxx = d / det + floor;
    const cyy = a / det + floor;
    const cxy = -b / det;
    const back = cxx * cyy - cxy * cxy;
    this.xx = cyy / back;
    this.yy = cxx / back;
    this.xy = -cxy / back;
  }

  /** Samples the warped template with a border of one, its gradients and its Hessian. */
  private cut(
    ref: Pyramid,
    level: number,
    qx: number,
    qy: number,
    a: number,
    b: number,
    c: number,
    d: number,
    radius: number,
  ): boolean {
    const w = ref.widths[level]!;
    const h = ref.heights[level]!;
    const gray = ref.data[level]!;
    const scale = 1 / (1 << level);
    const reach = radius + 1;
    const side = 2 * reach + 1;
    this.work += 2 * side * side;
    const [sa, sb, sc, sd] = [a * scale, b * scale, c * scale, d * scale];
    const cx = qx * scale;
    const cy = qy * scale;
    const spanX = (Math.abs(sa) + Math.abs(sb)) * reach;
    const spanY = (Math.abs(sc) + Math.abs(sd)) * reach;
    if (!(cx - spanX >= 0 && cy - spanY >= 0 && cx + spanX < w - 1 && cy + spanY < h - 1)) return false;
    this.sample(gray, w, h, cx, cy, sa, sb, sc, sd, reach);
    // One current pixel is (sa, sc) right and (sb, sd) down in the reference: so is the smear, in those units.
    const [mx, my] = [this.smearX / this.size, this.smearY / this.size];
    const taps = Math.min(8, Math.ceil(Math.sqrt(mx * mx + my * my) / 1.5));
    if (taps > 1) this.smear(gray, w, h, cx, cy, sa, sb, sc, sd, reach, mx, my, taps);
    this.prepare(radius, side);
    return true;
  }

  private smear(
    gray: Uint8Array,
    w: number,
    h: number,
    cx: number,
    cy: number,
    sa: number,
    sb: number,
    sc: number,
    sd: number,
    reach: number,
    mx: number,
    my: number,
    taps: number,
  ): void {
    const count = (2 * reach + 1) * (2 * reach + 1);
    this.sum.fill(0, 0, count);
    for (let tap = 0; tap < taps; tap++) {
      const part = (tap + 0.5) / taps - 0.5;
      const x = cx + part * (sa * mx + sb * my);
      const y = cy + part * (sc * mx + sd * my);
      this.sample(gray, w, h, x, y, sa, sb, sc, sd, reach);
      for (let k = 0; k < count; k++) this.sum[k] = this.sum[k]! + this.template[k]! / taps;
    }
    for (let k = 0; k < count; k++) this.template[k] = this.sum[k]!;
  }

  private sample(
    gray: Uint8Array,
    w: number,
    h: number,
    wantedX: number,
    wantedY: number,
    sa: number,
    sb: number,
    sc: number,
    sd: number,
    reach: number,
  ): void {
    const side = 2 * reach + 1;
    const t = this.template;
    // A smear may leave the picture by some pixels: its end then repeats what is inside.
    const spanX = (Math.abs(sa) + Math.abs(sb)) * reach;
    const spanY = (Math.abs(sc) + Math.abs(sd)) * reach;
    const cx = Math.max(spanX, Math.min(w - 1.001 - spanX, wantedX));
    const cy = Math.max(spanY, Math.min(h - 1.001 - spanY, wantedY));
    let k = 0;
    for (let v = -reach; v <= reach; v++) {
      let x = cx - sa * reach + sb * v;
      let y = cy - sc * reach + sd * v;
      for (let u = 0; u < side; u++) {
        const ix = x | 0;
        const iy = y | 0;
        const fx = x - ix;
        const fy = y - iy;
        const i = iy * w + ix;
        const top = gray[i]! + fx * (gray[i + 1]! - gray[i]!);
        const low = gray[i + w]! + fx * (gray[i + w + 1]! - gray[i + w]!);
        t[k++] = top + fy * (low - top);
        x += sa;
        y += sc;
      }
    }
  }

  private prepare(radius: number, side: number): void {
    const { template: t, patch, gradX, gradY } = this;
    const n = 2 * radius + 1;
    let sum = 0;
    let sumX = 0;
    let sumY = 0;
    for (let v = 0, k = 0; v < n; v++) {
      let i = (v + 1) * side + 1;
      for (let u = 0; u < n; u++, i++, k++) {
        const gx = (t[i + 1]! - t[i - 1]!) / 2;
        const gy = (t[i + side]! - t[i - side]!) / 2;
        patch[k] = t[i]!;
        gradX[k] = gx;
        gradY[k] = gy;
        sum += t[i]!;
        sumX += gx;
        sumY += gy;
      }
    }
    const count = n * n;
    const mean = sum / count;
    const meanX = sumX / count;
    const meanY = sumY / count;
    let xx = 0;
    let xy = 0;
    let yy = 0;
    let energy = 0;
    let px = 0;
    let py = 0;
    for (let k = 0; k < count; k++) {
      const p = patch[k]! - mean;
      const gx = gradX[k]! - meanX;
      const gy = gradY[k]! - meanY;
      patch[k] = p;
      gradX[k] = gx;
      gradY[k] = gy;
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      energy += p * p;
      px += p * gx;
      py += p * gy;
    }
    this.hxx = xx;
    this.hxy = xy;
    this.hyy = yy;
    this.energy = energy;
    this.patchGradX = px;
    this.patchGradY = py;
  }

  private move(cur: Pyramid, level: number, radius: number): boolean {
    const w = cur.widths[level]!;
    const h = cur.heights[level]!;
    const gray = cur.data[level]!;
    const scale = 1 / (1 << level);
    const { patch, gradX, gradY, energy } = this;
    const n = 2 * radius + 1;
    const count = n * n;
    const ridge = 1e-3 * (this.hxx + this.hyy) + 1e-3;
    const hxx = this.hxx + ridge;
    const hyy = this.hyy + ridge;
    const hxy = this.hxy;
    const det = hxx * hyy - hxy * hxy;
    if (energy < count * 1.5 || det < 1e-6) return false;
    const x0 = this.x * scale;
    const y0 = this.y * scale;
    let x = x0;
    let y = y0;
    for (let round = 0; round < 8; round++) {
      const left = x - radius;
      const top = y - radius;
      if (!(left >= 0 && top >= 0 && left + n < w && top + n < h)) return false;
      const ix = left | 0;
      const iy = top | 0;
      const fx = left - ix;
      const fy = top - iy;
      const w00 = (1 - fx) * (1 - fy);
      const w10 = fx * (1 - fy);
      const w01 = (1 - fx) * fy;
      const w11 = fx * fy;
      this.work += count;
      let sum = 0;
      let square = 0;
      let cross = 0;
      let bx = 0;
      let by = 0;
      for (let v = 0, k = 0; v < n; v++) {
        let i = (iy + v) * w + ix;
        let a = gray[i]!;
        let c = gray[i + w]!;
        for (let u = 0; u < n; u++, k++) {
          i++;
          const b = gray[i]!;
          const d = gray[i + w]!;
          const value = w00 * a + w10 * b + w01 * c + w11 * d;
          a = b;
          c = d;
          sum += value;
          square += value * value;
          cross += value * patch[k]!;
          bx += value * gradX[k]!;
          by += value * gradY[k]!;
        }
      }
      // Template and gradients have mean 0, so the light's offset has dropped out of `cross`, `bx` and `by`.
      const variance = square - (sum * sum) / count;
      const gain = cross / energy;
      this.gain = gain;
      this.ncc = variance > 1e-3 ? cross / Math.sqrt(variance * energy) : 0;
      this.noise = Math.max(0, (variance - gain * cross) / (count - 4));
      if (gain < 0.02) return level > 0;
      const ex = bx / gain - this.patchGradX;
      const ey = by / gain - this.patchGradY;
      const dx = (hyy * ex - hxy * ey) / det;
      const dy = (hxx * ey - hxy * ex) / det;
      if (!(Math.abs(dx) < 4 * radius && Math.abs(dy) < 4 * radius)) return false;
      if (dx * dx + dy * dy < SETTLED_PX * SETTLED_PX) break;
      x -= dx;
      y -= dy;
    }
    if (Math.abs(x - x0) > radius + 2 || Math.abs(y - y0) > radius + 2) return false;
    this.x = x / scale;
    this.y = y / scale;
    return true;
  }
}

/** Subtracts from a square patch what 1, u, v, uv, u^2 and v^2 explain of it: on a square grid these are orthogonal. */
function takeLightOff(patch: Float32Array, radius: number): void {
  const spread = (radius * (radius + 1)) / 3;
  for (let term = 0; term < 6; term++) {
    let [own, product] = [0, 0];
    for (let pass = 0; pass < 2; pass++) {
      const share = pass === 0 ? 0 : product / own;
      for (let v = -radius, k = 0; v <= radius; v++) {
        for (let u = -radius; u <= radius; u++, k++) {
          const shape = lightShape(term, u, v, spread);
          if (pass === 0) {
            own += shape * shape;
            product += shape * patch[k]!;
          } else patch[k] = patch[k]! - share * shape;
        }
      }
    }
  }
}

function lightShape(term: number, u: number, v: number, spread: number): number {
  if (term === 0) return 1;
  if (term === 1) return u;
  if (term === 2) return v;
  if (term === 3) return u * v;
  return term === 4 ? u * u - spread : v * v - spread;
}
