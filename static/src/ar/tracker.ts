/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import { PatchAligner } from "./align";
import type { StoredView, Tracked, Tracker } from "./contract";
import { Corners } from "./corners";
import { Describer } from "./descriptors";
import { Estimator } from "./estimate";
import { Flow } from "./flow";
import { identity, invert, isBelievable, multiply, projectX, projectY } from "./homography";
import { type Cells, Likeness } from "./likeness";
import { LocalField } from "./local";
import { Locator } from "./locate";
import { Pyramid } from "./pyramid";
import { Random } from "./random";
import { Refinder } from "./refind";
import { Registration } from "./register";
import { Scan } from "./scan";
import { LEAST_FOUND, MOST_POINTS, type View, ViewBuilder } from "./view";
import { MOST_VIEWS, Views } from "./views";

export type { StoredView, Tracked, Tracker, TrackState } from "./contract";

/** Fewest patches a keyframe must offer. */
const LEAST_TEXTURE = 14;
/** Frames that a pose may live on flow alone. */
const BLIND_FRAMES = 10;
/** Frames of the camera that covered marks are shown dashed, of which each that was looked at counts for so many. */
const COVERED_FRAMES = 6;
const PASSED_MOST = 3;
/** However long it was covered: the first clear frame shows it again. */
const COVERED_MOST = COVERED_FRAMES + 2;
/** Frames for which the rest of a scene with depth is followed without the mark's own surface. */
const GUESSED_FRAMES = 12;
/** Of the share of patches that is usually found: so much shows that a frame is neither smeared nor dark. */
const CLEAR_SHARE = 0.6;
/** So many patches that lie on one plane to a fraction of a pixel are no accident. */
const AGREEING = 20;
/** How far the patches lie off one plane from where on the scene has depth. */
const DEEP_PX = 0.7;
const OK_SIGMA_PX = 2.2;
const WEAK_SIGMA_PX = 8;
/** Correlation that another place may have, relative to the found one, before the found one is in doubt. */
const RIVAL_MARGIN = 0.04;
/** A correlation elsewhere that comes so near means that the picture repeats itself. */
const REPEATING_MARGIN = 0.2;
/** Share of the fine cells that may contradict a place on such a picture. */
const CONTRADICTED_MOST = 0.06;
/** The same in the first frames after finding again, when the camera's speed is not known yet, and after a jerk. */
const CONTRADICTED_FRESH = 0.025;
const FRESH_FRAMES = 8;
const JERK_FRAMES = 3;
/** Change of speed from one frame to the next that is a jerk, in frame widths. */
const JERK = 0.02;

/** `width` x `height` is the size of every frame; at least 96 x 96. */
export function createTracker(width: number, height: number): Tracker {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width >= 96 && height >= 96)) {
    throw new RangeError("frames of at least 96 x 96 whole pixels are tracked");
  }
  return new PlaneTracker(width, height);
}

