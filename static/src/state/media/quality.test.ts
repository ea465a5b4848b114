import { describe, expect, it } from "vitest";
import { judge, SteadyVerdict } from "./quality";
import { ratesBetween, readSample, type TrackRates } from "./stats";

const rates = (more: Partial<TrackRates>): TrackRates => ({
  mid: "0",
  kind: "video",
  bitsPerSecond: 1,
  lossShare: 0,
  framesPerSecond: 30,
  freezesMs: 0,
  width: 640,
  height: 360,
  codec: "VP8",
  jitterMs: 1,
  limitedBy: "none",
  ...more,
});

describe("judging a line", () => {
  it("says good when nothing is wrong and unknown when nothing is known", () => {
    expect(judge({ rttMs: 20, sent: [rates({})], received: [rates({})] }).quality).toBe("good");
    expect(judge({ rttMs: null, sent: [], received: [] }).quality).toBe("unknown");
  });

  it.each([
    [{ sent: [rates({ lossShare: 0.05 })] }, "weak", "uplink_loss"],
    [{ sent: [rates({ lossShare: 0.2 })] }, "bad", "uplink_loss"],
    [{ received: [rates({ lossShare: 0.05 })] }, "weak", "downlink_loss"],
    [{ rttMs: 400 }, "weak", "delay"],
    [{ rttMs: 1_000 }, "bad", "delay"],
    [{ sent: [rates({ limitedBy: "cpu" })] }, "weak", "cpu"],
    [{ sent: [rates({ lossShare: 0.05 })], rttMs: 1_000 }, "bad", "delay"],
  ] as const)("names the worst cause (%#)", (measured, quality, cause) => {
    expect(judge({ rttMs: 20, sent: [], received: [], ...measured })).toEqual({ quality, cause });
  });
});

describe("telling a verdict", () => {
  const good = { quality: "good", cause: "" } as const;
  const weak = { quality: "weak", cause: "delay" } as const;

  it("waits until it holds", () => {
    const steady = new SteadyVerdict();
    expect(steady.next(good)).toBeNull();
    expect(steady.next(good)).toEqual(good);
    expect(steady.next(good)).toBeNull();
    expect(steady.next(weak)).toBeNull();
    expect(steady.next(good)).toBeNull();
    expect(steady.next(weak)).toBeNull();
    expect(steady.next(weak)).toEqual(weak);
  });

  it("is told anew to a room that knows nothing", () => {
    const steady = new SteadyVerdict();
    steady.next(good);
    steady.next(good);
    steady.reset();
    steady.next(good);
    expect(steady.next(good)).toEqual(good);
  });
});

describe("reading statistics", () => {
  const pair = {
    id: "P",
    type: "candidate-pair",
    currentRoundTripTime: 0.03,
    localCandidateId: "L",
    availableOutgoingBitrate: 900_000,
  };
  const transport = { id: "T", type: "transport", selectedCandidatePairId: "P" };
  const local = { id: "L", type: "local-candidate", protocol: "udp", candidateType: "host" };
  const inbound = (packets: number, lost: number) => ({
    id: "I",
    type: "inbound-rtp",
    kind: "video",
    mid: "1",
    codecId: "C",
    packetsReceived: packets,
    packetsLost: lost,
    bytesReceived: packets * 1_000,
    framesDecoded: packets / 10,
    frameWidth: 640,
    frameHeight: 360,
    totalFreezesDuration: 0.5,
    jitter: 0.004,
  });
  const codec = { id: "C", type: "codec", mimeType: "video/VP8" };

  it("finds the selected pair and counts between two moments", () => {
    const before = readSample([pair, transport, local, codec, inbound(100, 0)], "inbound", 0);
    const now = readSample([pair, transport, local, codec, inbound(390, 10)], "inbound", 2_000);
    expect(now).toMatchObject({ rttMs: 30, transport: "udp", availableBps: 900_000 });
    const [track] = ratesBetween(before, now);
    expect(track).toMatchObject({
      mid: "1",
      codec: "VP8",
      lossShare: 10 / 300,
      width: 640,
      jitterMs: 4,
      freezesMs: 0,
    });
    expect(track?.bitsPerSecond).toBeCloseTo((290_000 * 8) / 2);
    expect(track?.framesPerSecond).toBeCloseTo(14.5);
  });

  it("takes what the other side reports about what we send", () => {
    const sample = readSample(
      [
        {
          id: "O",
          type: "outbound-rtp",
          kind: "video",
          mid: "1",
          remoteId: "R",
          packetsSent: 10,
          qualityLimitationReason: "cpu",
        },
        { id: "R", type: "remote-inbound-rtp", fractionLost: 0.07, jitter: 0.002 },
      ],
      "outbound",
      0,
    );
    expect(ratesBetween(null, sample)[0]).toMatchObject({ lossShare: 0.07, limitedBy: "cpu", jitterMs: 2 });
  });

  it("puts the encodings of one camera together: costs add up, the largest is what is seen", () => {
    const encoding = (rid: string, width: number, active: boolean, frames: number, loss: number) => [
      {
        id: rid,
        type: "outbound-rtp",
        kind: "video",
        mid: "1",
        remoteId: `${rid}-r`,
        active,
        packetsSent: 100,
        bytesSent: 10_000,
        framesEncoded: frames,
        frameWidth: width,
        qualityLimitationReason: active ? "bandwidth" : "cpu",
      },
      { id: `${rid}-r`, type: "remote-inbound-rtp", fractionLost: loss },
    ];
    const at = (ms: number, frames: number) =>
      readSample(
        [
          ...encoding("f", 1280, false, 900, 0.5),
          ...encoding("q", 320, true, frames, 0.01),
          ...encoding("h", 640, true, frames, 0.02),
        ],
        "outbound",
        ms,
      );
    const now = at(2_000, 160);
    expect(now.tracks.get("1")).toMatchObject({ packets: 300, bytes: 30_000 });
    expect(ratesBetween(at(0, 100), now)).toMatchObject([
      { width: 640, framesPerSecond: 30, lossShare: 0.02, limitedBy: "bandwidth" },
    ]);
  });

  it("manages without a transport entry, as in Firefox, and without anything", () => {
    const sample = readSample([{ ...pair, nominated: true, state: "succeeded" }], "inbound", 0);
    expect(sample.rttMs).toBe(30);
    expect(readSample([], "inbound", 0)).toMatchObject({ rttMs: null, transport: "" });
  });
});
