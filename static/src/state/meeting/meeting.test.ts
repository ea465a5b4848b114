import { describe, expect, it, vi } from "vitest";
import { scriptedSealing } from "../e2ee/scripted-worker";
import type { AnyEvent, ChatMessage, RoomView } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { plainHooks } from "../media/hooks";
import { LevelMeter } from "../media/level";
import { LocalMedia } from "../media/local";
import { ScriptedPeer } from "../media/scripted-peer";
import { Preferences } from "../preferences";
import { participant, roomView, ScriptedServer } from "../scripted-server";
import { Seats } from "../seats";
import { Meeting } from "./meeting";

function setUp() {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const preferences = new Preferences(null);
  const entries = new Map<string, string>();
  const seats = new Seats({
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  });
  // A computer without any device: what is sent is then muted, and everything else works.
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
    seats,
    clock,
    random: () => 0.5,
    newNonce: () => "nonce",
    log: () => undefined,
  });
  let seq = 10;
  const happen = (...events: readonly AnyEvent[]): void => {
    for (const event of events) server.latest.say({ type: "event", seq: ++seq, event });
  };
  const enter = (room: RoomView = roomView([participant("me"), participant("a")])): void => {
    meeting.enter({ token: "t", name: "Li", early: true });
    server.latest.accept();
    server.latest.welcome();
    server.latest.joined(room);
    clock.advance(300);
  };
  const notices = (): string[] => meeting.toasts.list.get().map((toast) => toast.message.kind);
  return { clock, server, seats, local, meeting, happen, enter, notices };
}

const said = (sender_id: string): ChatMessage => ({
  id: `m-${sender_id}`,
  sender_id,
  sender_name: sender_id,
  text: "hello",
  sent_at_ms: 1,
  nonce: "",
  deleted: false,
  file: null,
});

describe("a visit", () => {
  it("goes in with join and offer in one flight, and shows the room", async () => {
    const { server, meeting, enter } = setUp();
    enter();
    await vi.waitFor(() => expect(server.latest.types()).toContain("publish"));
    expect(server.latest.types().slice(0, 2)).toEqual(["hello", "join"]);
    expect(meeting.phase.get()).toEqual({ kind: "inside" });
    expect(meeting.view.get()?.title).toBe("Weekly sync");
  });

  it("waits in the lobby and goes in when admitted", async () => {
    const { clock, server, meeting } = setUp();
    meeting.enter({ token: "t", name: "Li", early: false });
    server.latest.accept();
    server.latest.welcome();
    server.latest.say({ type: "waiting", id: server.latest.last("join").id, entry_id: "e", resume: "place" });
    expect(meeting.phase.get().kind).toBe("waiting");
    server.latest.joined(roomView([participant("me")]));
    clock.advance(300);
    expect(meeting.phase.get().kind).toBe("inside");
    await vi.waitFor(() => expect(server.latest.types()).toContain("publish"));
  });

  it("ends with the reason, lets go of the seat, and stays ended", () => {
    const { server, seats, meeting, enter } = setUp();
    enter();
    server.latest.say({ type: "closing", code: "removed", retry_after_ms: 0 });
    expect(meeting.phase.get()).toEqual({ kind: "over", end: "removed" });
    meeting.leaveBehind();
    expect(seats.take("abc-defg-hij", 1)).toBeNull();
    meeting.leave();
    expect(meeting.phase.get()).toEqual({ kind: "over", end: "removed" });
  });

  it("leaves its seat behind when the page goes away", () => {
    const { clock, seats, meeting, enter } = setUp();
    enter();
    meeting.leaveBehind();
    expect(seats.take("abc-defg-hij", clock.now())).toEqual({ resume: "resume-1", token: "t", name: "Li" });
  });

  it("comes back after a loss without media of its own being made anew", async () => {
    const { clock, server, meeting, enter } = setUp();
    enter();
    const publish = await vi.waitFor(() => server.latest.last("publish"));
    server.latest.say({ type: "published", id: publish.id, sdp: "answer", tracks: [] });
    const peer = meeting.media.publisher.peer;
    await vi.waitFor(() => expect(meeting.media.publisher.isOffering).toBe(false));
    server.latest.break();
    clock.advance(0);
    server.latest.accept();
    server.latest.joined(roomView([participant("me"), participant("a")]), { resumed: true });
    expect(meeting.media.publisher.peer).toBe(peer);
    expect(meeting.phase.get().kind).toBe("inside");
  });

  it("after a reload takes its seat again and asks for media anew", async () => {
    const { server, meeting } = setUp();
    meeting.enter({ token: "t", name: "Li", resume: "r", early: false });
    server.latest.accept();
    server.latest.welcome();
    server.latest.joined(roomView([participant("me"), participant("a")]), { resumed: true });
    expect(server.latest.last("restart_subscription").fresh).toBe(true);
    await vi.waitFor(() => expect(server.latest.types()).toContain("publish"));
  });

  it("publishes and receives anew when the room has moved to another node", async () => {
    const { clock, server, meeting, enter } = setUp();
    enter();
    const { id } = await vi.waitFor(() => server.latest.last("publish"));
    server.latest.say({
      type: "published",
      id,
      sdp: "answer",
      tracks: [{ mid: "0", track_id: "mic" }],
    });
    await vi.waitFor(() => expect(meeting.media.publisher.trackIds.size).toBe(1));
    const peer = meeting.media.publisher.peer;
    server.latest.break();
    clock.advance(0);
    server.latest.accept();
    server.latest.joined(roomView([participant("me")]), { resumed: true });
    expect(meeting.media.publisher.peer).not.toBe(peer);
    expect(server.latest.last("restart_subscription").fresh).toBe(true);
  });

  it("publishes anew when the seat had to be given up", async () => {
    const { clock, server, meeting, enter } = setUp();
    enter();
    const peer = meeting.media.publisher.peer;
    server.latest.break();
    clock.advance(0);
    server.latest.accept();
    server.latest.joined(roomView([participant("me2")]), { participant_id: "me2", resumed: false });
    expect(meeting.media.publisher.peer).not.toBe(peer);
    expect(meeting.me.get()).toBe("me2");
    await vi.waitFor(() => expect(server.latest.types()).toContain("publish"));
  });
});

