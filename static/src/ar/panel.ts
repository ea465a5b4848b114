/* eslint-disable @typescript-eslint/no-non-null-assertion -- Indices are bounded by construction. */
import { type Homography, invert, projectX, projectY } from "./homography";
import { Random } from "./random";

const WIDTH = 520;
const HEIGHT = 400;
const PITCH_X = 46;
const PITCH_Y = 56;
/** Of a lamp in its row and column, pixels of the panel. */
export const lampAt = (column: number, row: number): readonly [number, number] => [
  50 + PITCH_X * column,
  50 + PITCH_Y * row,
];

/** A panel of equal lamps for the unit tests; only the small print under each differs. */
export class Panel {
  private readonly gray = new Float32Array(WIDTH * HEIGHT).fill(170);
  private readonly back = new Float64Array(9);
  private readonly noise = new Random(78);

  constructor(seed: number) {
    const random = new Random(seed);
    for (let row = 0; row < 6; row++)
      for (let column = 0; column < 10; column++) {
        const [x, y] = lampAt(column, row);
        this.disc(x, y, 13, 60);
        this.disc(x, y, 10, 215);
        this.disc(x - 3, y - 3, 3, 250);
        // Five signs of 3 x 5 dots, two pixels wide and high each.
        for (let sign = 0; sign < 5; sign++)
          for (let dot = 0; dot < 15; dot++)
            if (random.below(2) === 1)
              this.box(x - 18 + 8 * sign + 2 * (dot % 3), y + 20 + 2 * Math.floor(dot / 3), 40);
      }
  }

  /** Through `h` (panel to frame), with noise of about two gray levels. */
  render(width: number, height: number, h: Homography): Uint8Array {
    invert(h, this.back);
    const out = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const u = projectX(this.back, x, y);
        const v = projectY(this.back, x, y);
        let value = 120;
        if (u >= 0 && v >= 0 && u < WIDTH - 1 && v < HEIGHT - 1) {
          const [i, k] = [Math.floor(u), Math.floor(v)];
          const p = k * WIDTH + i;
          const top = this.gray[p]! + (u - i) * (this.gray[p + 1]! - this.gray[p]!);
          const low = this.gray[p + WIDTH]! + (u - i) * (this.gray[p + WIDTH + 1]! - this.gray[p + WIDTH]!);
          value = top + (v - k) * (low - top);
        }
        value += (this.noise.next() / 4294967296 - 0.5) * 6;
        out[y * width + x] = Math.max(0, Math.min(255, Math.round(value)));
      }
    return out;
  }

  private disc(cx: number, cy: number, radius: number, shade: number): void {
    for (let y = cy - radius; y <= cy + radius; y++)
      for (let x = cx - radius; x <= cx + radius; x++)
        if ((x - cx) ** 2 + (y - cy) ** 2 <= radius * radius) this.gray[y * WIDTH + x] = shade;
  }

  private box(x: number, y: number, shade: number): void {
    for (let v = 0; v < 2; v++) for (let u = 0; u < 2; u++) this.gray[(y + v) * WIDTH + x + u] = shade;
  }
}
