import { describe, expect, it } from "vitest";
import { check as english } from "../../i18n/en-check";
import { check as chinese } from "../../i18n/zh-check";
import type { DoctorReport } from "../api";
import { ManualClock } from "../clock";
import type { PeerSample } from "../media/stats";
import type { Checkup } from "./checkup";
import { conclude, VERDICTS } from "./conclude";
import { masked, reportOf, reportText } from "./report";
import { downloadSpeed } from "./speed";
import {
  hasCandidate,
  measured,
  notTried,
  onlyWay,
  relaysOf,
  wayOfRelay,
  WAYS,
  type Way,
  type WayResult,
} from "./ways";

const SDP = [
  "v=0",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=candidate:1 1 udp 2130706431 10.0.0.5 8080 typ host",
  "a=candidate:2 1 TCP 1671430143 10.0.0.5 8080 typ host tcptype passive",
  "a=end-of-candidates",
  "",
].join("\r\n");

describe("the ways to the server", () => {
  it("keep only their own candidates, and every other line as it was", () => {
    expect(onlyWay(SDP, "udp")).toBe(SDP.replace(/a=candidate:2.*\r\n/, ""));
    expect(onlyWay(SDP, "tcp")).toBe(SDP.replace(/a=candidate:1.*\r\n/, ""));
    expect(onlyWay(SDP, "turn_tls")).toBe(onlyWay(SDP, "udp"));
    expect(hasCandidate(onlyWay(onlyWay(SDP, "udp"), "tcp"))).toBe(false);
  });

  it.each([
    ["turn:relay.example:3478", "turn_udp"],
    ["turn:relay.example:3478?transport=udp", "turn_udp"],
    ["turn:relay.example:3478?transport=tcp", "turn_tcp"],
    ["turns:relay.example:443?transport=tcp", "turn_tls"],
    ["TURNS:relay.example", "turn_tls"],
    ["stun:relay.example", null],
  ])("know how %s is reached", (url, way) => {
    expect(wayOfRelay(url)).toBe(way);
  });

  it("take the credentials of their relays with them", () => {
    const servers = [
      { urls: ["stun:a"], username: "", credential: "" },
      { urls: ["turn:a", "turn:a?transport=tcp"], username: "u", credential: "c" },
    ];
    expect(relaysOf("turn_tcp", servers)).toEqual([
      { urls: ["turn:a?transport=tcp"], username: "u", credential: "c" },
    ]);
    expect(relaysOf("turn_tls", servers)).toEqual([]);
    expect(relaysOf("udp", servers)).toEqual([]);
  });
});

function sample(
  atMs: number,
  track: { packets?: number; lost?: number; bytes?: number; frames?: number } = {},
  availableBps: number | null = null,
): PeerSample {
  return {
    atMs,
    rttMs: 40,
    availableBps,
    transport: "udp",
    tracks: new Map([
      [
        "0",
        {
          mid: "0",
          kind: "video",
          packets: track.packets ?? 0,
          packetsLost: track.lost ?? 0,
          bytes: track.bytes ?? 0,
          frames: track.frames ?? 0,
          freezes: 0,
          freezeMs: 0,
          width: 640,
          height: 360,
          codec: "VP8",
          jitterMs: 7,
          reportedLoss: -1,
          limitedBy: "none",
        },
      ],
    ]),
  };
}

describe("what a test call measured", () => {
  it("takes rates from the settled end and loss from all of it", () => {
    const readings = Array.from({ length: 17 }, (_, i) => ({
      sent: sample(i * 500, {}, i < 8 ? 300_000 : 1_000_000),
      seen: sample(i * 500, { packets: i * 90, lost: i * 10, bytes: i * 50_000, frames: i * 10 }),
    }));
    const result = measured("udp", 120, readings, 2_500);
    expect(result).toMatchObject({
      state: "ok",
      connectMs: 120,
      roundTripMs: 40,
      jitterMs: 7,
      upKbits: 1_000,
    });
    expect(result.lossPercent).toBeCloseTo(10);
    expect(result.downKbits).toBeCloseTo(800);
  });

  it("sees no more than it sent, and tells a line without a picture from one with", () => {
    const at = (i: number, frames: number) => ({ sent: sample(i, {}, 9e6), seen: sample(i, { frames }) });
    expect(measured("udp", 1, [at(0, 0), at(500, 12)], 2_500).upKbits).toBe(2_500);
    expect(measured("udp", 1, [at(0, 0), at(500, 0)], 2_500).state).toBe("silent");
    expect(measured("udp", 1, [], 2_500).state).toBe("silent");
  });
});

const SERVER: DoctorReport = {
  checks: [],
  your_address: "203.0.113.77",
  server_time_ms: 0,
  secure_context_needed: false,
  reached_as: "203.0.113.7",
  advertised: ["10.0.0.5"],
  media_port: 8080,
};

function ok(way: Way, more: Partial<WayResult> = {}): WayResult {
  return {
    ...notTried(way, "ok"),
    roundTripMs: 30,
    lossPercent: 0,
    jitterMs: 2,
    upKbits: 2_500,
    downKbits: 2_300,
    ...more,
  };
}

