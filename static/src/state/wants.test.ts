import { describe, expect, it, vi } from "vitest";
import type { Want } from "../protocol.gen";
import { ManualClock } from "./clock";
import { Wants } from "./wants";

function setUp() {
  const clock = new ManualClock();
  const told: (readonly Want[])[] = [];
  const tell = vi.fn((wants: readonly Want[]): Promise<unknown> => {
    told.push(wants);
    return Promise.resolve();
  });
  const wants = new Wants(clock, tell);
  wants.setActive(true);
  return { clock, told, tell, wants };
}

const people = [
  { id: "mic", kind: "audio" },
  { id: "cam", kind: "video" },
] as const;
const tile = (width: number, visible = true) => ({ visible, width, height: width / 2 });

describe("what the page wants", () => {
  it("is told once things have settled: all sound, and pictures as large as they are shown", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("tile", "cam", tile(300));
    wants.report("tile", "cam", tile(310));
    expect(told).toEqual([]);
    clock.advance(120);
    expect(told).toEqual([
      [
        { track_id: "mic", visible: true, width: 0, height: 0 },
        { track_id: "cam", visible: true, width: 320, height: 160 },
      ],
    ]);
  });

  it("includes a new track before its place on the screen is known, but not for long", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    clock.advance(120);
    expect(told[0]?.[1]).toMatchObject({ track_id: "cam", visible: true });
    clock.advance(1_200);
    expect(told[1]?.[1]).toEqual({ track_id: "cam", visible: false, width: 0, height: 0 });
  });

  it("pauses what scrolls away or is taken off the stage", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("tile", "cam", tile(320));
    clock.advance(2_000);
    wants.report("tile", "cam", tile(320, false));
    clock.advance(120);
    expect(told.at(-1)?.[1]).toMatchObject({ visible: false });
    wants.report("tile", "cam", tile(320));
    clock.advance(120);
    wants.report("tile", "cam", null);
    clock.advance(120);
    expect(told.at(-1)?.[1]).toMatchObject({ visible: false });
  });

  it("takes the larger of two places", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("strip", "cam", tile(160));
    wants.report("stage", "cam", tile(1280));
    clock.advance(120);
    expect(told[0]?.[1]).toMatchObject({ width: 1280 });
  });

  it("is not repeated while nothing changes, and told anew on a new line", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("tile", "cam", tile(320));
    clock.advance(5_000);
    wants.report("tile", "cam", tile(318));
    clock.advance(5_000);
    expect(told).toHaveLength(1);
    wants.setActive(false);
    wants.report("tile", "cam", tile(640));
    clock.advance(5_000);
    expect(told).toHaveLength(1);
    wants.setActive(true);
    clock.advance(120);
    expect(told).toHaveLength(2);
  });

  it("is told again with the next change after a refusal", async () => {
    const { clock, tell, wants } = setUp();
    tell.mockRejectedValueOnce(new Error("refused"));
    wants.setTracks(people);
    wants.report("tile", "cam", tile(320));
    clock.advance(120);
    await vi.waitFor(() => {
      wants.report("tile", "cam", tile(320));
      clock.advance(120);
      expect(tell.mock.calls.length).toBeGreaterThan(1);
    });
  });
});
