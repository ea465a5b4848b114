import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LivePlayer } from "./live-player";
import { TierLack, type Lack, type Tier, type TierSample } from "./tier";

class FakeTier implements Tier {
  started = false;
  closed = false;
  sampled: TierSample = { advanced: true, lost: 0, delayMs: 300 };

  constructor(private readonly lack: Lack | null = null) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface
  start = async (): Promise<void> => {
    if (this.lack) throw new TierLack(this.lack, "as told");
    this.started = true;
  };
  sample = (): Promise<TierSample> => Promise.resolve(this.sampled);
  close = (): void => {
    this.closed = true;
  };
}

let made: { whep: FakeTier[]; hls: FakeTier[] };
let lacks: { whep: Lack | null; hls: Lack | null };

function player(offered: { whep?: boolean; hls?: boolean } = {}): LivePlayer<FakeTier, FakeTier> {
  const maker = (name: "whep" | "hls") => () => {
    const tier = new FakeTier(lacks[name]);
    made[name].push(tier);
    return tier;
  };
  return new LivePlayer(
    { whep: offered.whep === false ? null : maker("whep"), hls: offered.hls === false ? null : maker("hls") },
    () => Date.now(),
  );
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  made = { whep: [], hls: [] };
  lacks = { whep: null, hls: null };
});

afterEach(() => {
  vi.useRealTimers();
});

describe("which tier is shown", () => {
  it("is WHEP where it can be had, and nothing else is fetched", async () => {
    const one = player();
    one.start();
    await after(5_000);
    expect(one.state.get()).toMatchObject({ shown: "whep", delayMs: 300, stalled: false });
    expect(made.hls).toHaveLength(0);
  });

  it("is HLS where WHEP is full, and WHEP is tried again later and later", async () => {
    lacks.whep = "full";
    const one = player();
    one.start();
    await after(1_000);
    expect(one.state.get().shown).toBe("hls");
    expect(made.whep).toHaveLength(1);
    await after(17_000);
    expect(made.whep).toHaveLength(2);
    await after(30_000);
    expect(made.whep).toHaveLength(2);
    await after(40_000);
    expect(made.whep).toHaveLength(3);
    expect(one.state.get().shown).toBe("hls");
    expect(made.hls).toHaveLength(1);
  });

  it("moves to HLS when pictures stop, and ends WHEP only when HLS plays", async () => {
    const one = player();
    one.start();
    await after(0);
    const [whep] = made.whep;
    if (!whep) throw new Error("no WHEP");
    const closedAt: (string | null)[] = [];
    one.state.subscribe(() => closedAt.push(whep.closed ? one.state.get().shown : null));
    whep.sampled = { advanced: false, lost: 0, delayMs: null };
    await after(2_500);
    expect(one.state.get().shown).toBe("hls");
    expect(whep.closed).toBe(true);
    expect(closedAt.filter((shown) => shown === "whep")).toEqual([]);
  });

  it("moves to HLS when much is lost for some seconds, but not for one", async () => {
    const one = player();
    one.start();
    await after(0);
    const [whep] = made.whep;
    if (!whep) throw new Error("no WHEP");
    whep.sampled = { advanced: true, lost: 0.4, delayMs: 300 };
    await after(1_500);
    whep.sampled = { advanced: true, lost: 0, delayMs: 300 };
    await after(5_000);
    expect(one.state.get().shown).toBe("whep");
    whep.sampled = { advanced: true, lost: 0.4, delayMs: 300 };
    await after(6_000);
    expect(one.state.get().shown).toBe("hls");
  });

  it("comes back to WHEP when it is good again", async () => {
    const one = player();
    one.start();
    await after(0);
    const [whep] = made.whep;
    if (!whep) throw new Error("no WHEP");
    whep.sampled = { advanced: false, lost: 0, delayMs: null };
    await after(3_000);
    expect(one.state.get().shown).toBe("hls");
    await after(16_000);
    expect(one.state.get().shown).toBe("whep");
    expect(made.hls[0]?.closed).toBe(true);
  });

  it("says when nothing can be had, and goes on trying", async () => {
    lacks = { whep: "unreachable", hls: "unreachable" };
    const one = player();
    one.start();
    await after(100);
    expect(one.state.get()).toMatchObject({ shown: null, failed: true });
    lacks.hls = null;
    await after(3_000);
    expect(one.state.get()).toMatchObject({ shown: "hls", failed: false });
  });

  it("starts HLS anew when it stands still for long", async () => {
    const one = player({ whep: false });
    one.start();
    await after(0);
    const [hls] = made.hls;
    if (!hls) throw new Error("no HLS");
    hls.sampled = { advanced: false, lost: 0, delayMs: null };
    await after(3_000);
    expect(one.state.get().stalled).toBe(true);
    await after(7_000);
    expect(made.hls.length).toBeGreaterThan(1);
    expect(one.state.get().stalled).toBe(false);
  });

  it("closes what is there and looks no more", async () => {
    const one = player();
    one.start();
    await after(1_000);
    one.close();
    await after(60_000);
    expect(made.whep[0]?.closed).toBe(true);
    expect(made.whep).toHaveLength(1);
  });
});
