import { createTracker, FrameRing, type StoredKeyframe, type Tracker } from "../../ar";
import { identity } from "../../ar/homography";
import { Keyframe, type TrackedMark } from "./keyframe";
import type { Size } from "./keyframe-fit";
import type { MarkPose, Thumb } from "./poses";

/** Pictures followed at the same time: each takes some 15 MB. The others wait until one of these is long out of sight. */
const MOST_FOLLOWED = 6;
/** Pictures kept in all. The one that was found longest ago is forgotten. */
const MOST_KEPT = 50;
/** Strokes that are being drawn at the same time. */
const MOST_HELD = 4;
/** Frames that were shown to others as stills, and so stay known after they fell out of the ring. */
const MOST_STILLS = 8;
/** Marks that were removed and may come back: their pictures stay known. */
const MOST_REMOVED = 12;
/** A stroke is given up after this many frames (a minute at 30 a second). */
const HELD_FRAMES = 1_800;
/** Frames after which a picture that waits takes the place of one that is not found. */
const PATIENCE_FRAMES = 90;
/** While others are seen, those that are not are looked for on every so many frames only. */
const SEARCH_EVERY = 4;

/** unplaced: the frame is not here any more, or offers nothing to hold on to. */
export type Placed = "placed" | "unplaced";

export interface Placing {
  readonly placed: Placed;
  /** When the mark's frame left the camera; null where that frame is not known. */
  readonly capturedMs: number | null;
}

export interface StickingOptions {
  /** Milliseconds, from anywhere. */
  readonly now: () => number;
  /** A picture showed that a frame said to be sent with the first timestamp was sent with the second. */
  /** Frames that stay known; 3 s by default. */
  readonly ringFrames?: number;
  readonly onCorrection?: (told: number, truly: number) => void;
}

/** The marks of one session on the camera's frames: finds the frame that each was drawn on, and follows it from there on. */
export class Sticking {
  #ring: FrameRing;
  #keyframes: Keyframe[] = [];
  readonly #held = new Map<string, { keyframe: Keyframe; since: number }>();
  readonly #removed = new Map<string, { keyframe: Keyframe; mark: TrackedMark }>();
  #stills: { gray: Uint8Array; rtpTimestamp: number; frame: number }[] = [];
  #spare: Tracker[] = [];
  #frame = 0;
  #last: Uint8Array;

  constructor(
    private size: Size,
    private readonly options: StickingOptions,
  ) {
    this.#ring = new FrameRing(size.width, size.height, this.options.ringFrames);
    this.#last = new Uint8Array(size.width * size.height);
    this.#spare.push(this.#warm());
  }

  get followed(): number {
    return this.#keyframes.filter((keyframe) => keyframe.tracker !== null).length;
  }

  /** Whether anything is to be followed at all. */
  get isNeeded(): boolean {
    return this.#keyframes.length > 0;
  }