function checkup(ways: readonly WayResult[], more: Partial<Checkup> = {}): Checkup {
  return {
    step: "done",
    findings: [],
    socket: true,
    ways: WAYS.map((way) => ways.find((result) => result.way === way) ?? notTried(way, "blocked")),
    downloadKbits: 50_000,
    abilities: null,
    server: SERVER,
    conclusion: null,
    endedAtMs: 0,
    ...more,
  };
}

const finding = (name: string, sentence: string, state: "ok" | "warning" | "fault" = "fault") => ({
  name,
  state,
  sentence,
  cure: "",
  values: {},
});

describe("the conclusion", () => {
  it.each<[Checkup, string, string]>([
    [checkup([ok("udp")]), "good", "ok"],
    [checkup([ok("udp")], { findings: [finding("secure_context", "")] }), "insecure", "fault"],
    [checkup([], { findings: [finding("webrtc", "")] }), "no_webrtc", "fault"],
    [checkup([], { server: null }), "no_server", "fault"],
    [checkup([ok("udp")], { socket: false }), "no_socket", "fault"],
    [checkup([]), "no_way", "fault"],
    [checkup([notTried("udp", "refused")]), "busy", "warning"],
    [
      checkup([], { findings: [finding("server.media_address", "address_other", "warning")] }),
      "other_address",
      "fault",
    ],
    [
      checkup([ok("turn_tls")], { findings: [finding("server.media_address", "address_other", "warning")] }),
      "other_address",
      "warning",
    ],
    [
      checkup([ok("udp")], { findings: [finding("server.media_address", "address_other", "warning")] }),
      "good",
      "ok",
    ],
    [checkup([ok("turn_udp")]), "relay_only", "warning"],
    [checkup([ok("tcp"), ok("turn_udp", { upKbits: null, downKbits: null })]), "tcp_only", "warning"],
    [checkup([ok("udp", { lossPercent: 12 })]), "lossy", "warning"],
    [checkup([ok("udp", { upKbits: 300, downKbits: 280 })]), "slow_up", "warning"],
    [checkup([ok("udp", { upKbits: 2_500, downKbits: 400 })]), "slow_down", "warning"],
    [checkup([ok("udp")], { downloadKbits: 200 }), "slow_down", "warning"],
    [checkup([ok("udp", { roundTripMs: 700 })]), "far", "warning"],
  ])("%# is %s", (state, verdict, grade) => {
    expect(conclude(state)).toMatchObject({ verdict, grade });
  });

  it("has words for every verdict in both languages, with every value they name", () => {
    const filled = conclude(checkup([])).values;
    for (const text of [english, chinese])
      for (const verdict of VERDICTS) {
        expect(text.verdicts[verdict]).not.toBe("");
        for (const sentence of [text.verdicts[verdict], text.advice[verdict]])
          for (const [, name] of sentence.matchAll(/\{(\w+)\}/g))
            expect(["loss", "kbits", "ms", ...Object.keys(filled)]).toContain(name);
      }
    expect(Object.keys(chinese.verdicts)).toEqual(Object.keys(english.verdicts));
  });
});

describe("the report", () => {
  const done = checkup([ok("udp", { lossPercent: 1.26 })], { endedAtMs: Date.UTC(2026, 0, 2) });
  const place = { page: "https://203.0.113.7:8443", browser: "Test" };

  it("tells the figures of every way, and keeps addresses to itself unless it is told not to", () => {
    const whole = { ...done, conclusion: conclude(done) };
    const text = reportText(reportOf(whole, place, false), ["Fine."]);
    expect(text).toMatch(/^Fine\.\n/);
    expect(text).toContain(
      "udp: ok (round trip 30 ms, loss 1.3 %, jitter 2 ms, up 2500 kbit/s, back 2300 kbit/s)",
    );
    expect(text).toContain("turn_tls: blocked");
    expect(text).not.toMatch(/203\.0\.113\.7|10\.0\.0\.5/);
    const open = reportText(reportOf(whole, place, true), []);
    for (const address of ["203.0.113.77", "203.0.113.7:8443", "10.0.0.5"]) expect(open).toContain(address);
  });

  it("leaves the last half of an address out", () => {
    expect(masked("203.0.113.77")).toBe("203.0.x.x");
    expect(masked("2001:db8:1:2::3")).toBe("2001:db8:x");
    expect(masked("meet.example.org")).toBe("meet.example.org");
    expect(masked("")).toBe("");
  });
});

describe("the download", () => {
  it("counts from the first piece on, and stops in time", async () => {
    const clock = new ManualClock(0);
    const speed = await downloadSpeed((onBytes) => {
      onBytes(1_000);
      clock.advance(100);
      onBytes(100_000);
      return Promise.resolve();
    }, clock);
    expect(speed).toBeGreaterThan(7_000);
    let asked = 0;
    const stalled = downloadSpeed((_, signal) => {
      asked += 1;
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("cut"))),
      );
    }, clock);
    clock.advance(3_000);
    expect(await stalled).toBeNull();
    expect(asked).toBe(1);
  });
});
