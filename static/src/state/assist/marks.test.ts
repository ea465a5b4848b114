import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AnyEvent, Code, Mark, RoomView } from "../../protocol.gen";
import { Refusal, type Request } from "../connection";
import { applyEvent } from "../room";
import { participant, roomView } from "../scripted-server";
import { Store } from "../store";
import type { Shape } from "./drawing";
import { latestFirst, layersOf, Marks } from "./marks";

const FRAME = { rtp_timestamp: 7, width: 640, height: 480 };
const SHAPE: Shape = { kind: "circle", points: [1, 2, 30, 40], width: 5 };

/** The room's side: it takes what is asked and tells of it, unless `refuse` says otherwise. */
class Room {
  readonly view = new Store<RoomView | null>(
    roomView(
      [
        participant("phone", { joined_at_ms: 1, assist_role: "on_site" }),
        participant("ann", { joined_at_ms: 2, assist_role: "expert" }),
        participant("me", { joined_at_ms: 3, assist_role: "expert" }),
      ],
      { assist: true },
    ),
  );
  refuse: Code | null = null;
  readonly asked: Request[] = [];
  #clock = 0;

  readonly request = (request: Request): Promise<void> => {
    this.asked.push(request);
    if (this.refuse) return Promise.reject(new Refusal(this.refuse));
    const marks: Readonly<Record<string, Mark>> = this.view.get()?.marks ?? {};
    if (request.type === "place_mark")
      this.tell({ event: "mark_placed", mark: this.mark(request.mark_id, request) });
    if (request.type === "remove_mark") {
      if (!marks[request.mark_id]) return Promise.reject(new Refusal("not_found"));
      this.tell({ event: "marks_removed", mark_ids: [request.mark_id], by: "me" });
    }
    if (request.type === "remove_marks") {
      const own = Object.values(marks).filter((mark) => mark.author_id === "me");
      this.tell({ event: "marks_removed", mark_ids: own.map((mark) => mark.id), by: "me" });
    }
    if (request.type === "change_mark") {
      const { mark_id, text, color, number } = request;
      this.tell({ event: "mark_changed", mark_id, text, color, number, by: "me" });
    }
    return Promise.resolve();
  };

  mark(id: string, more: Partial<Mark> = {}): Mark {
    const { kind = "circle", color = "red", width = 5, points = SHAPE.points, text = "", number = 0 } = more;
    return {
      ...{ kind, color, width, points, text, number, frame: FRAME },
      id,
      author_id: more.author_id ?? "me",
      author_name: "Me",
      made_at_ms: ++this.#clock,
      state: "placing",
      confirmed_at_ms: 0,
      still_id: "",
      region: null,
      earlier_at_ms: 0,
    };
  }

  tell(event: AnyEvent): void {
    const view = this.view.get();
    if (view) this.view.set(applyEvent(view, view.seq + 1, event));
  }

  get ids(): string[] {
    return Object.keys(this.view.get()?.marks ?? {});
  }
}

let room: Room;
let marks: Marks;
const refused = vi.fn();

beforeEach(() => {
  room = new Room();
  refused.mockReset();
  let last = 0;
  marks = new Marks({
    request: room.request,
    view: room.view,
    me: new Store("me"),
    newId: () => `mark-${String(++last).padStart(4, "0")}`,
    refused,
  });
  room.view.subscribe(() => marks.settle());
});

describe("drawing", () => {
  it("shows a mark at once and lets go of it when the room has it", async () => {
    const placing = marks.place("mark-0001", SHAPE, FRAME, { text: "valve", number: 2 });
    expect([...marks.pending.get().keys()]).toEqual([]);
    expect(await placing).toBe(true);
    expect(room.view.get()?.marks["mark-0001"]).toMatchObject({
      text: "valve",
      number: 2,
      points: SHAPE.points,
    });
    expect(marks.pending.get().size).toBe(0);
  });

  it("takes a mark back that the room refuses, and says why", async () => {
    room.refuse = "too_many";
    const placing = marks.place("mark-0001", SHAPE, FRAME);
    expect([...marks.pending.get().keys()]).toEqual(["mark-0001"]);
    expect(await placing).toBe(false);
    expect(marks.pending.get().size).toBe(0);
    expect(marks.canUndo.get()).toBe(false);
    expect(refused).toHaveBeenCalledWith("too_many");
  });

  it("gives each expert a colour until they choose one", () => {
    marks.assignColor();
    expect(marks.color.get()).toBe("amber");
    marks.chooseColor("blue");
    marks.assignColor();
    expect(marks.color.get()).toBe("blue");
  });

  it("counts on from the highest number", async () => {
    expect(marks.nextNumber()).toBe(1);
    await marks.place("mark-0001", SHAPE, FRAME, { number: 4 });
    expect(marks.nextNumber()).toBe(5);
  });
});

