import type { Clock } from "../clock";
import { Store } from "../store";

export const LASER_TOPIC = "laser";
/** A pointer that says nothing for so long is gone. */
export const LASER_GONE_MS = 400;
const SEND_EVERY_MS = 33;
const POINTERS_MAX = 16;

/** In 0..1 of the picture. */
export interface LaserPoint {
  readonly x: number;
  readonly y: number;
}

/** f32 x, f32 y, little-endian. */
export function encodeLaser({ x, y }: LaserPoint): Uint8Array {
  const bytes = new Uint8Array(8);
  const data = new DataView(bytes.buffer);
  data.setFloat32(0, x, true);
  data.setFloat32(4, y, true);
  return bytes;
}

export function decodeLaser(bytes: Uint8Array): LaserPoint | null {
  if (bytes.length !== 8) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [x, y] = [data.getFloat32(0, true), data.getFloat32(4, true)];
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : null;
}

/** Everybody's laser pointers, one's own under "". None is kept longer than LASER_GONE_MS. */
export class Lasers {
  readonly points = new Store<ReadonlyMap<string, LaserPoint>>(new Map());
  readonly #cancels = new Map<string, () => void>();
  #sentAtMs = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly send: (payload: Uint8Array) => void,
  ) {}

  /** This person's pointer moves; what is sent is thinned out. */
  move(point: LaserPoint): void {
    this.#show("", point);
    const now = this.clock.now();
    if (now - this.#sentAtMs < SEND_EVERY_MS) return;
    this.#sentAtMs = now;
    this.send(encodeLaser(point));
  }

  received(payload: Uint8Array, senderId: string): void {
    const point = decodeLaser(payload);
    if (point && (this.#cancels.has(senderId) || this.#cancels.size < POINTERS_MAX))
      this.#show(senderId, point);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.points.set(new Map());
  }

  #show(who: string, point: LaserPoint): void {
    this.#cancels.get(who)?.();
    this.#cancels.set(
      who,
      this.clock.after(LASER_GONE_MS, () => {
        this.#cancels.delete(who);
        this.points.update((points) => new Map([...points].filter(([other]) => other !== who)));
      }),
    );
    this.points.update((points) => new Map(points).set(who, point));
  }
}
