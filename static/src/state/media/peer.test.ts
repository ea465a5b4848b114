import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock";
import { FIRST_WAYS_MS, INTERRUPTION_TOLERATED_MS, PROOF_MS, PeerWatch, type Repair } from "./peer";

/** The one thing about a peer connection that the watch looks at. */
class Line extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  bytes = 0;

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map([["pair", { type: "candidate-pair", bytesReceived: this.bytes }]]));
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

function setUp() {
  const clock = new ManualClock();
  const repairs: Repair[] = [];
  const port = { seated: true };
  const watch = new PeerWatch(
    clock,
    () => port.seated,
    (kind) => repairs.push(kind),
  );
  const line = new Line();
  watch.follow(line as unknown as RTCPeerConnection);
  return { clock, repairs, port, watch, line };
}

describe("watching a peer connection", () => {
  it("leaves a short dropout alone", () => {
    const { clock, repairs, watch, line } = setUp();
    line.become("connected");
    line.become("disconnected");
    expect(watch.line.get().state).toBe("interrupted");
    clock.advance(INTERRUPTION_TOLERATED_MS - 1);
    line.become("connected");
    clock.advance(60_000);
    expect(repairs).toEqual([]);
    expect(watch.line.get().state).toBe("connected");
  });

  it("restarts ICE soon, and makes a new connection when that does not help", () => {
    const { clock, repairs, line } = setUp();
    line.become("connected");
    line.become("disconnected");
    clock.advance(INTERRUPTION_TOLERATED_MS);
    expect(repairs).toEqual(["restart"]);
    clock.advance(30_000);
    expect(repairs.slice(0, 4)).toEqual(["restart", "restart", "rebuild", "rebuild"]);
  });

  it("acts at once when the connection has failed", () => {
    const { clock, repairs, line } = setUp();
    line.become("failed");
    clock.advance(0);
    expect(repairs).toEqual(["restart"]);
  });

  it("waits for the line to the server", () => {
    const { clock, repairs, port, watch, line } = setUp();
    port.seated = false;
    line.become("failed");
    clock.advance(20_000);
    expect(repairs).toEqual([]);
    port.seated = true;
    watch.check();
    clock.advance(0);
    expect(repairs).toEqual(["restart"]);
  });

  it("counts an interruption from its beginning, over a new connection too", () => {
    const { clock, watch, line } = setUp();
    line.become("connected");
    clock.advance(1_000);
    const since = clock.now();
    line.become("disconnected");
    clock.advance(5_000);
    watch.follow(new Line() as unknown as RTCPeerConnection);
    expect(watch.line.get()).toEqual({ state: "interrupted", sinceMs: since });
  });

  it("believes a connection that says it stands only with proof, when the network has changed", async () => {
    const { clock, repairs, watch, line } = setUp();
    const settled = async (): Promise<void> => {
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    };
    line.become("connected");
    watch.check();
    await settled();
    line.bytes += 100;
    clock.advance(PROOF_MS);
    await settled();
    expect(repairs).toEqual([]);
    watch.check();
    await settled();
    clock.advance(PROOF_MS);
    await settled();
    expect(repairs).toEqual(["restart"]);
  });

  it("needs no proof that a connection is dead whose packets have stopped", () => {
    const { repairs, port, watch, line } = setUp();
    line.become("connected");
    watch.doubt(true);
    expect(repairs).toEqual([]);
    port.seated = false;
    watch.check();
    expect(repairs).toEqual([]);
    port.seated = true;
    watch.check();
    expect(repairs).toEqual(["restart"]);
    watch.check();
    expect(repairs).toEqual(["restart"]);
    watch.doubt(true);
    watch.doubt(false);
    watch.check();
    expect(repairs).toEqual(["restart"]);
  });

  it("restarts a connection that is well when its relay is to change, and no other", () => {
    const { repairs, watch, line } = setUp();
    watch.renew();
    expect(repairs).toEqual([]);
    line.become("connected");
    watch.renew();
    expect(repairs).toEqual(["restart"]);
  });

  it("tries further ways when the first have not worked soon, and only then", () => {
    const { clock, repairs, watch, line } = setUp();
    watch.moreWays();
    clock.advance(FIRST_WAYS_MS - 1);
    expect(repairs).toEqual([]);
    clock.advance(1);
    expect(repairs).toEqual(["restart"]);
    line.become("connected");
    watch.moreWays();
    clock.advance(60_000);
    expect(repairs).toEqual(["restart"]);
  });

  it("hears nothing from a connection that was replaced or forgotten", () => {
    const { clock, repairs, watch, line } = setUp();
    watch.follow(new Line() as unknown as RTCPeerConnection);
    line.become("failed");
    clock.advance(60_000);
    expect(repairs).toEqual([]);
    watch.forget();
    expect(watch.line.get().state).toBe("absent");
  });
});