describe("undo and redo", () => {
  it("walk back and forth over placing, changing and removing", async () => {
    await marks.place("mark-0001", SHAPE, FRAME);
    await marks.change("mark-0001", { text: "left" });
    await marks.remove("mark-0001");
    expect(room.ids).toEqual([]);
    await marks.undo();
    expect(room.view.get()?.marks["mark-0001"]?.text).toBe("left");
    await marks.undo();
    expect(room.view.get()?.marks["mark-0001"]?.text).toBe("");
    await marks.undo();
    expect(room.ids).toEqual([]);
    expect([marks.canUndo.get(), marks.canRedo.get()]).toEqual([false, true]);
    await marks.redo();
    await marks.redo();
    expect(room.view.get()?.marks["mark-0001"]?.text).toBe("left");
    await marks.redo();
    expect(room.ids).toEqual([]);
    await marks.redo();
    await marks.undo();
    expect(refused).not.toHaveBeenCalled();
  });

  it("bring all of one's own back after clearing, and leave others' alone", async () => {
    room.tell({ event: "mark_placed", mark: room.mark("mark-of-ann", { author_id: "ann" }) });
    await marks.place("mark-0001", SHAPE, FRAME);
    await marks.place("mark-0002", SHAPE, FRAME);
    await marks.clear();
    expect(room.ids).toEqual(["mark-of-ann"]);
    await marks.undo();
    expect(room.ids).toEqual(["mark-of-ann", "mark-0001", "mark-0002"]);
  });

  it("do not complain when somebody else was quicker", async () => {
    await marks.place("mark-0001", SHAPE, FRAME);
    room.tell({ event: "marks_removed", mark_ids: ["mark-0001"], by: "phone" });
    await marks.undo();
    expect(refused).not.toHaveBeenCalled();
    await marks.undo();
  });

  it("forget what was undone when something new is drawn", async () => {
    await marks.place("mark-0001", SHAPE, FRAME);
    await marks.undo();
    await marks.place("mark-0002", SHAPE, FRAME);
    expect(marks.canRedo.get()).toBe(false);
  });
});

describe("layers", () => {
  it("tell who has drawn, and can be hidden", async () => {
    room.tell({ event: "mark_placed", mark: room.mark("mark-of-ann", { author_id: "ann" }) });
    room.tell({ event: "mark_placed", mark: room.mark("mark-gone-1", { author_id: "gone" }) });
    await marks.place("mark-0001", SHAPE, FRAME);
    marks.setHidden("ann", true);
    const view = room.view.get();
    if (!view) throw new Error("no room");
    expect(layersOf(view, marks.hidden.get(), "me")).toMatchObject([
      { authorId: "ann", name: "ann", count: 1, isHidden: true, isOwn: false, isHere: true },
      { authorId: "gone", name: "Me", isHere: false },
      { authorId: "me", isOwn: true, isHidden: false },
    ]);
    expect(latestFirst(view).map((mark) => mark.id)).toEqual(["mark-0001", "mark-gone-1", "mark-of-ann"]);
    marks.setHidden("ann", false);
    expect(marks.hidden.get().size).toBe(0);
  });

  it("lets go of a chosen mark that is hidden or gone", async () => {
    await marks.place("mark-0001", SHAPE, FRAME);
    marks.selected.set("mark-0001");
    marks.setHidden("me", true);
    expect(marks.selected.get()).toBeNull();
    marks.selected.set("mark-0001");
    room.tell({ event: "marks_removed", mark_ids: ["mark-0001"], by: "phone" });
    expect(marks.selected.get()).toBeNull();
  });

  it("are touched by their authors and by who is on site", () => {
    const mark = room.mark("mark-of-ann", { author_id: "ann" });
    expect(marks.mayTouch(mark)).toBe(false);
    expect(marks.mayTouch(room.mark("mark-own-1"))).toBe(true);
    room.tell({ event: "assist_role_changed", participant_id: "me", assist_role: "on_site" });
    expect(marks.mayTouch(mark)).toBe(true);
  });
});
