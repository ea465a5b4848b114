import type { AskKind, CameraMode, DeviceAsk, Mark, RoomView } from "../../protocol.gen";
import { encodeKeyframe } from "../../ar";
import { Refusal } from "../connection";
import type { Meeting } from "../meeting/meeting";
import { Store } from "../store";
import { KeptMarks, seenOn } from "./archive";
import type { CameraControls } from "./camera-controls";
import { packKeyframe } from "./keyframe-fit";
import { LineMode, type ModeChoice } from "./line-mode";
import { LiveStills } from "./live-still";
import type { Outbox } from "./outbox";
import type { PhoneState } from "./pace";
import { NEW, type Followed, type OnSiteDeps, type PhoneNotice, type ShownFrame } from "./phone-model";
import { decodeThumb, encodePoses, POSE_TOPIC, THUMB_TOPIC, type MarkPose } from "./poses";
import { StillsFeed } from "./stills-feed";
import { tracked } from "./tracked";
import type { TrackedFrame } from "./tracking-protocol";

/** How often the room is told of one mark's state, of the phone, and how often marks are kept. */
const REPORT_MS = 400;
const DEVICE_MS = 300;
const KEEP_MS = 20_000;
const SEEK_MS = 1_000;
const UNDO_MS = 5_000;
/** A state must last so many frames before the room hears of it: a flicker is nobody's business. */
const STEADY_FRAMES = 3;

export type { PhoneNotice, ShownFrame } from "./phone-model";

/** The phone on site: marks of the room go to the tracker, poses and states come back to the room, experts' wishes wait for a yes. */
export class OnSite {
  /** The newest frame and where the marks are in it; not a store: nothing is drawn anew by it but the canvas. */
  onFrame: (frame: TrackedFrame) => void = (frame) => frame.picture?.close();
  onNotice: (notice: PhoneNotice) => void = () => undefined;
  /** For whoever knows more of space than the pictures tell: a frame's poses, corrected. */
  correct: (frame: TrackedFrame) => TrackedFrame = (frame) => frame;
  /** A mark's frame was found (null: it was not); true: the mark is held in space, whatever the pictures offer. */
  onPlaced: (mark: Mark, capturedMs: number | null) => boolean = () => false;
  readonly poses = new Store<ReadonlyMap<string, MarkPose>>(new Map());
  /** What the poses belong to, and when it was followed. */
  readonly frame = new Store<ShownFrame | null>(null);
  readonly frozen = new Store(false);
  readonly mode = new Store<CameraMode>("video");
  readonly choice = new Store<ModeChoice>("auto");
  readonly spares = new Store(false);
  readonly asks = new Store<readonly DeviceAsk[]>([]);
  /** A mark that is about to be removed: not shown any more, and can still be had back. */
  readonly removing = new Store<string | null>(null);
  readonly takingStill = new Store(false);
  /** Whether marks are drawn on this phone's picture. */
  readonly leads = new Store(true);

  readonly camera: CameraControls;
  readonly outbox: Outbox;
  readonly #line = new LineMode();
  readonly #followed = new Map<string, Followed>();
  /** By the phone's sense of space alone: their frames offered the tracker nothing. */
  readonly #heldInSpace = new Set<string>();
  readonly #kept: KeptMarks;
  /** Whose phone led when the room was looked at last; null before. */
  #leader: string | null = null;
  /** Marks that were there when this phone began to lead: their frames are another phone's, or gone. */
  #inherited: ReadonlySet<string> = new Set();
  #cancelSeeking: (() => void) | null = null;
  #cancelRemoval: (() => void) | null = null;
  readonly #allowed = new Set<AskKind>();
  readonly #stops: (() => void)[] = [];
  readonly #feed: StillsFeed;
  readonly #liveStills: LiveStills;
  #phone: PhoneState = { battery: null, charging: false, warm: false };
  #cancelDevice: (() => void) | null = null;
  #toldDevice = "";
  #marks: RoomView["marks"] | null = null;
  #keepDue = false;

