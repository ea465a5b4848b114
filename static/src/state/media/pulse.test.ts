import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock";
import { Pulse, PULSE_MS, SILENCE_MS, SLEPT_MS, STEADY_MS } from "./pulse";

class Peer {
  connectionState: RTCPeerConnectionState = "connected";
  bytesReceived = 0;
  packetsSent = 0;
  looks = 0;
  availableOutgoingBitrate: number | undefined = undefined;
  pictures: [string, object][] = [];

  getStats(): Promise<Map<string, object>> {
    this.looks += 1;
    return Promise.resolve(
      new Map<string, object>([
        ["other", { type: "candidate-pair", nominated: false, availableOutgoingBitrate: 1 }],
        [
          "pair",
          {
            type: "candidate-pair",
            nominated: true,
            bytesReceived: this.bytesReceived,
            availableOutgoingBitrate: this.availableOutgoingBitrate,
          },
        ],
        ["rtp", { type: "outbound-rtp", packetsSent: this.packetsSent }],
        ...this.pictures,
      ]),
    );
  }
}

function setUp() {
  const clock = new ManualClock();
  const publishing = new Peer();
  const subscribing = new Peer();
  const heard = { uplink: vi.fn(), silent: vi.fn(), flowing: vi.fn(), woke: vi.fn() };
  const as = (peer: Peer): RTCPeerConnection => peer as unknown as RTCPeerConnection;
  const pulse = new Pulse(
    { publishing: () => as(publishing), subscribing: () => as(subscribing), ...heard },
    clock,
  );
  pulse.start();
  const look = async (before: () => void = () => undefined): Promise<void> => {
    before();
    clock.advance(PULSE_MS);
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
  };
  const sends = (): void => {
    publishing.packetsSent += 10;
  };
  const flows = (): void => {
    sends();
    publishing.bytesReceived += 100;
  };
  const steady = async (): Promise<void> => {
    for (let times = 0; times < STEADY_LOOKS; times += 1) await look(flows);
  };
  return { clock, publishing, subscribing, heard, pulse, look, sends, flows, steady };
}

const LOOKS_TO_SILENCE = Math.ceil(SILENCE_MS / PULSE_MS);
const STEADY_LOOKS = Math.ceil(STEADY_MS / PULSE_MS) + 2;

describe("the pulse of a call", () => {
  it("is missed soon when feedback stops while packets go out, and once", async () => {
    const { heard, look, sends, flows, steady } = setUp();
    await steady();
    for (let times = 1; times < LOOKS_TO_SILENCE; times += 1) await look(sends);
    expect(heard.silent).not.toHaveBeenCalled();
    for (let times = 0; times < 20; times += 1) await look(sends);
    expect(heard.silent).toHaveBeenCalledExactlyOnceWith(true);
    await look(flows);
    expect(heard.flowing).toHaveBeenCalledOnce();
    await look(flows);
    expect(heard.flowing).toHaveBeenCalledOnce();
  });

  it("tells what the line out carries, as far as the browser says", async () => {
    const { heard, publishing, look } = setUp();
    await look();
    publishing.availableOutgoingBitrate = 300_000;
    await look();
    expect(heard.uplink.mock.calls).toEqual([
      [null, new Map()],
      [300_000, new Map()],
    ]);
  });

  it("tells what the camera's encodings make of its pictures, and of nothing without a name", async () => {
    const { heard, publishing, look } = setUp();
    const made = { type: "outbound-rtp", mediaSourceId: "camera", active: true };
    publishing.pictures = [
      ["screen", { ...made, framesEncoded: 9 }],
      ["q", { ...made, rid: "q", framesEncoded: 12, bytesSent: 900, active: false }],
      ["f", { ...made, rid: "f", framesEncoded: 40 }],
      ["old", { ...made, rid: "h" }],
      ["source", { id: "camera", type: "media-source", frames: 50 }],
    ];
    await look();
    const [[, pictures]] = heard.uplink.mock.calls as [[number | null, Map<string, unknown>]];
    expect([...pictures]).toEqual([
      ["q", { captured: 50, made: 12, bytes: 900, isActive: false }],
      ["f", { captured: 50, made: 40, bytes: 0, isActive: true }],
    ]);
  });

  it("is not taken for dead when this page stops sending", async () => {
    const { heard, look, steady } = setUp();
    await steady();
    for (let times = 0; times < 20; times += 1) await look();
    expect(heard.silent).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("says nothing where things came now and then only", async () => {
    const { heard, look, sends, flows } = setUp();
    for (let times = 0; times < 6; times += 1) {
      await look(flows);
      await look(flows);
      for (let quiet = 0; quiet < 5; quiet += 1) await look(sends);
    }
    expect(heard.silent).not.toHaveBeenCalled();
  });

  it("is felt at the receiving side only while nothing is sent", async () => {
    const { heard, publishing, subscribing, look, steady } = setUp();
    await steady();
    const looks = subscribing.looks;
    await steady();
    expect(subscribing.looks).toBe(looks);
    publishing.connectionState = "disconnected";
    for (let times = 0; times < 2 * STEADY_LOOKS; times += 1)
      await look(() => (subscribing.bytesReceived += 9));
    for (let times = 0; times < LOOKS_TO_SILENCE + 1; times += 1) await look();
    expect(heard.silent).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("knows that the machine slept", async () => {
    const { clock, heard, look } = setUp();
    for (let times = 0; times < 20; times += 1) await look();
    expect(heard.woke).not.toHaveBeenCalled();
    const before = clock.now.bind(clock);
    clock.now = () => before() + SLEPT_MS;
    await look();
    await look();
    expect(heard.woke).toHaveBeenCalledOnce();
  });
});
