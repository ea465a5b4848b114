import type {
  AnyEvent,
  AskKind,
  Code,
  DeviceAsk,
  Mark,
  PageRegion,
  Participant,
  Placement,
  RoomView,
  SeenFrame,
} from "../../protocol.gen";
import type { Clock } from "../clock";
import type { Request } from "../connection";
import type { DataChannels } from "../media/data";
import { inOrder } from "../room";
import { Store, type Readable } from "../store";
import { Stroke, type DrawnMark, type PenSample, type Shape } from "./drawing";
import { LASER_TOPIC, Lasers } from "./laser";
import { Marks } from "./marks";
import { isDrawn, type OverlayMark } from "./overlay";
import { distanceTo, onScreen, outline } from "./overlay-geometry";
import { PoseBuffer } from "./pose-buffer";
import { decodePoses, encodeThumb, POSE_TOPIC, THUMB_TOPIC } from "./poses";

/** One frame of the on-site camera, as this page shows it. */
export interface Picture {
  /** Null where the browser does not tell it. */
  readonly rtp: number | null;
  readonly width: number;
  readonly height: number;
  readonly atMs: number;
}

/** Held still: while a stroke is drawn, or because this person wants to look. */
export interface Frozen extends Picture {
  readonly by: "stroke" | "hand";
}

/** A mark that waits for its words. */
export interface Writing {
  readonly markId: string;
  readonly shape: Shape;
  readonly frame: SeenFrame;
}

export interface Answer {
  readonly ask: DeviceAsk;
  /** Null: nobody answered in time. */
  readonly accepted: boolean | null;
}

export interface DeskDeps {
  readonly view: Readable<RoomView | null>;
  readonly me: Readable<string>;
  readonly listeners: Set<(event: AnyEvent, before: RoomView) => void>;
  readonly request: (request: Request) => Promise<unknown>;
  readonly data: Pick<DataChannels, "listen" | "send">;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly refused: (code: Code) => void;
}

const HIT_PX = 14;
const ANSWER_SHOWN_MS = 5_000;

/** The expert's desk without its picture: what the pen does, what is frozen, what is drawn over which frame. */
export class ExpertDesk {
  readonly marks: Marks;
  readonly poses = new PoseBuffer();
  readonly lasers: Lasers;
  readonly frozen = new Store<Frozen | null>(null);
  readonly writing = new Store<Writing | null>(null);
  readonly answer = new Store<Answer | null>(null);
  /** Something that is drawn over the picture has changed; the number says nothing. */
  readonly redraw = new Store(0);
  #stroke: { readonly stroke: Stroke; readonly markId: string; readonly frame: SeenFrame } | null = null;
  readonly #stops: (() => void)[];

  constructor(private readonly deps: DeskDeps) {
    const { clock, data, view } = deps;
    this.marks = new Marks(deps);
    this.lasers = new Lasers(clock, (payload) => data.send(LASER_TOPIC, payload, "unreliable"));
    const changed = (): void => this.redraw.update((count) => count + 1);
    const followView = (): void => {
      this.marks.settle();
      changed();
    };
    deps.listeners.add(this.#onEvent);
    this.#stops = [
      () => deps.listeners.delete(this.#onEvent),
      view.subscribe(followView),
      this.marks.pending.subscribe(changed),
      this.marks.hidden.subscribe(changed),
      this.marks.selected.subscribe(changed),
      data.listen(POSE_TOPIC, (payload, sender) => {
        if (sender !== this.phone()?.id) return;
        const told = decodePoses(payload);
        if (told) this.poses.add(told);
      }),
      data.listen(LASER_TOPIC, (payload, sender) => this.lasers.received(payload, sender)),
    ];
    this.marks.assignColor();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.lasers.stop();
  }

  // ------------------------------------------------------------ the pen

  /** `gray`: the 160 x 120 luma of the picture, asked for once. False: the tool draws nothing. */
  penDown(sample: PenSample, picture: Picture, gray: () => Uint8Array | null): boolean {
    const tool = this.marks.tool.get();
    if (tool === "pointer" || tool === "laser" || this.writing.get()) return false;
    const markId = this.marks.newId();
    const frame: SeenFrame = {
      rtp_timestamp: picture.rtp ?? 0,
      width: picture.width,
      height: picture.height,
    };
    this.#stroke = {
      stroke: new Stroke(tool, picture, this.marks.width.get() * (picture.width / 640), sample),
      markId,
      frame,
    };
    if (!this.frozen.get()) this.frozen.set({ ...picture, by: "stroke" });
    // At once: the phone keeps a frame for some seconds only, and a long stroke takes longer.
    const phone = this.phone();
    const pixels = gray();
    if (phone && pixels)
      this.deps.data.send(
        `${THUMB_TOPIC}@${phone.id}`,
        encodeThumb({ markId, rtpTimestamp: picture.rtp, gray: pixels }),
        "reliable",
      );
    return true;
  }

