import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "./clock";
import { Dialer, FIRST_PATIENCE_MS, PATIENCE_MS, ROUND_MS } from "./dialer";
import { ScriptedServer } from "./scripted-server";

function setUp() {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const handlers = { opened: vi.fn(), message: vi.fn(), closed: vi.fn(), failed: vi.fn() };
  const line: { roundTripMs: number | null } = { roundTripMs: null };
  const dialer = new Dialer(server.open, clock, handlers, () => line.roundTripMs);
  return { clock, server, handlers, dialer, line };
}

describe("getting a socket", () => {
  it("tries again in the place of a try that hangs, which would keep others waiting", () => {
    const { clock, server, handlers, dialer, line } = setUp();
    line.roundTripMs = 50;
    dialer.dial();
    dialer.dial();
    expect(server.sockets).toHaveLength(1);
    clock.advance(PATIENCE_MS);
    expect(server.sockets).toHaveLength(2);
    expect(server.at(0).isClosed).toBe(true);
    server.at(0).accept();
    expect(handlers.opened).not.toHaveBeenCalled();
    server.at(1).accept();
    expect(handlers.opened).toHaveBeenCalledExactlyOnceWith(false);
    clock.advance(ROUND_MS);
    expect(handlers.opened).toHaveBeenCalledOnce();
    expect(handlers.failed).not.toHaveBeenCalled();
    expect(server.sockets).toHaveLength(2);
  });

  it("gives a round up after a time, and says so once", () => {
    const { clock, server, handlers, dialer } = setUp();
    dialer.dial();
    clock.advance(ROUND_MS);
    expect(server.sockets).toHaveLength(ROUND_MS / FIRST_PATIENCE_MS);
    expect(server.sockets.every((socket) => socket.isClosed)).toBe(true);
    expect(handlers.failed).toHaveBeenCalledOnce();
    expect(dialer.isDialing).toBe(false);
  });

  it("fails at once when the only try does", () => {
    const { clock, server, handlers, dialer } = setUp();
    dialer.dial();
    server.latest.break();
    expect(handlers.failed).toHaveBeenCalledOnce();
    clock.advance(ROUND_MS);
    expect(handlers.failed).toHaveBeenCalledOnce();
    expect(server.sockets).toHaveLength(1);
  });

  it("has more patience on a slow line, and the later the try", () => {
    const { clock, server, dialer, line } = setUp();
    line.roundTripMs = 200;
    dialer.dial();
    clock.advance(999);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1 + 2_000);
    expect(server.sockets).toHaveLength(4);
    clock.advance(1_999);
    expect(server.sockets).toHaveLength(4);
    clock.advance(1);
    expect(server.sockets).toHaveLength(5);
  });

  it("begins the try again when the network has changed, but leaves it some time", () => {
    const { clock, server, dialer } = setUp();
    dialer.hurry();
    expect(server.sockets).toHaveLength(0);
    dialer.dial();
    for (let change = 0; change < 20; change += 1) dialer.hurry();
    expect(server.sockets).toHaveLength(1);
    clock.advance(250);
    for (let change = 0; change < 20; change += 1) dialer.hurry();
    expect(server.sockets).toHaveLength(2);
    expect(server.at(0).isClosed).toBe(true);
  });

  it("replaces a socket that stands, and passes on only what the new one says", () => {
    const { server, handlers, dialer } = setUp();
    dialer.dial();
    server.latest.accept();
    dialer.dial();
    server.latest.accept();
    expect(handlers.opened).toHaveBeenLastCalledWith(true);
    const former = server.at(0);
    const present = server.at(1);
    expect(former.isClosed).toBe(true);
    former.say({ type: "speakers", participant_ids: [] });
    former.break();
    expect(handlers.message).not.toHaveBeenCalled();
    expect(handlers.closed).not.toHaveBeenCalled();
    present.break();
    expect(handlers.closed).toHaveBeenCalledOnce();
    expect(dialer.isOpen).toBe(false);
  });

  it("hangs up on the one that stands without ending the tries", () => {
    const { server, handlers, dialer } = setUp();
    dialer.dial();
    server.latest.accept();
    dialer.dial();
    dialer.hangUp();
    expect(server.at(0).isClosed).toBe(true);
    server.latest.accept();
    expect(handlers.opened).toHaveBeenLastCalledWith(false);
  });
});
