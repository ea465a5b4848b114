import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AnyEvent, RoomView } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { Refusal, type Request } from "../connection";
import { DataChannels, frame } from "../media/data";
import { applyEvent } from "../room";
import { participant, roomView } from "../scripted-server";
import { Store } from "../store";
import { NO_DEVICE } from "./apply";
import { ExpertDesk, type Picture } from "./expert-desk";
import { encodeLaser } from "./laser";
import { decodeThumb, encodePoses } from "./poses";

const PICTURE: Picture = { rtp: 90_000, width: 640, height: 480, atMs: 5 };
const SEEN = { rtp_timestamp: 90_000, width: 640, height: 480 };
const LATER: Picture = { ...PICTURE, rtp: 90_000 + 3_000 * 12 };
const pen = (x: number, y: number) => ({ x, y, pressure: 0.5 });
const gray = (): Uint8Array => new Uint8Array(160 * 120).fill(7);

class Channels extends DataChannels {
  readonly sent: { topic: string; payload: Uint8Array }[] = [];
  override send(topic: string, payload: Uint8Array): boolean {
    this.sent.push({ topic, payload });
    return true;
  }
  hear(topic: string, sender: string, payload: Uint8Array): void {
    this.receive(frame(`${topic}\0${sender}`, payload).buffer);
  }
}

let view: Store<RoomView | null>;
let desk: ExpertDesk;
let data: Channels;
let clock: ManualClock;
let requests: Request[];
const listeners = new Set<(event: AnyEvent, before: RoomView) => void>();
const refused = vi.fn();

function tell(event: AnyEvent): void {
  const before = view.get();
  if (!before) return;
  view.set(applyEvent(before, before.seq + 1, event));
  for (const listener of listeners) listener(event, before);
}

function answerPlacing(request: Request): void {
  if (request.type !== "place_mark") return;
  const { mark_id: id, kind, color, width, points, frame: seen, text = "", number = 0 } = request;
  tell({
    event: "mark_placed",
    mark: {
      ...{ id, kind, color, width, points, text, number, frame: seen },
      author_id: "me",
      author_name: "Me",
      made_at_ms: 1,
      state: "placing",
      confirmed_at_ms: 0,
      still_id: "",
      region: null,
      earlier_at_ms: 0,
    },
  });
}

beforeEach(() => {
  listeners.clear();
  refused.mockReset();
  requests = [];
  data = new Channels();
  clock = new ManualClock();
  view = new Store<RoomView | null>(
    roomView(
      [
        participant("me", { assist_role: "expert" }),
        participant("phone", {
          assist_role: "on_site",
          tracks: [{ id: "t", source: "camera", codec: "VP8", muted: false }],
        }),
      ],
      { assist: true },
    ),
  );
  let last = 0;
  desk = new ExpertDesk({
    view,
    me: new Store("me"),
    listeners,
    request: (request) => {
      requests.push(request);
      answerPlacing(request);
      return Promise.resolve();
    },
    data,
    clock,
    newId: () => `mark-${String(++last).padStart(4, "0")}`,
    refused,
  });
});

describe("two phones on site", () => {
  const camera = (id: string) => [{ id, source: "camera" as const, codec: "VP8", muted: false }];

  it("are drawn on one at a time: the one that leads; what the other says of marks is not heard", async () => {
    const joined = participant("tablet", { assist_role: "on_site", joined_at_ms: 9, tracks: camera("t2") });
    tell({ event: "participant_joined", participant: joined });
    expect([desk.phone()?.id, desk.otherPhones().map(({ id }) => id)]).toEqual(["phone", ["tablet"]]);
    tell({ event: "device_changed", device: { ...NO_DEVICE, participant_id: "tablet" } });
    expect([desk.phone()?.id, desk.otherPhones().map(({ id }) => id)]).toEqual(["tablet", ["phone"]]);

    await desk.marks.place("mark-0001", { kind: "number", width: 4, points: [5, 5] }, SEEN);
    tell({ event: "mark_state", mark_id: "mark-0001", state: "ok" });
    const h = Float32Array.of(1, 0, 3, 0, 1, 4, 0, 0, 1);
    const poses = [{ id: "mark-0001", state: "ok" as const, h }];
    const [message] = encodePoses({ rtpTimestamp: LATER.rtp ?? 0, poses });
    if (!message) throw new Error("no message");
    data.hear("pose", "phone", message);
    expect(desk.overlay(LATER)).toEqual([]);
    data.hear("pose", "tablet", message);
    expect(desk.overlay(LATER)).toHaveLength(1);

    await desk.follow("phone");
    expect(requests.at(-1)).toEqual({ type: "lead_camera", participant_id: "phone" });
    tell({ event: "device_changed", device: { ...NO_DEVICE, participant_id: "phone" } });
    expect(view.get()?.marks["mark-0001"]?.state).toBe("placing");
    expect(desk.overlay(LATER)).toEqual([]);
  });
});