  penMove(samples: readonly PenSample[]): void {
    if (!this.#stroke) return;
    this.#stroke.stroke.move(samples);
    this.redraw.update((count) => count + 1);
  }

  /** The shape is placed and the picture goes on; words are asked for first where the tool has some. */
  penUp(): void {
    const drawn = this.#stroke;
    this.#stroke = null;
    if (!drawn) return;
    const { stroke, markId, frame } = drawn;
    const shape = stroke.shape();
    if (shape && (shape.kind === "text" || shape.kind === "measure")) {
      this.writing.set({ markId, shape, frame });
      return;
    }
    if (shape) {
      const number = shape.kind === "number" ? this.marks.nextNumber() : 0;
      void this.marks.place(markId, shape, frame, { number });
    }
    this.#goOn();
  }

  penCancel(): void {
    this.#stroke = null;
    this.#goOn();
  }

  /** The words of the mark that waits for them; a text without words is none, a measure may have none. */
  write(words: string): void {
    const writing = this.writing.get();
    this.writing.set(null);
    const text = words.trim();
    if (writing && (text || writing.shape.kind === "measure"))
      void this.marks.place(writing.markId, writing.shape, writing.frame, { text });
    this.#goOn();
  }

  cancelWriting(): void {
    this.writing.set(null);
    this.#goOn();
  }

  freeze(picture: Picture | null): void {
    if (this.frozen.get()) this.frozen.set(null);
    else if (picture) this.frozen.set({ ...picture, by: "hand" });
  }

  #goOn(): void {
    if (this.frozen.get()?.by === "stroke") this.frozen.set(null);
    this.redraw.update((count) => count + 1);
  }

  // ------------------------------------------------------------ what is seen

  /** The one on site whose camera is drawn on: who leads, or before anybody has told, the first who sends one. */
  phone(): Participant | undefined {
    const view = this.deps.view.get();
    if (!view) return undefined;
    const lead = view.participants[view.device.participant_id];
    if (lead) return lead;
    const onSite = inOrder(view).filter((person) => person.assist_role === "on_site");
    return onSite.find((person) => person.tracks.some((track) => track.source === "camera")) ?? onSite[0];
  }

  /** What to draw over this frame, the oldest first. */
  overlay(picture: Picture): readonly OverlayMark[] {
    const view = this.deps.view.get();
    if (!view) return [];
    const { hidden, pending, selected } = this.marks;
    const all = Object.values(view.marks);
    const me = this.deps.me.get();
    const shown: OverlayMark[] = [];
    for (const mark of all) {
      if (hidden.get().has(mark.author_id) || mark.state === "unplaced") continue;
      const sighting = this.poses.at(mark, picture.rtp);
      if (!sighting || !isDrawn(sighting.state)) continue;
      shown.push({
        mark,
        ...sighting,
        ...(mark.author_id === me
          ? {}
          : { name: view.participants[mark.author_id]?.name ?? mark.author_name }),
        isSelected: selected.get() === mark.id,
      });
    }
    for (const drawn of pending.get().values())
      if (!view.marks[drawn.mark_id] && isOf(drawn.frame, picture)) shown.push(overlayOf(drawn, "placing"));
    const now = this.#drawing();
    return now ? [...shown, overlayOf(now, "ok")] : shown;
  }

  /** Drawn to its end, not under the pen. */
  isPlaced(markId: string): boolean {
    return this.marks.pending.get().has(markId) || markId in (this.deps.view.get()?.marks ?? {});
  }

