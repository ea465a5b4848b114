/** What is known of the phone. Battery 0..1; null where the browser does not tell. */
export interface PhoneState {
  readonly battery: number | null;
  readonly charging: boolean;
  /** The system says that it runs hot or is overloaded (W3C Compute Pressure). */
  readonly warm: boolean;
}

export interface Pace {
  /** Milliseconds of a frame that may go into following marks. */
  readonly budgetMs: number;
  /** Every how manieth frame is looked at. */
  readonly stride: number;
  /** Frames a second that the camera is asked for. */
  readonly framesPerS: number;
  /** Slower, so that the phone does not run hot or empty. */
  readonly spares: boolean;
}

const FULL: Pace = { budgetMs: 24, stride: 1, framesPerS: 30, spares: false };
const SPARING: Pace = { budgetMs: 18, stride: 1, framesPerS: 20, spares: true };
const LEAST: Pace = { budgetMs: 14, stride: 1, framesPerS: 12, spares: true };
const LOW = 0.2;
const EMPTY = 0.08;
/** A share of the time between frames that following may take, and under which it takes every frame again. */
const CROWDED = 0.85;
const ROOMY = 0.35;
const STRIDE_MAX = 4;
const STEADY_FRAMES = 30;
const SMOOTH = 0.1;

/** How much the tracker may work: less before the phone cooks, and never more than the frames leave time for. */
export class PaceMaker {
  #phone: PhoneState = { battery: null, charging: false, warm: false };
  #cost = 0;
  #interval = 33;
  #lastMs = -1;
  #stride = 1;
  #since = 0;

  know(phone: PhoneState): void {
    this.#phone = phone;
  }

  /** A frame was followed: what it cost, and when it was captured. */
  frame(costMs: number, capturedMs: number): void {
    if (this.#lastMs >= 0 && capturedMs > this.#lastMs) {
      const interval = Math.min(500, (capturedMs - this.#lastMs) / this.#stride);
      this.#interval += SMOOTH * (interval - this.#interval);
    }
    this.#lastMs = capturedMs;
    this.#cost += SMOOTH * (costMs - this.#cost);
    this.#since += 1;
    if (this.#since < STEADY_FRAMES) return;
    const share = this.#cost / (this.#interval * this.#stride);
    if (share > CROWDED && this.#stride < STRIDE_MAX) this.#change(this.#stride + 1);
    else if (this.#stride > 1 && this.#cost / (this.#interval * (this.#stride - 1)) < ROOMY)
      this.#change(this.#stride - 1);
  }

  get now(): Pace {
    return { ...this.#level, stride: this.#stride };
  }

  get #level(): Pace {
    const { battery, charging, warm } = this.#phone;
    const left = charging || battery === null ? 1 : battery;
    if (left <= EMPTY || (warm && left <= LOW)) return LEAST;
    return warm || left <= LOW ? SPARING : FULL;
  }

  #change(stride: number): void {
    this.#stride = stride;
    this.#since = 0;
  }
}