describe("the first stroke", () => {
  it("freezes the picture, tells the phone which, and lets it go on with the pen's lifting", () => {
    desk.marks.tool.set("circle");
    expect(desk.penDown(pen(10, 10), PICTURE, gray)).toBe(true);
    expect(desk.frozen.get()).toMatchObject({ rtp: 90_000, by: "stroke" });
    const [thumb] = data.sent;
    expect(thumb?.topic).toBe("thumb@phone");
    expect(decodeThumb(thumb?.payload ?? new Uint8Array())).toMatchObject({
      markId: "mark-0001",
      rtpTimestamp: 90_000,
    });
    desk.penMove([pen(60, 70)]);
    expect(desk.overlay(PICTURE)).toMatchObject([{ mark: { points: [10, 10, 60, 70] }, h: null }]);
    desk.penUp();
    expect(desk.frozen.get()).toBeNull();
    expect(requests).toMatchObject([
      { type: "place_mark", mark_id: "mark-0001", frame: { rtp_timestamp: 90_000, width: 640, height: 480 } },
    ]);
  });

  it("leaves the picture frozen when this person had frozen it", () => {
    desk.freeze(PICTURE);
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penMove([pen(90, 90)]);
    desk.penUp();
    expect(desk.frozen.get()?.by).toBe("hand");
    desk.freeze(PICTURE);
    expect(desk.frozen.get()).toBeNull();
    desk.freeze(null);
    expect(desk.frozen.get()).toBeNull();
  });

  it("is forgotten when it was a slip or is taken back", () => {
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penUp();
    desk.penDown(pen(10, 10), PICTURE, () => null);
    desk.penMove([pen(90, 90)]);
    desk.penCancel();
    desk.penUp();
    expect(requests).toEqual([]);
    expect(desk.frozen.get()).toBeNull();
    expect(desk.overlay(PICTURE)).toEqual([]);
  });

  it("is none with the pointer and the laser", () => {
    for (const tool of ["pointer", "laser"] as const) {
      desk.marks.tool.set(tool);
      expect(desk.penDown(pen(1, 1), PICTURE, gray)).toBe(false);
    }
  });
});

describe("words and numbers", () => {
  it("are asked for before the mark is placed, on the frozen picture", () => {
    desk.marks.tool.set("text");
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penUp();
    expect(desk.writing.get()).toMatchObject({ markId: "mark-0001" });
    expect(desk.frozen.get()).not.toBeNull();
    expect(desk.overlay(PICTURE)).toHaveLength(1);
    expect(desk.penDown(pen(20, 20), PICTURE, gray)).toBe(false);
    desk.write("  left valve ");
    expect(requests).toMatchObject([{ type: "place_mark", kind: "text", text: "left valve" }]);
    expect(desk.frozen.get()).toBeNull();
  });

  it("may be missing from a measure, not from a text", () => {
    desk.marks.tool.set("text");
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penUp();
    desk.write("   ");
    desk.marks.tool.set("measure");
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penMove([pen(90, 10)]);
    desk.penUp();
    desk.cancelWriting();
    expect(requests).toEqual([]);
    desk.penDown(pen(10, 10), PICTURE, gray);
    desk.penMove([pen(90, 10)]);
    desk.penUp();
    desk.write("");
    expect(requests).toMatchObject([{ kind: "measure", text: "" }]);
  });

  it("count by themselves", () => {
    desk.marks.tool.set("number");
    for (let count = 0; count < 2; count++) {
      desk.penDown(pen(10, 10), PICTURE, gray);
      desk.penUp();
    }
    expect(requests).toMatchObject([{ number: 1 }, { number: 2 }]);
  });
});