  /** The mark under a point of the picture (pixels), the topmost first. */
  markAt(x: number, y: number, picture: Picture): Mark | null {
    const marks = this.deps.view.get()?.marks ?? {};
    const place = { x: 0, y: 0, width: picture.width, height: picture.height };
    const reach = HIT_PX * (picture.width / 640);
    for (const { mark, h } of [...this.overlay(picture)].reverse()) {
      const path = onScreen(outline(mark), mark.frame, h, place);
      if (path && marks[mark.id] && distanceTo(path, x, y) <= reach + mark.width)
        return marks[mark.id] ?? null;
    }
    return null;
  }

  #drawing(): DrawnMark | null {
    const writing = this.writing.get();
    const color = this.marks.color.get();
    if (writing)
      return { ...writing.shape, mark_id: writing.markId, color, text: "…", number: 0, frame: writing.frame };
    const shape = this.#stroke?.stroke.shape();
    if (!this.#stroke || !shape) return null;
    const { markId, frame } = this.#stroke;
    const number = shape.kind === "number" ? this.marks.nextNumber() : 0;
    return { ...shape, mark_id: markId, color, text: shape.kind === "text" ? "…" : "", number, frame };
  }

  // ------------------------------------------------------------ the phone

  /** Others on site who send a picture, too. */
  otherPhones(): readonly Participant[] {
    const view = this.deps.view.get();
    const phone = this.phone();
    if (!view || !phone) return [];
    return inOrder(view).filter(
      (person) =>
        person.id !== phone.id &&
        person.assist_role === "on_site" &&
        person.tracks.some((track) => track.source === "camera"),
    );
  }

  /** Lets another phone lead: marks are drawn on its picture from now on. */
  async follow(participantId: string): Promise<void> {
    try {
      await this.deps.request({ type: "lead_camera", participant_id: participantId });
    } catch (cause) {
      this.deps.refused(codeOf(cause));
    }
  }

  /** Asks the person on site; what becomes of it is told by `answer`. */
  async ask(ask: AskKind, value = 0): Promise<boolean> {
    try {
      await this.deps.request({ type: "ask_device", ask, value });
      return true;
    } catch (cause) {
      this.deps.refused(codeOf(cause));
      return false;
    }
  }

  /** A part of a page for all; null: nothing any more. */
  async show(region: PageRegion | null, placement: Placement): Promise<void> {
    try {
      await this.deps.request(
        region ? { type: "show_document", region, placement } : { type: "hide_document" },
      );
    } catch (cause) {
      this.deps.refused(codeOf(cause));
    }
  }

  readonly #onEvent = (event: AnyEvent, before: RoomView): void => {
    if (event.event === "marks_removed") for (const id of event.mark_ids) this.poses.forget(id);
    // Drawn anew: what was told of its former self means nothing.
    if (event.event === "mark_placed") this.poses.forget(event.mark.id);
    // Another phone's picture: what was told of the former one's frames means nothing.
    if (event.event === "device_changed" && event.device.participant_id !== before.device.participant_id)
      for (const id of Object.keys(before.marks)) this.poses.forget(id);
    if (event.event !== "device_answered") return;
    const ask = before.asks[event.ask_id];
    if (ask?.by !== this.deps.me.get()) return;
    const answer: Answer = { ask, accepted: event.by === "" ? null : event.accepted };
    this.answer.set(answer);
    this.deps.clock.after(ANSWER_SHOWN_MS, () => {
      if (this.answer.get() === answer) this.answer.set(null);
    });
  };
}

function codeOf(cause: unknown): Code {
  return typeof cause === "object" && cause !== null && "code" in cause ? (cause.code as Code) : "internal";
}

/** Whether a mark that is on its way was drawn on the frame that is shown. */
function isOf(frame: SeenFrame, picture: Picture): boolean {
  return picture.rtp === null || picture.rtp === frame.rtp_timestamp;
}

function overlayOf(drawn: DrawnMark, state: "ok" | "placing"): OverlayMark {
  return { mark: { ...drawn, id: drawn.mark_id }, h: null, state };
}
