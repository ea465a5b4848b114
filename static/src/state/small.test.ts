import { describe, expect, it } from "vitest";
import { Api, ApiError } from "./api";
import { backoffMs } from "./backoff";
import { ManualClock } from "./clock";
import { Doctor } from "./doctor";
import { levelOf } from "./media/level";
import { MutedHint } from "./meeting/muted-hint";
import { Store, when } from "./store";

describe("waits between tries", () => {
  it("double, end at eight seconds, and are spread over half their length", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, 1))).toEqual([
      300, 600, 1_200, 2_400, 4_800, 8_000, 8_000,
    ]);
    expect(backoffMs(5, 0)).toBe(4_000);
  });
});

describe("stores", () => {
  it("tell of changes only, and can be waited for", async () => {
    const store = new Store(1);
    let told = 0;
    const stop = store.subscribe(() => (told += 1));
    store.set(1);
    store.set(2);
    stop();
    store.set(3);
    expect(told).toBe(1);
    const four = when(store, (value) => value === 4);
    store.set(4);
    await expect(four).resolves.toBe(4);
    await expect(when(store, (value) => value === 4)).resolves.toBe(4);
  });
});

describe("the level of a microphone", () => {
  it("runs from silence to as loud as it should be", () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(0.5))).toBe(1);
    expect(levelOf(new Float32Array(64).fill(0.02))).toBeGreaterThan(0.4);
    expect(levelOf(new Float32Array(0))).toBe(0);
  });
});

describe("the hint that one is muted", () => {
  function setUp(muted = true) {
    const clock = new ManualClock();
    const level = new Store(0);
    const hint = new MutedHint(level, () => muted, clock);
    const speak = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 100) {
        level.set(0.6 + (passed % 200) / 1_000);
        clock.advance(100);
      }
      level.set(0);
    };
    return { clock, hint, speak };
  }

  it("comes when somebody speaks, and goes by itself", () => {
    const { clock, hint, speak } = setUp();
    speak(800);
    expect(hint.shown.get()).toBe(true);
    clock.advance(4_000);
    expect(hint.shown.get()).toBe(false);
  });

  it("does not come for a knock, nor all the time, nor when one is heard", () => {
    const { clock, hint, speak } = setUp();
    speak(200);
    expect(hint.shown.get()).toBe(false);
    clock.advance(1_000);
    speak(1_000);
    clock.advance(5_000);
    speak(2_000);
    expect(hint.shown.get()).toBe(false);
    const heard = setUp(false);
    heard.speak(2_000);
    expect(heard.hint.shown.get()).toBe(false);
  });
});

describe("the doctor", () => {
  const report = {
    checks: [
      { name: "https", state: "warning", sentence_code: "loopback_only", values: {}, cure_code: "use_https" },
    ],
    your_address: "127.0.0.1",
    server_time_ms: 1_000_000,
    secure_context_needed: false,
  };
  const examine = async (more: object, answer: unknown = report) => {
    const api = new Api(() =>
      answer ? Promise.resolve(Response.json(answer)) : Promise.reject(new Error("away")),
    );
    const port = {
      isSecureContext: true,
      hasWebRtc: true,
      hasDevices: true,
      probeMedia: () => Promise.resolve(true),
      ...more,
    };
    const doctor = new Doctor(api, port, new ManualClock());
    await doctor.run();
    return { worst: Doctor.worst(doctor.findings.get()), all: doctor.findings.get() };
  };

  it("finds nothing wrong where nothing is", async () => {
    const { worst, all } = await examine({});
    expect(worst).toMatchObject({ name: "server", state: "ok" });
    expect(all.map((entry) => entry.name)).toEqual([
      "secure_context",
      "webrtc",
      "devices",
      "server",
      "clock",
      "server.https",
      "media_path",
    ]);
  });

  it("calls an answer slow that took more than a second", async () => {
    const clock = new ManualClock();
    const api = new Api(() => {
      clock.advance(1_200);
      return Promise.resolve(Response.json(report));
    });
    const doctor = new Doctor(
      api,
      { isSecureContext: true, hasWebRtc: true, hasDevices: true, probeMedia: () => Promise.resolve(true) },
      clock,
    );
    await doctor.run();
    expect(Doctor.worst(doctor.findings.get())).toMatchObject({
      sentence: "server_slow",
      cure: "server_slow_cure",
      values: { rtt_ms: 1_200 },
    });
  });

  it.each([
    [{ isSecureContext: false, hasDevices: false }, report, "secure_context"],
    [{ hasWebRtc: false }, report, "webrtc"],
    [{ hasDevices: false }, report, "devices"],
    [{ probeMedia: () => Promise.resolve(false) }, report, "media_path"],
    [{}, null, "server"],
    [{}, { ...report, server_time_ms: 2_000_000 }, "clock"],
  ])("names what is wrong first (%#)", async (port, answer, name) => {
    expect((await examine(port, answer)).worst?.name).toBe(name);
  });

  it("says nothing about a path that cannot be tried", async () => {
    const { all } = await examine({ probeMedia: () => Promise.resolve(null) });
    expect(all.some((entry) => entry.name === "media_path")).toBe(false);
  });
});

describe("the API", () => {
  it("sends the token of the session that it has, and asks for a new one when that is stale", async () => {
    const sent: string[] = [];
    let valid = "new";
    const api = new Api((path, init) => {
      const token = (init.headers as Record<string, string>)["X-CSRF-Token"] ?? "";
      sent.push(`${init.method ?? ""} ${path} ${token}`.trim());
      if (path === "/api/me" && init.method === "GET") return Promise.resolve(Response.json({ csrf: valid }));
      return Promise.resolve(
        token === valid
          ? new Response(null, { status: 204 })
          : Response.json({ code: "forbidden" }, { status: 403 }),
      );
    });
    await api.signOut();
    expect(sent).toEqual(["POST /api/sign-out", "GET /api/me", "POST /api/sign-out new"]);
    valid = "newer";
    await api.signOut();
    expect(sent.at(-1)).toBe("POST /api/sign-out newer");
  });

  it("turns every failure into one of the closed codes", async () => {
    const failing = (response: () => Promise<Response>): Promise<unknown> =>
      new Api(response).doctor().catch((cause: unknown) => cause);
    expect(await failing(() => Promise.reject(new TypeError("network")))).toMatchObject({
      code: "unavailable",
    });
    expect(await failing(() => Promise.resolve(new Response("<html>", { status: 502 })))).toMatchObject({
      code: "unavailable",
    });
    expect(
      await failing(() => Promise.resolve(Response.json({ code: "made up" }, { status: 400 }))),
    ).toMatchObject({
      code: "internal",
    });
    const limited = await failing(() =>
      Promise.resolve(
        Response.json(
          { code: "rate_limited", retry_after_ms: 700, fields: { email: "taken" } },
          { status: 429 },
        ),
      ),
    );
    expect(limited).toBeInstanceOf(ApiError);
    expect(limited).toMatchObject({ code: "rate_limited", retryAfterMs: 700, fields: { email: "taken" } });
  });
});
