import { describe, expect, it, vi } from "vitest";
import { scriptedSealing } from "./e2ee/scripted-worker";
import { Api, type RoomInfo } from "./api";
import { ManualClock } from "./clock";
import { Entrance } from "./entrance";
import { plainHooks } from "./media/hooks";
import { LevelMeter } from "./media/level";
import { LocalMedia } from "./media/local";
import { ScriptedPeer } from "./media/scripted-peer";
import { Meeting } from "./meeting/meeting";
import { Preferences } from "./preferences";
import { ScriptedServer } from "./scripted-server";
import { Seats } from "./seats";

const ROOM: RoomInfo = {
  code: "abc-defg-hij",
  title: "Weekly sync",
  phase: "open",
  lobby_enabled: false,
  guests_allowed: true,
  encrypted: false,
  locked: false,
  people: [],
  people_count: 0,
  you: { role: "guest", name: "", signed_in: false },
};

function setUp(room: Partial<RoomInfo> | number = {}) {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const preferences = new Preferences(null);
  const asked: string[] = [];
  const api = new Api((path, init) => {
    asked.push(`${init.method ?? ""} ${path} ${typeof init.body === "string" ? init.body : ""}`.trim());
    if (typeof room === "number") return Promise.resolve(new Response("{}", { status: room }));
    const body = path.endsWith("/guests")
      ? { token: `pass ${asked.length}`, identity: "i" }
      : { ...ROOM, ...room };
    return Promise.resolve(Response.json(body));
  });
  const entries = new Map<string, string>();
  const seats = new Seats({
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  });
  const meeting = new Meeting({
    sealing: scriptedSealing,
    code: "abc-defg-hij",
    openSocket: server.open,
    createPeer: () => new ScriptedPeer() as unknown as RTCPeerConnection,
    hooks: plainHooks(() => []),
    local: new LocalMedia(
      { mediaDevices: undefined, permissions: undefined, isSecureContext: true },
      preferences,
      clock,
    ),
    meter: new LevelMeter(() => null),
    preferences,
    seats,
    clock,
    random: () => 0.5,
    newNonce: () => "n",
    log: () => undefined,
  });
  const entrance = new Entrance(meeting, api, preferences, seats, clock, () => 42);
  return { clock, server, asked, seats, meeting, entrance };
}

describe("the door", () => {
  it("is open when the link leads somewhere", async () => {
    const { entrance } = setUp();
    expect(await entrance.open()).toBe(false);
    expect(entrance.door.get()).toMatchObject({ kind: "open", info: { title: "Weekly sync" } });
  });

  it.each([
    [404, "room_not_found"],
    [502, "unavailable"],
    [{ phase: "ended" }, "room_ended"],
    [{ guests_allowed: false }, "sign_in_required"],
  ] as const)("is shut for %j", async (room, code) => {
    const { entrance } = setUp(room);
    await entrance.open();
    expect(entrance.door.get()).toMatchObject({ kind: "shut", code });
  });
});

describe("going in", () => {
  it("prepares the line as soon as the name has settled, so that joining is one flight", async () => {
    const { clock, server, asked, entrance } = setUp();
    await entrance.open();
    entrance.setName("Li");
    entrance.setName("Li Na");
    clock.advance(700);
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.latest.accept();
    server.latest.welcome();
    await entrance.enter();
    expect(asked.filter((line) => line.includes("/guests"))).toEqual([
      'POST /api/rooms/abc-defg-hij/guests {"name":"Li Na"}',
    ]);
    expect(server.sockets).toHaveLength(1);
    expect(server.latest.types()).toEqual(["hello", "join"]);
    expect(entrance.joinClickedAt).toBe(42);
  });

  it("uses the name of the moment when it was changed at last", async () => {
    const { clock, server, entrance } = setUp();
    await entrance.open();
    entrance.setName("Li");
    clock.advance(700);
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.latest.accept();
    entrance.setName("Li Na");
    await entrance.enter();
    server.latest.accept();
    expect(server.latest.last("hello").token).toBe("pass 3");
  });

  it("needs a name, unless the account has one", async () => {
    const { server, entrance } = setUp();
    await entrance.open();
    await entrance.enter();
    expect(server.sockets).toHaveLength(0);
    const member = setUp({ you: { role: "host", name: "Lin", signed_in: true } });
    await member.entrance.open();
    await member.entrance.enter();
    member.server.latest.accept();
    expect(member.server.latest.last("hello").token).toBe("");
  });

  it("sends no offer before a lobby", async () => {
    const { server, entrance } = setUp({ lobby_enabled: true });
    await entrance.open();
    entrance.setName("Li");
    await entrance.enter();
    server.latest.accept();
    await Promise.resolve();
    expect(server.latest.types()).toEqual(["hello", "join"]);
  });

  it("takes the seat that a reload left behind, without asking anything", async () => {
    const { clock, server, seats, entrance } = setUp();
    seats.hold("abc-defg-hij", { resume: "r", token: "t", name: "Li" });
    seats.leaveBehind("abc-defg-hij", clock.now());
    expect(await entrance.open()).toBe(true);
    server.latest.accept();
    expect(server.latest.last("hello").token).toBe("t");
    expect(server.latest.last("join").resume).toBe("r");
  });
});
