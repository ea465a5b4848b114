import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "./clock";
import { Connection, Refusal } from "./connection";
import { participant, roomView, ScriptedServer } from "./scripted-server";

function setUp() {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const handlers = {
    joined: vi.fn(),
    waiting: vi.fn(),
    event: vi.fn(),
    offer: vi.fn(),
    speakers: vi.fn(),
    encodings: vi.fn(),
    codec: vi.fn(),
    iceServers: vi.fn(),
    closed: vi.fn(),
  };
  const connection = new Connection(server.open, clock, () => 0.5, handlers);
  const enter = (): void => {
    connection.prepare("token");
    connection.join("abc-defg-hij");
    server.latest.accept();
    server.latest.welcome();
    server.latest.joined(roomView([participant("me")]));
  };
  return { clock, server, handlers, connection, enter };
}

describe("joining", () => {
  it("sends hello, join and what follows in one flight when the socket opens", () => {
    const { server, connection } = setUp();
    connection.prepare("token");
    connection.join("abc-defg-hij");
    void connection.request({ type: "publish", sdp: "v=0", media: [] }).catch(() => undefined);
    expect(server.latest.types()).toEqual([]);
    server.latest.accept();
    expect(server.latest.types()).toEqual(["hello", "join", "publish"]);
    expect(server.latest.last("hello").token).toBe("token");
  });

  it("joins at once on a line that was prepared", () => {
    const { server, connection } = setUp();
    connection.prepare("token");
    server.latest.accept();
    server.latest.welcome();
    expect(connection.line.get().state).toBe("ready");
    connection.join("abc-defg-hij");
    expect(server.latest.types()).toEqual(["hello", "join"]);
    expect(server.sockets).toHaveLength(1);
  });

  it("takes requests from whoever is handed the snapshot", () => {
    const { clock, server, connection, handlers, enter } = setUp();
    handlers.joined.mockImplementation(
      () => void connection.request({ type: "restart_subscription" }).catch(() => undefined),
    );
    enter();
    expect(server.latest.types().at(-1)).toBe("restart_subscription");
    server.latest.break();
    clock.advance(0);
    server.latest.accept();
    server.latest.joined(roomView([participant("me")]), { resumed: true });
    expect(server.latest.types().at(-1)).toBe("restart_subscription");
    expect(connection.line.get().state).toBe("joined");
  });

  it("waits in the lobby and is admitted by joined with the same id", () => {
    const { server, connection, handlers } = setUp();
    connection.prepare("");
    connection.join("abc-defg-hij");
    server.latest.accept();
    server.latest.welcome();
    server.latest.say({ type: "waiting", id: server.latest.last("join").id, entry_id: "e", resume: "place" });
    expect(connection.line.get().state).toBe("waiting");
    server.latest.joined(roomView([participant("me")]));
    expect(connection.line.get().state).toBe("joined");
    expect(handlers.waiting).toHaveBeenCalledOnce();
  });

  it("closes for good when the door is shut", () => {
    const { server, connection, handlers } = setUp();
    connection.prepare("");
    connection.join("abc-defg-hij");
    server.latest.accept();
    server.latest.welcome();
    server.latest.say({
      type: "error",
      id: server.latest.last("join").id,
      code: "room_locked",
      retry_after_ms: 0,
    });
    expect(connection.line.get()).toMatchObject({ state: "closed", code: "room_locked" });
    expect(handlers.closed).toHaveBeenCalledWith("room_locked");
  });

  it("knocks again later when the server is only busy", () => {
    const { clock, server, connection } = setUp();
    connection.prepare("");
    connection.join("abc-defg-hij");
    server.latest.accept();
    server.latest.welcome();
    server.latest.say({
      type: "error",
      id: server.latest.last("join").id,
      code: "rate_limited",
      retry_after_ms: 2_000,
    });
    expect(connection.line.get().state).toBe("lost");
    clock.advance(1_999);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1);
    expect(server.sockets).toHaveLength(2);
  });
});

