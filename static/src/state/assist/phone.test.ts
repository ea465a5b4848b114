import { describe, expect, it, vi } from "vitest";
import { scriptedSealing } from "../e2ee/scripted-worker";
import type { AnyEvent, DeviceAsk, Mark } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { plainHooks } from "../media/hooks";
import { LevelMeter } from "../media/level";
import { LocalMedia } from "../media/local";
import { ScriptedPeer } from "../media/scripted-peer";
import { Meeting } from "../meeting/meeting";
import { Preferences } from "../preferences";
import { encodeKeyframe } from "../../ar";
import { identity } from "../../ar/homography";
import { participant, roomView, ScriptedServer } from "../scripted-server";
import { Seats } from "../seats";
import { NO_DEVICE } from "./apply";
import { CameraControls } from "./camera-controls";
import { MemoryShelf, Outbox } from "./outbox";
import { OnSite } from "./phone";
import { Tracking, type TrackingWorker } from "./tracking";
import type { FromTracking, ToTracking } from "./tracking-protocol";

const MARK: Mark = {
  id: "mark-0001",
  author_id: "a",
  author_name: "Li",
  kind: "circle",
  color: "red",
  width: 4,
  points: [90, 90, 110, 110],
  text: "",
  number: 0,
  frame: { rtp_timestamp: 1000, width: 640, height: 480 },
  made_at_ms: 5,
  state: "placing",
  confirmed_at_ms: 0,
  still_id: "",
  region: null,
  earlier_at_ms: 0,
};

function ask(kind: DeviceAsk["ask"], id: string, value = 1): DeviceAsk {
  return { id, by: "a", by_name: "Li", ask: kind, value, asked_at_ms: 1 };
}

interface Kept {
  readonly mark: Mark;
  readonly keyframe_id: string;
}

function keptPicture(): Uint8Array {
  const gray = new Uint8Array(96 * 96);
  return encodeKeyframe({
    width: 96,
    height: 96,
    views: [{ gray, points: Float32Array.of(5, 5), fromKey: identity() }],
  });
}

function setUp(kept: readonly Kept[] = []) {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const preferences = new Preferences(null);
  const local = new LocalMedia(
    { mediaDevices: undefined, permissions: undefined, isSecureContext: true },
    preferences,
    clock,
  );
  const meeting = new Meeting({
    sealing: scriptedSealing,
    code: "abc-defg-hij",
    openSocket: server.open,
    createPeer: () => new ScriptedPeer() as unknown as RTCPeerConnection,
    hooks: plainHooks(() => []),
    local,
    meter: new LevelMeter(() => null),
    preferences,
    seats: new Seats(null),
    clock,
    random: () => 0.5,
    newNonce: () => "nonce",
    log: () => undefined,
  });
  meeting.enter({ token: "t", name: "Wang", early: true });
  server.latest.accept();
  server.latest.welcome();
  server.latest.joined({ ...roomView([participant("me"), participant("a")]), assist: true });
  clock.advance(300);

  const told: ToTracking[] = [];
  const worker: TrackingWorker = {
    onmessage: null,
    postMessage: (message: ToTracking) => void told.push(message),
    terminate: () => undefined,
  };
  const say = (data: FromTracking): void => worker.onmessage?.({ data } as MessageEvent<FromTracking>);
  const tracking = new Tracking({
    access: "page_processor",
    createWorker: () => worker,
    createStampsWorker: null,
    clock,
    log: () => undefined,
  });
  const stills = {
    takePhoto: () => null,
    grab: async () => Promise.resolve(new Blob(["jpeg"])),
    copy: () => null,
  };
  const camera = new CameraControls(local, stills, clock, () => undefined);
  const shelf = new MemoryShelf();
  const outbox = new Outbox(
    shelf,
    async () => Promise.resolve("later"),
    clock,
    () => undefined,
  );
  const onSite = new OnSite({
    meeting,
    tracking,
    camera,
    outbox,
    archive: {
      marks: async () => Promise.resolve(kept),
      keyframe: async () => Promise.resolve(keptPicture()),
    },
    clock,
    newId: () => "still-0001",
    log: () => undefined,
  });
  let seq = 10;
  const happen = (...events: readonly AnyEvent[]): void => {
    for (const event of events) server.latest.say({ type: "event", seq: ++seq, event });
  };
  let capturedMs = 0;
  const frame = (state: "ok" | "weak" | "lost"): void => {
    clock.advance(500);
    const h = state === "lost" ? null : Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    say({
      kind: "frame",
      picture: null,
      poses: [{ id: MARK.id, state, h }],
      rtpTimestamp: 2_000,
      capturedMs: (capturedMs += 33),
      size: { width: 640, height: 480 },
      costMs: 5,
    });
  };
  const sent = (type: string) =>
    server.latest.received.filter((message) => message.type === type) as unknown as Record<string, unknown>[];
  return { clock, meeting, server, told, say, onSite, happen, frame, sent, shelf };
}