describe("what is drawn over a frame", () => {
  beforeEach(() => {
    desk.marks.tool.set("rectangle");
    desk.penDown(pen(100, 100), PICTURE, gray);
    desk.penMove([pen(200, 200)]);
    desk.penUp();
  });

  const poses = (x: number, state: "ok" | "weak" | "lost" = "ok"): Uint8Array =>
    encodePoses({
      rtpTimestamp: LATER.rtp ?? 0,
      poses: [
        {
          id: "mark-0001",
          state,
          h: state === "lost" ? null : Float32Array.from([1, 0, x, 0, 1, 0, 0, 0, 1]),
        },
      ],
    })[0] ?? new Uint8Array();

  it("is where the phone says that it is in that very frame, and nowhere else", () => {
    expect(desk.overlay(PICTURE)).toMatchObject([{ h: null, state: "placing" }]);
    expect(desk.overlay(LATER)).toEqual([]);
    data.hear("pose", "stranger", poses(50));
    expect(desk.overlay(LATER)).toEqual([]);
    data.hear("pose", "phone", poses(50));
    expect(desk.overlay(LATER)).toMatchObject([{ state: "ok" }]);
    expect(desk.markAt(120, 150, LATER)).toBeNull();
    expect(desk.markAt(252, 150, LATER)?.id).toBe("mark-0001");
    data.hear("pose", "phone", poses(0, "lost"));
    expect(desk.overlay(LATER)).toEqual([]);
  });

  it("is nothing of a hidden author, of a mark without a place, or of a former drawing", () => {
    data.hear("pose", "phone", poses(50));
    desk.marks.setHidden("me", true);
    expect(desk.overlay(LATER)).toEqual([]);
    desk.marks.setHidden("me", false);
    tell({ event: "mark_state", mark_id: "mark-0001", state: "unplaced" });
    expect(desk.overlay(LATER)).toEqual([]);
    tell({ event: "mark_state", mark_id: "mark-0001", state: "ok" });
    expect(desk.overlay(LATER)).toHaveLength(1);
    tell({ event: "marks_removed", mark_ids: ["mark-0001"], by: "me" });
    expect(desk.overlay(LATER)).toEqual([]);
  });

  it("tells of every change", () => {
    const seen = vi.fn();
    desk.redraw.subscribe(seen);
    desk.marks.selected.set("mark-0001");
    expect(seen).toHaveBeenCalled();
    expect(desk.overlay(PICTURE)[0]?.isSelected).toBe(true);
  });
});

describe("the phone", () => {
  it("answers what was asked, or nobody does", async () => {
    await desk.ask("torch", 1);
    expect(requests).toEqual([{ type: "ask_device", ask: "torch", value: 1 }]);
    const ask = { id: "a", by: "me", by_name: "Me", ask: "torch", value: 1, asked_at_ms: 1 } as const;
    tell({ event: "device_asked", ask });
    tell({ event: "device_answered", ask_id: "a", accepted: true, by: "phone" });
    expect(desk.answer.get()).toEqual({ ask, accepted: true });
    clock.advance(5_000);
    expect(desk.answer.get()).toBeNull();
    tell({ event: "device_asked", ask: { ...ask, id: "b" } });
    tell({ event: "device_answered", ask_id: "b", accepted: false, by: "" });
    expect(desk.answer.get()?.accepted).toBeNull();
    tell({ event: "device_asked", ask: { ...ask, id: "c", by: "ann" } });
    tell({ event: "device_answered", ask_id: "c", accepted: true, by: "phone" });
    expect(desk.answer.get()?.ask.id).toBe("b");
  });

  it("cannot be asked too much", async () => {
    const busy = new ExpertDesk({
      ...{ view, me: new Store("me"), listeners, data, clock, newId: () => "", refused },
      request: () => Promise.reject(new Refusal("too_many")),
    });
    expect(await busy.ask("still")).toBe(false);
    expect(refused).toHaveBeenCalledWith("too_many");
    busy.close();
  });

  it("and other experts' lasers are seen until they stop", () => {
    data.hear("laser", "ann", encodeLaser({ x: 0.5, y: 0.5 }));
    expect([...desk.lasers.points.get().keys()]).toEqual(["ann"]);
    desk.close();
    expect(desk.lasers.points.get().size).toBe(0);
    expect(listeners.size).toBe(0);
  });
});