class PlaneTracker implements Tracker {
  private last: Pyramid;
  private cur: Pyramid;
  private readonly registration: Registration;
  private readonly flow: Flow;
  private readonly refinder: Refinder;
  private readonly local: LocalField;
  private readonly scan: Scan;
  private readonly likeness: Likeness;
  private readonly cells: Cells;
  private readonly known: Views;
  /** The view that is being aligned with, and its map to the current frame; null: looking for one. */
  private used: View | null = null;
  private readonly h = identity();
  private readonly before = identity();
  private readonly back = identity();
  private readonly whole = identity();
  private marks = new Float32Array(0);
  private blind = 0;
  private covered = 0;
  private steady = 0;
  private doubted = 0;
  /** Since the machine was found (again), the marks' own surface was. */
  private isConfirmed = true;
  private frame = 0;
  private fresh = 0;
  /** Typical share of the patches in the frame that are found, when all is well. */
  private usual = 1;
  private readonly result: Tracked;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    const random = new Random();
    const pixels = width * height;
    const corners = new Corners(Math.ceil(0.52 * pixels) + width, width);
    const describer = new Describer(corners, Math.ceil(0.52 * pixels) + width, width, 300);
    const aligner = new PatchAligner();
    const estimator = new Estimator(width, height, Math.max(MOST_POINTS, 300), random);
    this.last = new Pyramid(width, height);
    this.cur = new Pyramid(width, height);
    this.registration = new Registration(aligner, estimator, width, height);
    this.scan = new Scan(this.cur);
    this.flow = new Flow(aligner, estimator, this.scan, width, height);
    const locator = new Locator(describer, estimator, width, height);
    this.local = new LocalField(width);
    this.known = new Views(new ViewBuilder(corners, describer, width, height), width, height);
    this.likeness = new Likeness(this.cur);
    this.cells = this.likeness.cells();
    this.refinder = new Refinder(
      this.h,
      this.known,
      locator,
      this.registration,
      this.local,
      this.scan,
      this.likeness,
      this.cur,
      width,
      height,
    );
    this.result = { state: "lost", points: this.marks, H: null, uncertainty: Infinity };
  }

  setKeyframe(gray: Uint8Array, points: Float32Array): boolean {
    this.forget();
    this.known.count = 0;
    if (!this.acceptable(points)) return false;
    const key = this.known.begin(gray, points);
    if (key.n - key.anchors < LEAST_TEXTURE) {
      this.known.count = 0;
      return false;
    }
    this.cur.build(gray);
    this.begin(points.length);
    this.flow.rest();
    this.use(key);
    this.h.set(identity());
    this.askWhetherRepeats(key);
    this.registration.place(key, this.h);
    this.registration.good.fill(1, 0, key.n);
    this.marks.set(points);
    return true;
  }

  goOn(gray: Uint8Array, H: Float64Array): void {
    const view = this.present();
    if (view === null) return;
    this.cur.build(gray);
    this.h.set(H);
    this.registration.place(view, this.h);
    this.registration.good.fill(1, 0, view.n);
  }

  track(gray: Uint8Array, passed = 1): Tracked {
    const spare = this.last;
    this.last = this.cur;
    this.cur = spare;
    this.cur.build(gray);
    this.frame++;
    const { result } = this;
    result.state = "lost";
    result.H = null;
    result.uncertainty = Infinity;
    if (this.known.count === 0) return result;
    const last = this.present();
    if (last === null || !this.follow(last) || (this.isMisled(last) && !this.isSetRight(last))) {
      if (last !== null) this.lose();
      this.find();
    }
    const view = this.present();
    if (view !== null) this.judge(view, Math.max(1, Math.min(passed, PASSED_MOST)));
    result.points = this.marks;
    return result;
  }

  /** Looks for what was lost; it may have been found in a frame of a moment ago, and is followed from there. */
  private find(): void {
    const found = this.refinder.find(this.cur);
    if (found === null) return;
    this.use(found);
    this.fresh = FRESH_FRAMES;
    this.isConfirmed = false;
    if (this.refinder.age === 0) return;
    this.last.copy(this.refinder.held);
    if (!this.follow(found) || (this.isMisled(found) && !this.isSetRight(found))) this.lose();
  }

  views(): StoredView[] {
    return this.known.all.slice(0, this.known.count).map((v) => ({
      gray: v.pyramid.data[0]!,
      points: v.marks,
      fromKey: v.fromKey,
    }));
  }

  restore(views: readonly StoredView[]): boolean {
    this.forget();
    this.known.count = 0;
    const first = views.at(0);
    if (first === undefined || views.length > MOST_VIEWS) return false;
    for (const view of views) {
      const fits =
        view.gray.length === this.width * this.height && view.points.length === first.points.length;
      if (!fits || !this.acceptable(view.points)) return false;
    }
    for (const view of views) this.known.append(view.gray, view.points, view.fromKey);
    this.cur.build(first.gray);
    this.h.set(identity());
    this.askWhetherRepeats(this.known.all[0]!);
    this.begin(first.points.length);
    return true;
  }

  private present(): View | null {
    return this.used;
  }

  private acceptable(points: Float32Array): boolean {
    if (points.length < 2 || points.length % 2 !== 0) return false;
    return points.every((p) => Number.isFinite(p) && Math.abs(p) < 4 * this.width);
  }

  private begin(length: number): void {
    this.marks = new Float32Array(length);
    this.result.points = this.marks;
  }

  private forget(): void {
    this.refinder.reset();
    this.used = null;
    this.blind = 0;
    this.covered = 0;
    this.steady = 0;
    this.doubted = 0;
    this.isConfirmed = true;
    this.usual = 1;
  }

  private use(view: View): void {
    this.used = view;
    this.local.centre(view);
    this.registration.assess(view);
    this.blind = 0;
    this.doubted = 0;
  }

  private lose(): void {
    this.flow.rest();
    this.used = null;
    this.known.abandon();
    this.fresh = 0;
    this.steady = 0;
    this.covered = 0;
    this.refinder.begin();
  }

  /** Carries the pose into this frame and aligns it with the view; false when it is lost. */
  private follow(view: View): boolean {
    const seen = this.registration;
    this.before.set(this.h);
    const { speedX, speedY } = this.flow;
    const flowed = this.flow.follow(this.last, this.cur, view.n, seen.at, seen.good);
    if (flowed) {
      multiply(this.flow.h, this.h, this.h);
    } else {
      // The picture jumped or is covered: perhaps the camera stands where it stood.
      seen.place(view, this.h);
    }
    const jerk = Math.abs(this.flow.speedX - speedX) + Math.abs(this.flow.speedY - speedY);
    if (jerk > JERK * this.width) this.fresh = Math.max(this.fresh, JERK_FRAMES);
    if (!this.plausible(view)) return false;
    const blurred = this.blind > 0;
    const speed = flowed ? Math.hypot(this.flow.speedX, this.flow.speedY) : 0;
    if (!flowed || !invert(this.flow.h, this.back)) this.back.set(identity());
    seen.alignMoving(
      view,
      this.cur,
      this.h,
      flowed ? 1 : 3,
      blurred ? 0.6 : 0.68,
      flowed ? 5 : 24,
      this.back,
      speed,
    );
    const enough = Math.max(LEAST_FOUND, (flowed ? 0.18 : 0.4) * seen.inside);
    if (seen.found >= enough) {
      this.before.set(this.h);
      if (!seen.fit(view, this.h, this.local.x, this.local.y) || !this.plausible(view)) return false;
      seen.carry(view, this.before, this.h);
      this.blind = 0;
    } else {
      this.blind++;
      if (!flowed || this.blind > BLIND_FRAMES) return false;
    }
    const share = seen.inside > 0 ? seen.found / seen.inside : 0;
    if (share > this.usual) this.usual += 0.1 * (share - this.usual);
    else this.usual += 0.01 * (share - this.usual);
    return true;
  }

  /** `cur` and `h` are the view's own. */
  private askWhetherRepeats(view: View): void {
    this.local.centre(view);
    if (
      this.scan.compare(view.pyramid, this.cur, this.h, 0.3 * this.width) &&
      this.scan.other > 1 - REPEATING_MARGIN
    )
      view.repeats = this.refinder.fitsElsewhere(view, this.cur);
  }

  private repeats(view: View): boolean {
    return view.repeats || this.known.all[0]!.repeats;
  }

  /** Just found, and then carried to a place that only looks like it. */
  private isMisled(view: View): boolean {
    if (this.fresh === 0 || !this.repeats(view)) return false;
    this.fresh--;
    return this.isContradicted(view, CONTRADICTED_FRESH);
  }

  /** One lamp aside: the marks go to where the small print fits, and the camera's speed is known by that. */
  private isSetRight(view: View): boolean {
    const [x, y] = [this.marks[0]!, this.marks[1]!];
    if (!this.refinder.beside(view, this.cur)) return false;
    this.flow.head(
      projectX(this.h, view.marks[0]!, view.marks[1]!) - x,
      projectY(this.h, view.marks[0]!, view.marks[1]!) - y,
    );
    this.blind = 0;
    return true;
  }

  private isContradicted(view: View, most: number): boolean {
    this.likeness.measure(view.pyramid, this.cur, this.h, this.cells);
    return this.likeness.contradicted(this.cells) > most;
  }

  private plausible(view: View): boolean {
    return isBelievable(this.h, this.width, this.height, view.marks[0]!, view.marks[1]!);
  }

  /** Places the marks and says how far they can be believed. */
  private judge(view: View, passed: number): void {
    const { local, registration: seen, result } = this;
    local.fit(view, seen, this.h);
    for (let k = 0; k < this.marks.length; k += 2) {
      const x = view.marks[k]!;
      const y = view.marks[k + 1]!;
      this.marks[k] = projectX(this.h, x, y) + local.offsetX(x, y);
      this.marks[k + 1] = projectY(this.h, x, y) + local.offsetY(x, y);
    }
    const share = seen.inside > 0 ? seen.found / seen.inside : 0;
    this.suspect(view, share);
    if (this.present() === null) return;
    const hidden = this.isCovered(view, share);
    this.covered = hidden ? Math.min(this.covered + passed, COVERED_MOST) : Math.max(0, this.covered - 2);
    multiply(this.h, view.fromKey, this.whole);
    const sigma = Math.max(0.1, local.sigma) + this.blind;
    const sure =
      this.blind === 0 &&
      !hidden &&
      !local.isGuessed &&
      this.doubted === 0 &&
      (this.fresh === 0 || !this.repeats(view)) &&
      sigma < OK_SIGMA_PX &&
      local.support > 0.35;
    this.steady = sure ? this.steady + 1 : 0;
    // The rest is followed, but where the mark is went out of sight in it: looked for anew.
    const isDeep = seen.relief > DEEP_PX;
    // A hand's edge may be taken for a narrow part: after it, the part's surroundings must be there as well.
    if (isDeep && this.covered > COVERED_FRAMES) this.isConfirmed = false;
    if (!local.isGuessed && (!isDeep || local.nearby > 0.5)) this.isConfirmed = true;
    const unfounded =
      (local.isGuessed && sigma > WEAK_SIGMA_PX) || ((local.isGuessed || isDeep) && !this.isConfirmed);
    if (unfounded && local.parallax.unseen > GUESSED_FRAMES) this.lose();
    // Another place fits as well: better no mark than one on the wrong lamp.
    if (this.doubted > 0 || this.covered > COVERED_FRAMES || unfounded || sigma > WEAK_SIGMA_PX) return;
    result.uncertainty = sigma;
    result.H = this.whole;
    result.state = sure && this.steady > 1 ? "ok" : "weak";
    if (result.state !== "ok") return;
    this.remember(view, share);
  }

  /** From time to time, and when patches go missing, asks whether another place fits as well. */
  private suspect(view: View, share: number): void {
    const odd = share < 0.55 * this.usual;
    if (!odd && this.doubted === 0 && this.frame % 12 !== 0) return;
    if (!this.scan.compare(view.pyramid, this.cur, this.h, 0.2 * this.width)) return;
    const relief = Math.min(1, this.registration.relief / 3);
    const isFlat = relief < 0.2;
    const mayRepeat = this.scan.own > 0.7 && this.scan.other > this.scan.own - REPEATING_MARGIN && isFlat;
    if (mayRepeat && !view.repeats) view.repeats = this.refinder.fitsElsewhere(view, this.cur);
    const calm = Math.abs(this.flow.h[2]!) + Math.abs(this.flow.h[5]!) < 0.01 * this.width;
    // Reflections and hands spoil the whole, not most of its patches: then a rival must fit patch by patch, too. Not so on a
    // picture that repeats itself, where most patches of another machine fit.
    const { found } = this.registration;
    const isClear =
      !this.repeats(view) &&
      this.blind === 0 &&
      (share > CLEAR_SHARE * this.usual || (isFlat && found >= AGREEING && share > 0.3));
    const isRivalled = this.scan.other > this.scan.own + RIVAL_MARGIN + 0.4 * relief;
    const rival =
      (this.scan.own < 0.25 * (1 - relief) && !isClear) ||
      (isRivalled && (!isClear || this.refinder.fitsElsewhere(view, this.cur))) ||
      (this.repeats(view) &&
        isFlat &&
        calm &&
        this.blind === 0 &&
        this.isContradicted(view, CONTRADICTED_MOST));
    this.doubted = rival ? this.doubted + 1 : 0;
    if (this.doubted > 3) this.lose();
  }

  /** Whether something stands before the marks: what they are on is not there, though what is around it may be. */
  private isCovered(view: View, share: number): boolean {
    const { registration: seen, local } = this;
    let [own, met] = [0, 0];
    for (let i = 0; i < view.anchors; i++) {
      own += seen.inFrame[i]! * view.telling[i]!;
      if (view.telling[i]! === 0 || seen.inFrame[i]! === 0) continue;
      if (seen.good[i]! === 1 || seen.showsThroughGlare(view, i, this.cur, this.h)) met++;
    }
    if (own === 0) return local.nearby < 0.35;
    if (met >= 0.5 * own) return false;
    // On a flat picture that is well seen otherwise, nothing but a cover takes just the marked part away.
    const isFlat = !local.isGuessed && this.blind === 0 && share > CLEAR_SHARE * this.usual;
    return isFlat || local.support < 0.5;
  }

  /** Changes over to the view that shows this sight best; keeps this sight if none does. */
  private remember(view: View, share: number): void {
    if (view === this.known.all[0] && this.local.support > 0.4) this.refinder.home.set(this.h);
    this.known.work();
    const better = this.known.better(view, this.h);
    if (better !== null) {
      this.h.set(this.known.through(view, this.h, better));
      this.use(better);
      this.registration.place(better, this.h);
      this.registration.align(better, this.cur, this.h, 2, 0, 0.68, 10);
      this.local.c[0] = this.marks[0]! - projectX(this.h, better.marks[0]!, better.marks[1]!);
      this.local.c[3] = this.marks[1]! - projectY(this.h, better.marks[0]!, better.marks[1]!);
      return;
    }
    const clear =
      this.steady > 8 &&
      share > 0.5 &&
      this.local.sigma < 1 &&
      this.local.nearby > 0.5 &&
      this.registration.found > 30;
    const calm = Math.abs(this.flow.h[2]!) + Math.abs(this.flow.h[5]!) < 0.025 * this.width;
    if (clear && calm && this.known.wants(view, this.h)) {
      this.known.take(view, this.h, this.cur.data[0]!, this.marks);
    }
  }
}
