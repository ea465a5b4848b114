/* eslint-disable @typescript-eslint/no-non-null-assertion -- Indices are bounded by construction. */
import { type Homography, invert, projectX, projectY } from "./homography";
import { Random } from "./random";

/** Pictures with known truth for the unit tests: smooth random blobs that any map can be drawn through. */
export class Scene {
  private readonly blobs: number[][] = [];
  private readonly back = new Float64Array(9);
  private readonly noise = new Random(77);

  constructor(seed: number, count = 1500, extent = 500) {
    const random = new Random(seed);
    const unit = (): number => random.next() / 4294967296;
    for (let k = 0; k < count; k++) {
      this.blobs.push([unit() * extent - 90, unit() * extent - 90, 1.5 + 3 * unit(), (unit() - 0.5) * 220]);
    }
  }

  /** The scene through `h` (scene to frame), with noise of about `noise` gray levels. */
  render(width: number, height: number, h: Homography, noise = 1, gain = 1, offset = 0): Uint8Array {
    invert(h, this.back);
    const out = new Uint8Array(width * height);
    const grid = this.draw(700);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const u = projectX(this.back, x, y) + 120;
        const v = projectY(this.back, x, y) + 120;
        let value = 128;
        if (u >= 0 && v >= 0 && u < 698 && v < 698) {
          const i = Math.floor(v) * 700 + Math.floor(u);
          const fx = u - Math.floor(u);
          const fy = v - Math.floor(v);
          const top = grid[i]! + fx * (grid[i + 1]! - grid[i]!);
          const low = grid[i + 700]! + fx * (grid[i + 701]! - grid[i + 700]!);
          value = top + fy * (low - top);
        }
        value = value * gain + offset + (this.noise.next() / 4294967296 - 0.5) * 3.4 * noise;
        out[y * width + x] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
    return out;
  }

  private drawn: Float32Array | null = null;

  private draw(side: number): Float32Array {
    if (this.drawn !== null) return this.drawn;
    const grid = new Float32Array(side * side).fill(128);
    for (const [bx, by, radius, height] of this.blobs) {
      const cx = bx! + 120;
      const cy = by! + 120;
      const reach = Math.ceil(3 * radius!);
      for (let y = Math.max(0, Math.floor(cy) - reach); y < Math.min(side, cy + reach); y++) {
        for (let x = Math.max(0, Math.floor(cx) - reach); x < Math.min(side, cx + reach); x++) {
          const d2 = ((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius! * radius!);
          grid[y * side + x] = grid[y * side + x]! + height! * Math.exp(-d2);
        }
      }
    }
    this.drawn = grid;
    return grid;
  }
}

export function shifted(x: number, y: number): Homography {
  return Float64Array.of(1, 0, x, 0, 1, y, 0, 0, 1);
}