describe("the phone on site", () => {
  it("gives the room's marks to the tracker, tells the room of their states once they last, and forgets them", async () => {
    const { told, say, happen, frame, sent } = setUp();
    happen({ event: "mark_placed", mark: MARK });
    expect(told.find(({ kind }) => kind === "place")).toMatchObject({
      rtpTimestamp: 1000,
      mark: { id: MARK.id, points: [100, 100, 90, 100, 110, 100, 100, 90, 100, 110] },
    });
    say({ kind: "placed", markId: MARK.id, placed: "placed", capturedMs: 1 });
    await Promise.resolve();
    frame("ok");
    expect(sent("report_mark")).toMatchObject([{ mark_id: MARK.id, state: "ok" }]);
    frame("lost");
    frame("ok");
    expect(sent("report_mark")).toHaveLength(1);
    for (let k = 0; k < 3; k++) frame("lost");
    expect(sent("report_mark").at(-1)).toMatchObject({ state: "lost" });
    happen({ event: "marks_removed", mark_ids: [MARK.id], by: "a" });
    expect(told.at(-1)).toEqual({ kind: "remove", markId: MARK.id });
  });

  it("removes a mark for all after some seconds, in which it can be had back", () => {
    const { clock, onSite, happen, sent } = setUp();
    happen({ event: "mark_placed", mark: MARK });
    onSite.remove(MARK.id);
    expect(onSite.removing.get()).toBe(MARK.id);
    onSite.keep();
    onSite.remove("mark-0002");
    onSite.keep();
    clock.advance(5_000);
    expect([onSite.removing.get(), sent("remove_mark")]).toEqual([null, []]);
  });

  it("removes it when its time is over, one is removed, or the page is left", () => {
    const { clock, server, onSite, happen, sent } = setUp();
    happen({ event: "mark_placed", mark: MARK });
    const removed = () => sent("remove_mark").map(({ mark_id }) => mark_id);
    onSite.remove(MARK.id);
    clock.advance(4_000);
    const { id, sent_at_ms } = server.latest.last("ping");
    server.latest.say({ type: "pong", id, sent_at_ms, server_time_ms: clock.now() });
    expect(removed()).toEqual([]);
    clock.advance(1_000);
    expect(removed()).toEqual([MARK.id]);
    onSite.remove("mark-0002");
    onSite.remove("mark-0003");
    expect(removed()).toEqual([MARK.id, "mark-0002"]);
    onSite.close();
    expect(removed()).toEqual([MARK.id, "mark-0002", "mark-0003"]);
  });

  it("says that a mark has no place here instead of guessing one", async () => {
    const { say, happen, frame, sent } = setUp();
    happen({ event: "mark_placed", mark: MARK });
    say({ kind: "placed", markId: MARK.id, placed: "unplaced", capturedMs: null });
    await vi.waitFor(() => expect(sent("report_mark")).toMatchObject([{ state: "unplaced" }]));
    frame("ok");
    expect(sent("report_mark")).toHaveLength(1);
  });

  it("shows the room a mark of an earlier session once it is in the picture, by whom and when it was drawn", async () => {
    const { told, happen, frame, sent } = setUp([
      { mark: { ...MARK, made_at_ms: 77, author_name: "Chen" }, keyframe_id: "kf-1" },
    ]);
    await vi.waitFor(() => expect(told.at(-1)?.kind).toBe("restore"));
    frame("weak");
    expect(sent("place_mark")).toEqual([]);
    frame("ok");
    frame("ok");
    expect(sent("place_mark")).toMatchObject([
      { mark_id: MARK.id, earlier: { author_name: "Chen", at_ms: 77 } },
    ]);
    happen({ event: "mark_placed", mark: { ...MARK, author_id: "", earlier_at_ms: 77 } });
    expect(told.filter(({ kind }) => kind === "place")).toEqual([]); // the tracker has it
    frame("ok");
    expect(sent("report_mark")).toMatchObject([{ mark_id: MARK.id, state: "ok" }]);
  });

  it("keeps to itself what it sees while another phone leads, and tells everything when it leads", async () => {
    const { onSite, told, say, happen, frame, sent, clock } = setUp([{ mark: MARK, keyframe_id: "kf-1" }]);
    happen({ event: "device_changed", device: { ...NO_DEVICE, participant_id: "other" } });
    happen({ event: "mark_placed", mark: { ...MARK, state: "ok" } });
    happen({ event: "device_asked", ask: ask("still", "ask-1") });
    clock.advance(1_000);
    frame("ok");
    expect([sent("set_device"), sent("report_mark"), sent("place_mark"), onSite.asks.get()]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    expect(onSite.leads.get()).toBe(false);
    onSite.lead();
    expect(sent("lead_camera")).toMatchObject([{ participant_id: "me" }]);

    happen({ event: "device_changed", device: { ...NO_DEVICE, participant_id: "me" } });
    clock.advance(300);
    expect(onSite.leads.get()).toBe(true);
    expect(sent("set_device")).toHaveLength(1);
    expect(told.filter(({ kind }) => kind === "place")).toHaveLength(1);
    // The frame is the other phone's; the kept picture is found after all.
    say({ kind: "placed", markId: MARK.id, placed: "unplaced", capturedMs: null });
    await vi.waitFor(() => expect(sent("report_mark")).toMatchObject([{ state: "unplaced" }]));
    clock.advance(1_000);
    await vi.waitFor(() => expect(told.at(-1)?.kind).toBe("restore"));
    for (let k = 0; k < 3; k++) frame("ok");
    expect(sent("report_mark").at(-1)).toMatchObject({ state: "ok" });
  });

  it("does what an expert asks only after a yes, and what was allowed for good at once", async () => {
    const { onSite, happen, sent } = setUp();
    happen({ event: "device_asked", ask: ask("freeze", "ask-1") });
    expect(onSite.asks.get()).toHaveLength(1);
    expect(onSite.frozen.get()).toBe(false);
    const [first] = onSite.asks.get();
    if (!first) throw new Error("no ask");
    void onSite.answer(first, false);
    expect(sent("answer_device")).toMatchObject([{ ask_id: "ask-1", accepted: false }]);
    expect(onSite.frozen.get()).toBe(false);
    happen({ event: "device_answered", ask_id: "ask-1", accepted: false, by: "me" });

    const allowed = ask("still", "ask-2");
    happen({ event: "device_asked", ask: allowed });
    void onSite.answer(allowed, true, true);
    happen({ event: "device_answered", ask_id: "ask-2", accepted: true, by: "me" });
    happen({ event: "device_asked", ask: ask("still", "ask-3") });
    expect(onSite.asks.get()).toEqual([]);
    expect(sent("answer_device").map((message) => message["ask_id"])).toEqual(["ask-1", "ask-2", "ask-3"]);
    await Promise.resolve();
  });

  it("tells the room of itself, and changes over to stills when told to", () => {
    const { onSite, clock, sent } = setUp();
    const notices: string[] = [];
    onSite.onNotice = (notice) => notices.push(notice.kind);
    clock.advance(300);
    expect(sent("set_device")).toMatchObject([{ mode: "video", frozen: false, battery_percent: -1 }]);
    onSite.know({ battery: 0.1, charging: false, warm: false });
    onSite.chooseMode("stills");
    clock.advance(300);
    expect(sent("set_device").at(-1)).toMatchObject({ mode: "stills", battery_percent: 10, warm: true });
    expect(notices).toEqual(["mode"]);
    onSite.chooseMode("auto");
    onSite.chooseMode("video");
    clock.advance(300);
    expect(sent("set_device").at(-1)).toMatchObject({ mode: "video" });
    onSite.close();
  });
});
