import type { CameraMode } from "../../protocol.gen";

export interface LineReading {
  /** Bits a second that may be sent, as far as is known: of the sender's estimator, or of how fast a still went. */
  readonly availableBps: number | null;
}

/** What the person on site chose; auto: by the line. */
export type ModeChoice = "auto" | CameraMode;

/** Under this a picture that moves shows nothing any more; marks and speech need some 50 kbit/s of it. */
const NARROW_BPS = 150_000;
const WIDE_BPS = 300_000;
/** Readings in a row (one each two seconds) before the picture is given up, and stills before it is tried again. */
const NARROW_READINGS = 3;
const WIDE_READINGS = 3;
/** After a try that failed the next one waits longer. */
const PATIENCE_MAX = 24;

/** Whether the line carries a moving picture. Never flickers: it takes several readings, and more after each failure. */
export class LineMode {
  #mode: CameraMode = "video";
  #choice: ModeChoice = "auto";
  #narrow = 0;
  #wide = 0;
  #patience = WIDE_READINGS;

  get mode(): CameraMode {
    return this.#choice === "auto" ? this.#mode : this.#choice;
  }

  get choice(): ModeChoice {
    return this.#choice;
  }

  choose(choice: ModeChoice): CameraMode {
    // Whoever takes the choice back goes on from what they saw.
    if (choice === "auto" && this.#choice !== "auto") this.#mode = this.#choice;
    this.#choice = choice;
    this.#narrow = this.#wide = 0;
    return this.mode;
  }

  read({ availableBps }: LineReading): CameraMode {
    if (availableBps === null) return this.mode;
    this.#narrow = availableBps < NARROW_BPS ? this.#narrow + 1 : 0;
    this.#wide = availableBps > WIDE_BPS ? this.#wide + 1 : 0;
    if (this.#mode === "video" && this.#narrow >= NARROW_READINGS) {
      this.#mode = "stills";
      this.#wide = 0;
    } else if (this.#mode === "stills" && this.#wide >= this.#patience) {
      this.#mode = "video";
      this.#narrow = 0;
      this.#patience = Math.min(PATIENCE_MAX, this.#patience * 2);
    }
    return this.mode;
  }
}
