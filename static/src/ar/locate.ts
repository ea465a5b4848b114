/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { type Describer, FeatureSet, match, TURNS } from "./descriptors";
import type { Estimator } from "./estimate";
import { type Homography, identity, isBelievable } from "./homography";
import type { Pyramid } from "./pyramid";
import type { View } from "./view";

const MOST_SEEN = 280;
const LEAST_PAIRS = 9;
/** With fewer that agree on a turn, a size and a shift, that is worth a look still: on equal lamps most pairs are wrong. */
const WORTH_A_LOOK = 5;
/** Features that must be turned alike, and share of all, for the turn to be told. */
const LEAST_ALIKE = 10;
const SHARE_ALIKE = 0.3;

/** Finds a stored view in a frame without knowing where the camera was. */
export class Locator {
  /** View to current frame, after `find` said yes. */
  readonly h: Homography = identity();
  private readonly rough: Homography = identity();
  /** Pairs that agreed on `h`. */
  pairs = 0;
  private readonly seen = new FeatureSet(MOST_SEEN);
  private readonly from = new Float32Array(2 * MOST_SEEN);
  private readonly to = new Float32Array(2 * MOST_SEEN);
  private readonly votes = new Uint16Array(TURNS);

  constructor(
    private readonly describer: Describer,
    private readonly estimator: Estimator,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** Describes the frame; once a frame, before `find`. */
  look(cur: Pyramid): void {
    const level = Math.min(1, cur.levels - 1);
    this.seen.clear();
    const scale = 1 / (1 << level);
    this.describer.add(
      cur.data[level]!,
      cur.widths[level]!,
      cur.heights[level]!,
      scale,
      MOST_SEEN,
      this.seen,
    );
  }

  /**
   * By how much the view looked for last is turned in the frame, radians; NaN when features do not agree on that. Equal
   * lamps tell this well, though not which is which.
   */
  get turn(): number {
    const { votes } = this;
    let [best, at, all] = [0, 0, 0];
    for (let k = 0; k < TURNS; k++) {
      all += votes[k]!;
      const near = votes[(k + TURNS - 1) % TURNS]! + votes[k]! + votes[(k + 1) % TURNS]!;
      if (near > best) [best, at] = [near, k];
    }
    if (best < LEAST_ALIKE || best < SHARE_ALIKE * all) return NaN;
    const lean = (votes[(at + 1) % TURNS]! - votes[(at + TURNS - 1) % TURNS]!) / best;
    const turn = ((at + lean) * 2 * Math.PI) / TURNS;
    return turn > Math.PI ? turn - 2 * Math.PI : turn;
  }

  find(view: View): boolean {
    this.pairs = 0;
    const n = match(view.features, this.seen, 0.015 * this.width, this.from, this.to, this.votes);
    if (n < LEAST_PAIRS) return false;
    const { from, to, estimator } = this;
    // Under a slant pairs miss the similarity by more than a homography would let them.
    let kept = estimator.similarity(n, from, to, 0.025 * this.width, 500, this.h);
    if (kept < WORTH_A_LOOK) return false;
    if (kept < LEAST_PAIRS)
      return isBelievable(this.h, this.width, this.height, this.width / 2, this.height / 2);
    kept = 0;
    for (let k = 0; k < n; k++) {
      if (estimator.inlier[k] === 0) continue;
      for (let c = 0; c < 2; c++) {
        from[2 * kept + c] = from[2 * k + c]!;
        to[2 * kept + c] = to[2 * k + c]!;
      }
      kept++;
    }
    this.rough.set(this.h);
    this.pairs = estimator.ransac(kept, from, to, 0.008 * this.width, 150, this.h);
    if (this.pairs < LEAST_PAIRS) {
      this.h.set(this.rough);
      this.pairs = kept;
    }
    return isBelievable(this.h, this.width, this.height, this.width / 2, this.height / 2);
  }
}