describe("requests", () => {
  it("resolve by id, in any order", async () => {
    const { server, connection, enter } = setUp();
    enter();
    const first = connection.request({ type: "raise_hand", raised: true });
    const second = connection.request({ type: "read_chat", before_id: "m" });
    const { id } = server.latest.last("raise_hand");
    server.latest.say({
      type: "chat_page",
      id: server.latest.last("read_chat").id,
      messages: [],
      more: true,
    });
    server.latest.say({ type: "ok", id });
    await expect(first).resolves.toMatchObject({ type: "ok" });
    await expect(second).resolves.toMatchObject({ more: true });
  });

  it("reject with the code of a refusal and leave the line alone", async () => {
    const { server, connection, enter } = setUp();
    enter();
    const asked = connection.request({ type: "mute_all" });
    server.latest.say({
      type: "error",
      id: server.latest.last("mute_all").id,
      code: "forbidden",
      retry_after_ms: 0,
    });
    await expect(asked).rejects.toEqual(new Refusal("forbidden"));
    expect(connection.line.get().state).toBe("joined");
  });

  it("fail as unavailable when the line breaks under them, and while it is lost", async () => {
    const { server, connection, enter } = setUp();
    enter();
    const asked = connection.request({ type: "mute_all" });
    server.latest.break();
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
    await expect(connection.request({ type: "mute_all" })).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a lost line", () => {
  it("comes back at once with the resume token and stays lost until the room is there", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    server.latest.break();
    expect(connection.line.get()).toMatchObject({ state: "lost", attempt: 0 });
    clock.advance(0);
    expect(server.sockets).toHaveLength(2);
    server.latest.accept();
    expect(server.latest.types()).toEqual(["hello", "join"]);
    expect(server.latest.last("join").resume).toBe("resume-1");
    server.latest.welcome();
    expect(connection.line.get().state).toBe("lost");
    server.latest.joined(roomView([participant("me")]), { resumed: true });
    expect(connection.line.get().state).toBe("joined");
  });

  it("waits longer between tries, but not long while the seat is kept, and says when the next one is", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    const since = clock.now();
    server.latest.break();
    clock.advance(0);
    const waits: number[] = [];
    for (let round = 0; round < 34; round += 1) {
      server.latest.break();
      const { nextTryAtMs, sinceMs } = connection.line.get();
      expect(sinceMs).toBe(since);
      waits.push(nextTryAtMs - clock.now());
      clock.advance(nextTryAtMs - clock.now());
    }
    expect(waits.slice(0, 4)).toEqual([225, 375, 375, 375]);
    expect(waits.slice(-3)).toEqual([750, 750, 750]);
  });

  it("is noticed when pings are not answered", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    clock.advance(4_000);
    expect(server.latest.last("ping")).toBeDefined();
    clock.advance(3_499);
    expect(connection.line.get().state).toBe("joined");
    clock.advance(1);
    expect(connection.line.get().state).toBe("lost");
  });

  it("is not suspected while answers come, and their time is measured", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    clock.advance(4_000);
    for (let round = 0; round < 5; round += 1) {
      const { id, sent_at_ms } = server.latest.last("ping");
      clock.advance(40);
      server.latest.say({ type: "pong", id, sent_at_ms, server_time_ms: clock.now() + 500 });
      clock.advance(3_960);
    }
    expect(connection.line.get().state).toBe("joined");
    expect(connection.roundTripMs.get()).toBe(40);
    expect(connection.serverOffsetMs).toBe(520);
  });

  it("is tried at once when the network changes", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    server.latest.break();
    clock.advance(0);
    server.latest.break();
    connection.probe();
    expect(server.sockets).toHaveLength(3);
  });

  it("is found out quickly by a probe when the network changes under it", () => {
    const { clock, connection, enter } = setUp();
    enter();
    connection.probe();
    clock.advance(1_500);
    expect(connection.line.get().state).toBe("lost");
  });

  it("gives up on a socket that neither opens nor fails", () => {
    const { clock, server, enter } = setUp();
    enter();
    server.latest.break();
    clock.advance(0);
    clock.advance(6_000 + 300);
    // the one that stood, two tries of the first round, and the second round
    expect(server.sockets).toHaveLength(4);
    expect(server.sockets.slice(0, 3).every((socket) => socket.isClosed)).toBe(true);
  });

  it("is tried beside a silent socket, and the first that opens has the seat", async () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    const asked = connection.request({ type: "mute_all" });
    connection.probe();
    clock.advance(299);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1);
    expect(server.sockets).toHaveLength(2);
    expect(connection.line.get().state).toBe("joined");
    server.latest.accept();
    expect(server.sockets[0]?.isClosed).toBe(true);
    expect(server.latest.types()).toEqual(["hello", "join"]);
    expect(server.latest.last("join").resume).toBe("resume-1");
    expect(connection.line.get().state).toBe("lost");
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
    server.latest.joined(roomView([participant("me")]), { resumed: true });
    expect(connection.line.get().state).toBe("joined");
    clock.advance(3_000);
    expect(server.sockets).toHaveLength(2);
  });

  it("is doubted sooner where answers came sooner, and looked for again when there is no way", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    connection.roundTripMs.set(60);
    connection.probe();
    clock.advance(120);
    expect(server.sockets).toHaveLength(2);
    server.latest.break();
    expect(connection.line.get().state).toBe("joined");
    clock.advance(300);
    expect(server.sockets).toHaveLength(3);
    server.latest.accept();
    expect(server.latest.types()).toEqual(["hello", "join"]);
  });

  it("stays with a socket that answers after all, and tells who asked", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    const alive = vi.fn();
    connection.probe(alive);
    clock.advance(400);
    expect(server.sockets).toHaveLength(2);
    const { id, sent_at_ms } = server.at(0).last("ping");
    server.at(0).say({ type: "pong", id, sent_at_ms, server_time_ms: clock.now() });
    expect(server.sockets[1]?.isClosed).toBe(true);
    expect(alive).toHaveBeenCalledOnce();
    server.at(1).accept();
    clock.advance(2_000);
    expect(connection.line.get().state).toBe("joined");
    expect(server.sockets[0]?.isClosed).toBe(false);
  });

  it("does not begin again when the silent socket ends while another is tried", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    connection.probe();
    clock.advance(300);
    server.at(0).break();
    expect(connection.line.get()).toMatchObject({ state: "lost", nextTryAtMs: 0 });
    expect(server.sockets).toHaveLength(2);
    server.latest.accept();
    expect(server.latest.types()).toEqual(["hello", "join"]);
  });

  it("resumes after closing codes that allow it, not before the time that the server named", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    server.latest.say({ type: "closing", code: "moved", retry_after_ms: 700 });
    expect(connection.line.get().state).toBe("lost");
    clock.advance(699);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1);
    expect(server.sockets).toHaveLength(2);
  });

  it("is over for good when the seat was taken away", () => {
    const { clock, server, handlers, enter } = setUp();
    enter();
    server.latest.say({ type: "closing", code: "removed", retry_after_ms: 0 });
    clock.advance(60_000);
    expect(handlers.closed).toHaveBeenCalledWith("removed");
    expect(server.sockets).toHaveLength(1);
  });

  it("hears nothing from sockets of former tries", () => {
    const { clock, server, handlers, enter } = setUp();
    enter();
    const former = server.latest;
    former.break();
    clock.advance(0);
    former.say({ type: "speakers", participant_ids: ["ghost"] });
    expect(handlers.speakers).not.toHaveBeenCalled();
  });
});

describe("leaving", () => {
  it("says so, closes, and never comes back", () => {
    const { clock, server, connection, enter } = setUp();
    enter();
    connection.leave();
    expect(server.latest.types().at(-1)).toBe("leave");
    expect(server.latest.isClosed).toBe(true);
    clock.advance(60_000);
    expect(server.sockets).toHaveLength(1);
    expect(connection.line.get().state).toBe("idle");
  });

  it("can be followed by joining again on a new socket", () => {
    const { server, connection, enter } = setUp();
    enter();
    connection.leave();
    connection.prepare("token");
    connection.join("abc-defg-hij");
    server.latest.accept();
    expect(server.sockets).toHaveLength(2);
    expect(server.latest.last("join").resume).toBe("");
  });
});