describe("what happens in the room", () => {
  it("is told quietly, three at a time, and to screen readers", () => {
    const { meeting, happen, enter, notices } = setUp();
    enter();
    happen(
      { event: "participant_joined", participant: participant("b") },
      { event: "hand_raised", participant_id: "a", raised_at_ms: 5, by: "a" },
      { event: "participant_left", participant_id: "b", reason: "left" },
      { event: "chat_sent", message: said("a") },
    );
    expect(notices()).toEqual(["hand_raised", "left", "chat"]);
    expect(meeting.announcement.get()?.notice.kind).toBe("chat");
  });

  it("goes away by itself", () => {
    const { clock, happen, enter, notices } = setUp();
    enter();
    happen({ event: "participant_joined", participant: participant("b") });
    clock.advance(3_500);
    expect(notices()).toEqual([]);
  });

  it("is announced, but not shown twice, when the chat is open", () => {
    const { meeting, happen, enter, notices } = setUp();
    enter();
    meeting.showPanel("chat");
    happen({ event: "chat_sent", message: said("a") });
    expect(notices()).toEqual([]);
    expect(meeting.announcement.get()?.notice).toMatchObject({ kind: "chat", name: "a" });
    expect(meeting.chat.state.get().unread).toBe(0);
  });

  it("shows reactions for some seconds", () => {
    const { clock, meeting, happen, enter } = setUp();
    enter();
    happen({ event: "reacted", participant_id: "a", reaction: "clap" });
    expect(meeting.reactions.get()).toMatchObject([{ participantId: "a", reaction: "clap" }]);
    clock.advance(4_000);
    expect(meeting.reactions.get()).toEqual([]);
  });

  it("switches my own capture off when a moderator mutes me", () => {
    const { local, happen, enter, notices } = setUp();
    const track = { id: "mic", source: "microphone", codec: "opus", muted: false } as const;
    enter(roomView([participant("me", { tracks: [track] }), participant("a")]));
    const captured = { readyState: "live", enabled: true, clone: () => captured, stop: () => undefined };
    local.microphone.set({ state: "on", track: captured as unknown as MediaStreamTrack, problem: null });
    happen({ event: "track_muted", participant_id: "me", track_id: "mic", muted: true, by: "a" });
    expect(local.microphone.get().state).toBe("off");
    expect(captured.enabled).toBe(false);
    expect(notices()).toEqual(["muted_by"]);
  });

  it("lets go of a pin when that person leaves", () => {
    const { meeting, happen, enter } = setUp();
    enter();
    meeting.pin("a");
    happen({ event: "participant_left", participant_id: "a", reason: "timed_out" });
    expect(meeting.pinned.get()).toBeNull();
  });

  it("tells why something was refused", async () => {
    const { server, meeting, enter, notices } = setUp();
    enter();
    const asked = meeting.controls.muteAll();
    server.latest.say({
      type: "error",
      id: server.latest.last("mute_all").id,
      code: "forbidden",
      retry_after_ms: 0,
    });
    expect(await asked).toBe(false);
    expect(notices()).toEqual(["refused"]);
  });

  it("says why a switch could do nothing", async () => {
    const { meeting, enter } = setUp();
    await meeting.toggleMicrophone();
    expect(meeting.toasts.list.get()).toEqual([]); // the door has its own words
    enter();
    await meeting.toggleMicrophone();
    await meeting.toggleCamera();
    expect(meeting.toasts.list.get().map(({ message }) => message)).toEqual([
      { kind: "device_fails", device: "microphone", problem: "unsupported" },
      { kind: "device_fails", device: "camera", problem: "unsupported" },
    ]);
  });

  it("turns to the other camera, and forgets which one was chosen", async () => {
    const { local, meeting, enter } = setUp();
    enter();
    meeting.preferences.change({ cameraId: "front" });
    await meeting.flipCamera();
    expect([local.facing, meeting.preferences.get().cameraId]).toEqual(["environment", ""]);
    await meeting.flipCamera();
    expect(local.facing).toBe("user");
  });

  it("tells whoever comes late that the meeting is recorded, and by whom", () => {
    const { meeting, enter } = setUp();
    const recording = { state: "on", id: "r", by: "a", since_ms: 1, end: null, tracks: false } as const;
    enter({ ...roomView([participant("me"), participant("a")]), recording });
    expect(meeting.toasts.list.get().map(({ message }) => message)).toEqual([
      { kind: "recording_is", recording: "running", name: "a" },
    ]);
  });

  it("lets in from the notice that somebody asks, and takes it away when they are in", () => {
    const { server, meeting, happen, enter, notices } = setUp();
    enter(roomView([participant("me", { role: "host" })]));
    const entry = (id: string, note = ""): AnyEvent => ({
      event: "lobby_asked",
      entry: { id, name: id, organization: "", role: "guest", asked_at_ms: 1, note },
    });
    happen(entry("e1"), entry("e2", "same_network_as_removed"));
    const [plain, doubtful] = meeting.toasts.list.get();
    plain?.action?.();
    expect(server.latest.last("admit").entry_id).toBe("e1");
    happen({ event: "lobby_left", entry_id: "e1" });
    expect(notices()).toEqual(["asks_to_enter"]);
    doubtful?.action?.(); // the list says what speaks against it
    expect(meeting.panel.get()).toBe("people");
  });

  it("says once that pictures are paused, and that they are back", () => {
    const { meeting, server, enter } = setUp();
    enter();
    const said = (): unknown[] =>
      meeting.toasts.list
        .get()
        .flatMap(({ message }) => (message.kind === "video_is" ? [message.paused] : []));
    const say = (state: "full" | "reduced" | "audio_only"): void =>
      server.latest.say({ type: "bandwidth", state, estimate_bps: 80_000 });
    say("reduced");
    expect(said()).toEqual([]);
    say("audio_only");
    say("audio_only");
    expect(said()).toEqual([true]);
    say("reduced");
    expect(said()).toEqual([true, false]);
  });

  it("names nobody who comes and goes in a crowd", () => {
    const { meeting, enter, happen } = setUp();
    enter(roomView(Array.from({ length: 40 }, (_, index) => participant(index === 0 ? "me" : `p${index}`))));
    happen({ event: "participant_joined", participant: participant("late") });
    expect(meeting.toasts.list.get()).toEqual([]);
    expect(meeting.view.get()?.participants["late"]).toBeDefined();
  });
});