  /** The camera was turned, or is another one: what is known is looked for in frames of the new size. */
  resize(size: Size): void {
    this.size = size;
    this.#ring = new FrameRing(size.width, size.height, this.options.ringFrames);
    this.#last = new Uint8Array(size.width * size.height);
    this.#spare = [];
    this.#stills = [];
    for (const keyframe of this.#keyframes) keyframe.resize(size);
    const latest = [...this.#keyframes].sort((a, b) => b.foundAt - a.foundAt);
    for (const keyframe of latest.slice(0, MOST_FOLLOWED)) this.#follow(keyframe);
  }

  /** The next frame. Looks for pictures until `budgetMs` are used up; `rtpTimestamp` -1: not known. */
  step(gray: Uint8Array, rtpTimestamp: number, capturedAtMs: number, budgetMs: number): MarkPose[] {
    this.remember(gray, rtpTimestamp, capturedAtMs);
    this.#forgetHeld();
    this.#rotate();
    const started = this.options.now();
    const due = this.#due();
    for (const [index, keyframe] of due.entries()) {
      if (index > 0 && this.options.now() - started >= budgetMs) break;
      const tracked = keyframe.tracker?.track(gray, this.#frame - keyframe.lookedAt);
      if (tracked) keyframe.take(tracked, this.#frame);
    }
    const guide = this.#guide();
    for (const keyframe of this.#keyframes)
      if (keyframe.lookedAt !== this.#frame) keyframe.carry(guide, this.#frame);
    return this.#keyframes.flatMap((keyframe) => keyframe.poses());
  }

  /** A frame that is not looked at, but may be drawn on. */
  remember(gray: Uint8Array, rtpTimestamp: number, capturedAtMs: number): void {
    this.#frame += 1;
    this.#ring.push(gray, rtpTimestamp, capturedAtMs);
    this.#last.set(gray);
  }

  /** The frame of that time is shown to others as a still under this timestamp; null, or gone already: the newest. */
  keep(rtpTimestamp: number, capturedAtMs: number | null): void {
    let age = 0;
    while (age < this.#ring.length && this.#ring.at(age)?.capturedAtMs !== capturedAtMs) age += 1;
    const shown = capturedAtMs === null ? null : this.#ring.at(age);
    const gray = (shown?.gray ?? this.#last).slice();
    this.#stills.push({ gray, rtpTimestamp, frame: this.#frame - (shown ? age : 0) });
    if (this.#stills.length > MOST_STILLS) this.#stills.shift();
  }

  /** A stroke begins: its frame is held and followed, so that the mark can be placed however long the stroke takes. */
  hold(thumb: Thumb): boolean {
    if (this.#held.size >= MOST_HELD) return false;
    const keyframe = this.#find(thumb.rtpTimestamp, thumb.gray);
    if (!keyframe) return false;
    this.#held.set(thumb.markId, { keyframe, since: this.#frame });
    return true;
  }

  place(mark: TrackedMark, rtpTimestamp: number | null): Placing {
    this.remove(mark.id, this.#held.get(mark.id)?.keyframe);
    const keyframe =
      this.#held.get(mark.id)?.keyframe ?? this.#find(rtpTimestamp, null) ?? this.#formerOf(mark);
    this.#held.delete(mark.id);
    if (!keyframe) {
      // Known, but with nothing to hold on to: who knows the camera's place can still make something of it.
      const frame = this.#ring.at(this.#ring.find(rtpTimestamp ?? -1, null));
      return { placed: "unplaced", capturedMs: frame?.capturedAtMs ?? null };
    }
    const { capturedMs } = keyframe;
    keyframe.marks.set(mark.id, mark);
    if (this.#begin(keyframe)) return { placed: "placed", capturedMs };
    this.remove(mark.id);
    return { placed: "unplaced", capturedMs };
  }

  /** The mark is gone; its picture too when it was the last on it (and is not `kept`). */
  remove(markId: string, kept?: Keyframe): void {
    for (const keyframe of this.#keyframes.slice()) {
      const mark = keyframe.marks.get(markId);
      if (!mark) continue;
      if (keyframe !== kept) this.#remember(keyframe, mark);
      keyframe.marks.delete(markId);
      if (keyframe.marks.size > 0) this.#begin(keyframe);
      else if (keyframe !== kept && !this.#isHeld(keyframe)) this.#forget(keyframe);
    }
  }

  /** Pictures with their marks, to be kept with the machine. */
  store(): { name: string; keyframe: StoredKeyframe; marks: TrackedMark[] }[] {
    return this.#keyframes
      .filter((keyframe) => keyframe.marks.size > 0)
      .map((keyframe) => ({
        name: keyframe.name,
        keyframe: keyframe.store(),
        marks: [...keyframe.marks.values()],
      }));
  }

  /** Marks of an earlier session: looked for from the next frame on. */
  restore(name: string, stored: StoredKeyframe, marks: readonly TrackedMark[]): boolean {
    if (this.#keyframes.some((keyframe) => keyframe.name === name) || marks.length === 0) return false;
    const first = stored.views[0];
    if (!first) return false;
    const keyframe = new Keyframe(name, first.gray, stored, this.#frame);
    for (const mark of marks) keyframe.marks.set(mark.id, mark);
    const points = keyframe.points();
    // Points of a mark that was changed since are other ones: only the picture itself knows where those lie.
    const views = stored.views.filter((view) => view.points.length === points.length);
    keyframe.parked = {
      width: stored.width,
      height: stored.height,
      views: views.length === stored.views.length ? views : [{ ...first, points }],
    };
    keyframe.resize(this.size);
    this.#admit(keyframe);
    return true;
  }

  // ------------------------------------------------------------ inside

  /** Code is compiled before a stroke needs it. */
  #warm(): Tracker {
    const { width, height } = this.size;
    const tracker = createTracker(width, height);
    const noise = Uint8Array.from(
      { length: width * height },
      (_, k) => (Math.imul(k ^ (k >>> 7), 2654435761) >>> 24) & 255,
    );
    tracker.setKeyframe(noise, Float32Array.of(width / 2, height / 2));
    for (let k = 0; k < 3; k++) tracker.track(noise);
    return tracker;
  }

  /** The picture of that frame, new or already followed; null: it is not here. */
  #find(rtpTimestamp: number | null, thumbnail: Uint8Array | null): Keyframe | null {
    const still = this.#stills.find((other) => other.rtpTimestamp === rtpTimestamp);
    if (still) return this.#ofStill(still.gray, still.frame);
    const age = this.#ring.find(rtpTimestamp ?? -1, thumbnail);
    const frame = this.#ring.at(age);
    if (!frame) return null;
    if (rtpTimestamp !== null && frame.rtpTimestamp >= 0)
      this.options.onCorrection?.(frame.rtpTimestamp, rtpTimestamp);
    const number = this.#frame - age;
    const name = `frame-${number}`;
    const known = this.#keyframes.find((keyframe) => keyframe.name === name);
    if (known) return known;
    const keyframe = new Keyframe(name, frame.gray.slice(), this.size, number);
    keyframe.capturedMs = frame.capturedAtMs;
    this.#admit(keyframe);
    if (keyframe.tracker && this.#catchUp(keyframe, age)) return keyframe;
    this.#forget(keyframe);
    return null;
  }

  #ofStill(gray: Uint8Array, frame: number): Keyframe | null {
    const name = `frame-${frame}`;
    const known = this.#keyframes.find((keyframe) => keyframe.name === name);
    if (known) return known;
    const keyframe = new Keyframe(name, gray, this.size, this.#frame);
    this.#admit(keyframe);
    // Seconds ago: the camera is elsewhere, so it is looked for.
    if (keyframe.tracker?.setKeyframe(gray, keyframe.points())) return keyframe;
    this.#forget(keyframe);
    return null;
  }

  /** Removed ones are had back by undo, when their frames are long gone. */
  #remember(keyframe: Keyframe, mark: TrackedMark): void {
    this.#removed.delete(mark.id);
    this.#removed.set(mark.id, { keyframe, mark });
    const [oldest] = this.#removed.keys();
    if (oldest !== undefined && this.#removed.size > MOST_REMOVED) this.#removed.delete(oldest);
  }

  /** The picture that the same mark was on before it was removed; null when it is forgotten. */
  #formerOf(mark: TrackedMark): Keyframe | null {
    const former = this.#removed.get(mark.id);
    if (!former || former.mark.points.join() !== mark.points.join()) return null;
    const { keyframe } = former;
    this.#removed.delete(mark.id);
    if (this.#keyframes.includes(keyframe)) return keyframe;
    keyframe.parked = null;
    keyframe.lose(); // the camera is elsewhere by now: it is looked for
    keyframe.resize(this.size);
    this.#admit(keyframe);
    if (keyframe.tracker?.setKeyframe(keyframe.gray, keyframe.points())) return keyframe;
    this.#forget(keyframe);
    return null;
  }

  /** As `catchUp` of the tracker, with the keyframe's own points. */
  #catchUp(keyframe: Keyframe, age: number): boolean {
    const { tracker } = keyframe;
    if (!tracker?.setKeyframe(keyframe.gray, keyframe.points())) return false;
    const stride = Math.max(1, Math.min(3, Math.ceil(age / 6)));
    for (let at = age - stride; at > 0; at -= stride) {
      const frame = this.#ring.at(at);
      if (frame) keyframe.take(tracker.track(frame.gray), this.#frame - at);
    }
    keyframe.take(tracker.track(this.#last), this.#frame);
    return true;
  }

  /** Its marks changed: the tracker takes them, and goes on from where the picture is. */
  #begin(keyframe: Keyframe): boolean {
    const { tracker, h } = keyframe;
    if (!tracker) {
      // Views taken on the way do not say where the new marks lie.
      const view = { gray: keyframe.gray, points: keyframe.points(), fromKey: identity() };
      keyframe.parked = { ...this.size, views: [view] };
      this.#follow(keyframe);
      return true;
    }
    if (!tracker.setKeyframe(keyframe.gray, keyframe.points())) return false;
    if (h === null) return true;
    tracker.goOn(this.#last, h);
    keyframe.take(tracker.track(this.#last), this.#frame);
    return true;
  }

  #admit(keyframe: Keyframe): void {
    if (this.#keyframes.length >= MOST_KEPT) {
      const oldest = this.#keyframes
        .filter((other) => !this.#isHeld(other))
        .reduce<Keyframe | null>((a, b) => (a && a.foundAt <= b.foundAt ? a : b), null);
      if (oldest) this.#forget(oldest);
    }
    this.#keyframes.push(keyframe);
    this.#follow(keyframe);
  }

  /** Gives it a tracker: a spare one, a new one, or that of the picture that was found longest ago. */
  #follow(keyframe: Keyframe): void {
    if (this.followed >= MOST_FOLLOWED) {
      const last = this.#keyframes
        .filter((other) => other.tracker !== null && other !== keyframe)
        .reduce<Keyframe | null>((a, b) => (a && a.foundAt <= b.foundAt ? a : b), null);
      if (last) this.#park(last);
    }
    keyframe.tracker = this.#spare.pop() ?? createTracker(this.size.width, this.size.height);
    if (!keyframe.parked) return;
    keyframe.tracker.restore(keyframe.parked.views);
    keyframe.parked = null;
    keyframe.lose();
  }

  #park(keyframe: Keyframe): void {
    keyframe.parked = keyframe.store();
    if (keyframe.tracker) this.#spare.push(keyframe.tracker);
    keyframe.tracker = null;
    keyframe.lose();
  }

  /** One that waits takes the place of one that has not been seen for long, in turn. */
  #rotate(): void {
    if (this.#frame % PATIENCE_FRAMES !== 0) return;
    const waiting = this.#keyframes.find((keyframe) => keyframe.tracker === null);
    if (!waiting) return;
    const out = this.#keyframes.find(
      (keyframe) =>
        keyframe.tracker && !this.#isHeld(keyframe) && this.#frame - keyframe.foundAt > PATIENCE_FRAMES,
    );
    if (!out && this.followed >= MOST_FOLLOWED) return;
    if (out) {
      this.#park(out);
      this.#keyframes = [...this.#keyframes.filter((other) => other !== out), out];
    }
    this.#follow(waiting);
  }

  /** Who is looked at, the most urgent first: seen ones that were looked at longest ago, then one that is looked for. */
  #due(): Keyframe[] {
    const followed = this.#keyframes.filter((keyframe) => keyframe.tracker !== null);
    const byAge = (a: Keyframe, b: Keyframe): number => a.lookedAt - b.lookedAt;
    const seen = followed.filter((keyframe) => keyframe.state !== "lost").sort(byAge);
    const sought = followed.filter((keyframe) => keyframe.state === "lost").sort(byAge);
    const first = sought[0];
    if (!first || (seen.length > 0 && this.#frame % SEARCH_EVERY !== 0)) return seen;
    // On its turn it goes before the second of the others: else a full budget would never find it.
    return [...seen.slice(0, 1), first, ...seen.slice(1)];
  }

  /** One that was looked at in this frame and is surely found. */
  #guide(): Keyframe | null {
    return (
      this.#keyframes.find((keyframe) => keyframe.lookedAt === this.#frame && keyframe.state === "ok") ?? null
    );
  }

  #isHeld(keyframe: Keyframe): boolean {
    return [...this.#held.values()].some((held) => held.keyframe === keyframe);
  }

  #forgetHeld(): void {
    for (const [markId, { keyframe, since }] of this.#held) {
      if (this.#frame - since < HELD_FRAMES) continue;
      this.#held.delete(markId);
      if (keyframe.marks.size === 0 && !this.#isHeld(keyframe)) this.#forget(keyframe);
    }
  }

  #forget(keyframe: Keyframe): void {
    this.#keyframes = this.#keyframes.filter((other) => other !== keyframe);
    if (keyframe.tracker) this.#spare.push(keyframe.tracker);
    this.#spare.length = Math.min(this.#spare.length, 2);
    keyframe.tracker = null;
  }
}
