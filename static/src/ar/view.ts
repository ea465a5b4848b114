/* eslint-disable @typescript-eslint/no-non-null-assertion --
   Indices are bounded by construction here; a check for every pixel would cost more than the work. */
import type { Corners } from "./corners";
import { type Describer, FeatureSet } from "./descriptors";
import { type Homography, identity } from "./homography";
import { Pyramid, resize } from "./pyramid";

export const MOST_POINTS = 200;
/** Fewest patches that must be found for a pose to be believed. */
export const LEAST_FOUND = 10;
/** Patches set on the marks themselves, whether a corner is there or not. */
export const MOST_ANCHORS = 8;
/** A view is described at these sizes, so that a frame described at one size finds it from nearer and farther. */
const SCALES = [0.72, 0.5, 0.35, 0.25] as const;
const FEATURES_A_SCALE = 240;
const FEATURES = SCALES.length * FEATURES_A_SCALE;
export const BUILD_STEPS = 1 + SCALES.length;

/** One remembered sight of the machine: picture, patches to align with, features to be found by, and where the marks lie. */
export class View {
  readonly pyramid: Pyramid;
  readonly features = new FeatureSet(FEATURES);
  /** From the keyframe to this view, for what lies in the keyframe's plane. */
  readonly fromKey: Homography = identity();
  /** Patch centres in this view; the first `anchors` of `n` are on the marks. */
  readonly at = new Float32Array(2 * MOST_POINTS);
  n = 0;
  anchors = 0;
  /** 1 where a patch has enough texture to be missed when it is not found; corners always have. */
  readonly telling = new Uint8Array(MOST_POINTS);
  /** The marks in this view, which need not lie in the keyframe's plane. */
  marks = new Float32Array(0);
  ready = false;
  /** Of the sensor, gray levels, one standard deviation. */
  noise = 0;
  /** Other places of the picture look like it: only what is printed small tells them apart. */
  repeats = false;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pyramid = new Pyramid(width, height);
  }
}

/** Fills views from frames, whole for a keyframe or one step a frame for a view added on the way. */
export class ViewBuilder {
  private readonly picked = new Float32Array(2 * MOST_POINTS);
  private readonly box = new Int32Array(4);
  private readonly scaled: Uint8Array;

  constructor(
    private readonly corners: Corners,
    private readonly describer: Describer,
    width: number,
    height: number,
  ) {
    this.scaled = new Uint8Array(Math.ceil(width * SCALES[0]) * Math.ceil(height * SCALES[0]));
  }

  /** Step 0 picks the patches, each later one describes one scale; the last makes the view ready. */
  step(view: View, step: number): void {
    if (step === 0) {
      view.ready = false;
      view.repeats = false;
      view.features.clear();
      view.noise = noiseOf(view.pyramid);
      this.choose(view);
      return;
    }
    this.describe(view, SCALES[step - 1]!);
    view.ready = step === SCALES.length;
  }

  /** Sets the view's marks and anchors: up to MOST_ANCHORS of the marks, evenly, in the order they came. */
  mark(view: View, marks: Float32Array): void {
    if (view.marks.length !== marks.length) view.marks = new Float32Array(marks.length);
    view.marks.set(marks);
  }

  private choose(view: View): void {
    const count = view.marks.length / 2;
    const stride = Math.max(1, Math.ceil(count / MOST_ANCHORS));
    view.n = 0;
    let [cx, cy] = [0, 0];
    for (let k = 0; k < count; k++) {
      cx += view.marks[2 * k]! / count;
      cy += view.marks[2 * k + 1]! / count;
      if (k % stride === 0) this.put(view, view.marks[2 * k]!, view.marks[2 * k + 1]!, 0);
    }
    view.anchors = view.n;
    const level = Math.min(1, view.pyramid.levels - 1);
    const w = view.pyramid.widths[level]!;
    const h = view.pyramid.heights[level]!;
    this.corners.measure(view.pyramid.data[level]!, w, h, 3);
    const near = Math.round(w / 8);
    const size = 1 << level;
    this.box[0] = Math.round(cx / size) - near;
    this.box[1] = Math.round(cy / size) - near;
    this.box[2] = Math.round(cx / size) + near;
    this.box[3] = Math.round(cy / size) + near;
    // Close to the mark the patches stand densely: they carry its own depth.
    this.take(view, Math.max(4, Math.round(w / 46)), size, 60);
    this.box.fill(0);
    this.box[2] = w;
    this.box[3] = h;
    this.take(view, Math.max(5, Math.round(w / 21)), size, MOST_POINTS);
  }

  private take(view: View, cell: number, size: number, most: number): void {
    const n = this.corners.pick(cell, 3, this.box, Math.min(most, MOST_POINTS - view.n), this.picked);
    for (let k = 0; k < n && view.n < MOST_POINTS; k++) {
      this.put(view, this.picked[2 * k]! * size, this.picked[2 * k + 1]! * size, cell * size * 0.6);
    }
  }

  private put(view: View, x: number, y: number, apart: number): void {
    for (let k = view.anchors; k < view.n && apart > 0; k++) {
      if (Math.abs(view.at[2 * k]! - x) < apart && Math.abs(view.at[2 * k + 1]! - y) < apart) return;
    }
    view.at[2 * view.n] = x;
    view.at[2 * view.n + 1] = y;
    view.n++;
  }

  private describe(view: View, scale: number): void {
    const { pyramid } = view;
    const level = Math.floor(Math.log2(1 / scale));
    const sw = pyramid.widths[level]!;
    const sh = pyramid.heights[level]!;
    const factor = scale * (1 << level);
    let gray = pyramid.data[level]!;
    let [w, h] = [sw, sh];
    if (factor < 1) {
      w = Math.floor(sw * factor);
      h = Math.floor(sh * factor);
      resize(gray, sw, sh, this.scaled, w, h, factor);
      gray = this.scaled;
    }
    this.describer.add(gray, w, h, scale, FEATURES_A_SCALE, view.features);
  }
}

/**
 * What is left of a sensor's noise, gray levels, after a mask that sees neither planes nor edges along rows and columns
 * (Immerkaer 1996); its median, since texture is in few places and noise in all.
 */
export function noiseOf(pyramid: Pyramid): number {
  const w = pyramid.widths[0]!;
  const h = pyramid.heights[0]!;
  const gray = pyramid.data[0]!;
  const counts = new Uint32Array(8 * 256);
  let all = 0;
  for (let y = 1; y < h - 1; y += 3) {
    for (let i = y * w + 1, end = (y + 1) * w - 1; i < end; i += 3) {
      const beside = gray[i - 1]! + gray[i + 1]! + gray[i - w]! + gray[i + w]!;
      const corners = gray[i - w - 1]! + gray[i - w + 1]! + gray[i + w - 1]! + gray[i + w + 1]!;
      const left = Math.abs(4 * gray[i]! - 2 * beside + corners);
      counts[left] = counts[left]! + 1;
      all++;
    }
  }
  let [value, below] = [0, 0];
  while (value < counts.length - 1 && 2 * (below + counts[value]!) < all) below += counts[value++]!;
  // The mask multiplies noise by six; the median of what is normal lies at 0.6745 of its deviation.
  return value / (6 * 0.6745);
}