  constructor(private readonly deps: OnSiteDeps) {
    const { meeting, tracking, camera, clock } = deps;
    this.camera = camera;
    this.outbox = deps.outbox;
    this.#kept = new KeptMarks(deps.archive, tracking);
    const { publisher } = meeting.media;
    this.#liveStills = new LiveStills({
      tracking,
      copy: (frame, sideMax) => camera.copy(frame, sideMax),
      grab: (sideMax) => camera.small(sideMax),
      clock,
    });
    this.#feed = new StillsFeed({
      clock,
      take: (sideMax) => this.#liveStills.take(sideMax),
      send: (topic, bytes) => publisher.data.send(topic, bytes, "reliable"),
      waiting: () => publisher.data.waitingBytes,
      measured: (availableBps) => this.#readLine(availableBps),
    });
    tracking.onFrame = (frame) => this.#onFrame(this.correct(frame));
    tracking.onPace = (framesPerS, spares) => {
      this.spares.set(spares);
      void camera.setFrameRate(framesPerS);
    };
    const follow = (): void => tracking.follow(this.frozen.get() ? null : meeting.local.camera.get().track);
    this.#stops.push(
      meeting.view.subscribe(() => this.#followRoom()),
      meeting.local.camera.subscribe(follow),
      this.frozen.subscribe(follow),
      camera.state.subscribe(() => this.#deviceChanged()),
      this.frozen.subscribe(() => this.#deviceChanged()),
      this.mode.subscribe(() => this.#deviceChanged()),
      this.spares.subscribe(() => this.#deviceChanged()),
      meeting.monitor.measurements.subscribe(() => {
        if (this.mode.get() === "video")
          this.#readLine(meeting.monitor.measurements.get()?.availableBps ?? null);
      }),
      publisher.data.listen(THUMB_TOPIC, (payload) => {
        const thumb = decodeThumb(payload);
        if (thumb) tracking.hold(thumb);
      }),
      clock.every(KEEP_MS, () => {
        if (this.#keepDue) void this.keepMarks();
      }),
    );
    follow();
    this.#followRoom();
    this.#deviceChanged();
    void this.#lookForKept(meeting.view.get()?.marks ?? {});
  }

  /** What the system tells of battery and heat. */
  know(phone: PhoneState): void {
    this.#phone = phone;
    this.deps.tracking.know(phone);
    this.#deviceChanged();
  }

  // ------------------------------------------------------------ what the person does

  confirm(markId: string): void {
    // Kept once the room knows of it: the record says who confirmed what.
    void this.#request({ type: "confirm_mark", mark_id: markId, confirmed: true }).then(() =>
      this.keepMarks(),
    );
  }

  /** Gone at once here, for all after some seconds in which it can be had back. */
  remove(markId: string): void {
    this.#removeForAll();
    this.removing.set(markId);
    this.#cancelRemoval = this.deps.clock.after(UNDO_MS, () => this.#removeForAll());
  }

  keep(): void {
    if (!this.#cancelRemoval) return;
    this.#cancelRemoval();
    this.#cancelRemoval = null;
    this.removing.set(null);
  }

  #removeForAll(): void {
    const markId = this.removing.get();
    if (!this.#cancelRemoval || markId === null) return;
    this.#cancelRemoval();
    this.#cancelRemoval = null;
    void this.#request({ type: "remove_mark", mark_id: markId }).then(() =>
      this.removing.update((removing) => (removing === markId ? null : removing)),
    );
  }

  setFrozen(frozen: boolean): void {
    this.frozen.set(frozen);
    this.#holdCamera();
  }

  chooseMode(choice: ModeChoice): void {
    this.choice.set(choice);
    this.#setMode(this.#line.choose(choice), false);
  }

  /** The id of the still; null when there is none. */
  async takeStill(): Promise<string | null> {
    if (this.takingStill.get()) return null;
    this.takingStill.set(true);
    try {
      const body = await this.deps.camera.takeStill();
      if (!body) throw new Error("no camera");
      const { meeting, clock, newId } = this.deps;
      const id = newId();
      const seen = [...this.poses.get().values()]
        .filter((pose) => pose.state === "ok")
        .map(({ id: markId }) => markId);
      const marks = seenOn(meeting.view.get()?.marks ?? {}, this.poses.get().values());
      const about = { rtp_timestamp: this.frame.get()?.rtpTimestamp ?? 0, marks };
      await this.outbox.put({ id, kind: "still", room: meeting.code, madeAtMs: clock.now(), body, about });
      for (const markId of seen) void this.#request({ type: "set_still", mark_id: markId, still_id: id });
      this.onNotice({ kind: "still_taken" });
      return id;
    } catch (cause) {
      this.deps.log("still", cause);
      this.onNotice({ kind: "still_failed" });
      return null;
    } finally {
      this.takingStill.set(false);
    }
  }

  /** Says yes or no to what an expert asked for; `always`: and yes to the same from now on. */
  async answer(ask: DeviceAsk, accepted: boolean, always = false): Promise<void> {
    if (always && accepted) this.#allowed.add(ask.ask);
    this.asks.update((asks) => asks.filter(({ id }) => id !== ask.id));
    await this.#request({ type: "answer_device", ask_id: ask.id, accepted });
    if (!accepted) return;
    switch (ask.ask) {
      case "torch":
        return this.camera.setTorch(ask.value >= 0.5);
      case "zoom":
        return this.camera.setZoom(ask.value);
      case "still":
        await this.takeStill();
        return;
      case "switch_camera":
        return this.camera.turn();
      case "freeze":
        this.setFrozen(ask.value >= 0.5);
        return;
    }
  }

  /** Keeps what is followed with the machine, so that a later session finds it again. */
  async keepMarks(): Promise<void> {
    this.#keepDue = false;
    const { meeting, tracking, clock } = this.deps;
    const marks = meeting.view.get()?.marks ?? {};
    for (const { name, keyframe, marks: on } of await tracking.store()) {
      const drawn = on.map(({ id }) => marks[id]).filter((mark) => mark !== undefined);
      const first = drawn[0];
      if (!first) continue;
      const bytes = encodeKeyframe(packKeyframe(keyframe));
      await this.outbox.put({
        id: `${first.id}-${name}`.slice(0, 32),
        kind: "keyframe",
        room: meeting.code,
        madeAtMs: clock.now(),
        body: new Blob([bytes.slice()]),
        about: { marks: drawn },
      });
    }
  }

  close(): void {
    this.#removeForAll();
    for (const stop of this.#stops.splice(0)) stop();
    this.#cancelDevice?.();
    this.#cancelSeeking?.();
    this.#feed.stop();
    this.outbox.close();
    this.deps.tracking.close();
  }

  // ------------------------------------------------------------ marks

  /** Let the experts draw on this phone's picture. */
  lead(): void {
    void this.#request({ type: "lead_camera", participant_id: this.deps.meeting.me.get() });
  }

  #takeLead(view: RoomView): void {
    this.#marks = null;
    this.#toldDevice = "";
    this.#inherited = new Set(Object.keys(view.marks));
    for (const [id, followed] of this.#followed) followed.told = view.marks[id]?.state ?? followed.told;
    this.#deviceChanged();
  }

  #followRoom(): void {
    const view = this.deps.meeting.view.get();
    if (!view) return;
    const { participant_id } = view.device;
    const leads = participant_id === "" || participant_id === this.deps.meeting.me.get();
    // Whose own word has just made it the leader knows everything already.
    const isOwnWord = this.#leader === "" && participant_id !== "";
    if (participant_id !== this.#leader && leads && !isOwnWord) this.#takeLead(view);
    this.#leader = participant_id;
    this.leads.set(leads);
    this.#followAsks(leads ? Object.values(view.asks) : []);
    if (view.marks === this.#marks || !leads) return;
    this.#marks = view.marks;
    for (const id of [...this.#followed.keys()])
      if (!view.marks[id]) {
        this.#followed.delete(id);
        this.#heldInSpace.delete(id);
        this.deps.tracking.remove(id);
      }
    for (const mark of Object.values(view.marks)) {
      if (this.#followed.get(mark.id)?.madeAtMs === mark.made_at_ms) continue;
      // Found again, and shown to the room by ourselves: the tracker has it already.
      if (mark.earlier_at_ms > 0 && this.#kept.has(mark.id))
        this.#followed.set(mark.id, { ...NEW, madeAtMs: mark.made_at_ms });
      else void this.#place(mark);
    }
  }

  async #lookForKept(placed: RoomView["marks"]): Promise<void> {
    try {
      await this.#kept.look(placed);
    } catch (cause) {
      this.deps.log("kept marks", cause);
    }
  }

  /** The frames of marks that were there before are gone: their kept pictures may still be found. */
  #seekSoon(): void {
    this.#cancelSeeking ??= this.deps.clock.after(SEEK_MS, () => {
      this.#cancelSeeking = null;
      const marks = Object.entries(this.deps.meeting.view.get()?.marks ?? {});
      const placed = marks.filter(([id]) => this.#followed.get(id)?.state !== "unplaced");
      void this.#lookForKept(Object.fromEntries(placed));
    });
  }

  /** A mark of an earlier session is surely in the picture: the room gets it. */
  async #showKept(markId: string): Promise<void> {
    const request = this.#kept.show(markId);
    if (request && !(await this.#request(request))) this.#kept.forget(markId);
  }

  async #place(mark: Mark): Promise<void> {
    const followed: Followed = { ...NEW, madeAtMs: mark.made_at_ms, told: mark.state };
    this.#followed.set(mark.id, followed);
    const { placed, capturedMs } = await this.deps.tracking.place(tracked(mark), mark.frame.rtp_timestamp);
    if (this.#followed.get(mark.id) !== followed) return;
    this.#keepDue = true;
    const isHeld = this.onPlaced(mark, capturedMs);
    if (placed === "placed") return;
    if (isHeld) {
      this.#heldInSpace.add(mark.id);
      return;
    }
    followed.state = "unplaced";
    this.#tell(mark.id, followed);
    if (this.#inherited.has(mark.id)) this.#seekSoon();
  }

  #onFrame(frame: TrackedFrame): void {
    this.#liveStills.offer(frame);
    const now = this.deps.clock.now();
    const leads = this.leads.get();
    const told = new Set(frame.poses.map(({ id }) => id));
    // Space let go of them, and the pictures never had them.
    const gone = [...this.#heldInSpace].filter((id) => !told.has(id));
    for (const { id, state } of [...frame.poses, ...gone.map((id) => ({ id, state: "lost" as const }))]) {
      const followed = this.#followed.get(id);
      if (!followed && leads && state === "ok") void this.#showKept(id);
      // What has no place here is seen again only where its kept picture is.
      if (!followed || !leads || (followed.state === "unplaced" && !this.#kept.has(id))) continue;
      followed.frames = followed.state === state ? followed.frames + 1 : 1;
      const first = followed.state === "placing";
      followed.state = state;
      const due = first || (followed.frames >= STEADY_FRAMES && now - followed.toldAtMs >= REPORT_MS);
      if (due && state !== followed.told) this.#tell(id, followed);
    }
    const { rtpTimestamp, capturedMs, costMs } = frame;
    this.frame.set({ rtpTimestamp, capturedMs, costMs });
    this.poses.set(new Map(frame.poses.map((pose) => [pose.id, pose])));
    // Of a phone that leads; and nobody sees the frames between two stills, each of which comes with its own.
    const isSeen = leads && this.mode.get() === "video";
    if (isSeen && frame.rtpTimestamp !== null && frame.poses.length > 0)
      for (const message of encodePoses({ rtpTimestamp: frame.rtpTimestamp, poses: frame.poses }))
        this.deps.meeting.media.publisher.data.send(POSE_TOPIC, message, "unreliable");
    this.onFrame(frame);
  }

  #tell(markId: string, followed: Followed): void {
    followed.told = followed.state;
    followed.toldAtMs = this.deps.clock.now();
    void this.#request({ type: "report_mark", mark_id: markId, state: followed.state });
  }

  // ------------------------------------------------------------ the phone

  #followAsks(open: readonly DeviceAsk[]): void {
    const known = new Set(this.asks.get().map(({ id }) => id));
    for (const ask of open) if (!known.has(ask.id) && this.#allowed.has(ask.ask)) void this.answer(ask, true);
    this.asks.set(open.filter(({ ask }) => !this.#allowed.has(ask)));
  }

  #deviceChanged(): void {
    this.#cancelDevice ??= this.deps.clock.after(DEVICE_MS, () => {
      this.#cancelDevice = null;
      const { torch, hasTorch, zoom, zoomMin, zoomMax } = this.camera.state.get();
      const { battery } = this.#phone;
      const device = {
        type: "set_device",
        mode: this.mode.get(),
        torch,
        has_torch: hasTorch,
        zoom,
        zoom_min: zoomMin,
        zoom_max: zoomMax,
        frozen: this.frozen.get(),
        battery_percent: battery === null ? -1 : Math.round(100 * battery),
        warm: this.spares.get(),
      } as const;
      const told = JSON.stringify(device);
      if (told === this.#toldDevice || !this.leads.get()) return;
      this.#toldDevice = told;
      void this.#request(device).then((done) => {
        if (!done) this.#toldDevice = "";
      });
    });
  }

  #readLine(availableBps: number | null): void {
    this.#setMode(this.#line.read({ availableBps }), true);
  }

  #setMode(mode: CameraMode, automatic: boolean): void {
    if (mode === this.mode.get()) return;
    this.mode.set(mode);
    this.#holdCamera();
    if (mode === "stills") this.#feed.start();
    else this.#feed.stop();
    this.onNotice({ kind: "mode", mode, automatic });
  }

  /** The encoder rests while the picture stands still or goes as stills, to which speech then leaves room. */
  #holdCamera(): void {
    const { publisher } = this.deps.meeting.media;
    const isNarrow = this.mode.get() === "stills";
    publisher.hold("camera", this.frozen.get() || isNarrow);
    publisher.narrow(isNarrow);
  }

  async #request(request: Parameters<Meeting["connection"]["request"]>[0]): Promise<boolean> {
    try {
      await this.deps.meeting.connection.request(request);
      return true;
    } catch (cause) {
      if (!(cause instanceof Refusal)) this.deps.log(request.type, cause);
      return false;
    }
  }
}
