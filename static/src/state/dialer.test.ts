import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "./clock";
import { Dialer, NEXT_TRY_MS, ROUND_MS, TRIES_MAX } from "./dialer";
import { ScriptedServer } from "./scripted-server";

function setUp() {
  const clock = new ManualClock();
  const server = new ScriptedServer();
  const handlers = { opened: vi.fn(), message: vi.fn(), closed: vi.fn(), failed: vi.fn() };
  const dialer = new Dialer(server.open, clock, handlers);
  return { clock, server, handlers, dialer };
}

describe("getting a socket", () => {
  it("tries again beside a try that hangs, and takes the first that opens", () => {
    const { clock, server, handlers, dialer } = setUp();
    dialer.dial();
    dialer.dial();
    expect(server.sockets).toHaveLength(1);
    clock.advance(NEXT_TRY_MS);
    expect(server.sockets).toHaveLength(2);
    server.at(0).accept();
    expect(handlers.opened).toHaveBeenCalledExactlyOnceWith(false);
    expect(server.at(1).isClosed).toBe(true);
    server.at(1).accept();
    clock.advance(ROUND_MS);
    expect(handlers.opened).toHaveBeenCalledOnce();
    expect(handlers.failed).not.toHaveBeenCalled();
    expect(server.sockets).toHaveLength(2);
  });

  it("gives a round up after a time, and says so once", () => {
    const { clock, server, handlers, dialer } = setUp();
    dialer.dial();
    clock.advance(ROUND_MS);
    expect(server.sockets).toHaveLength(TRIES_MAX);
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

  it("adds a try when the network has changed, but not without end", () => {
    const { server, dialer } = setUp();
    dialer.hurry();
    expect(server.sockets).toHaveLength(0);
    dialer.dial();
    for (let change = 0; change < 20; change += 1) dialer.hurry();
    expect(server.sockets).toHaveLength(6);
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
