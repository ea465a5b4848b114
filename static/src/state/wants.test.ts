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
  { id: "mic", source: "microphone" },
  { id: "cam", source: "camera" },
] as const;
const tile = (width: number, visible = true) => ({ visible, width, height: width / 2 });
const shownIn = (list: readonly Want[] | undefined): string[] =>
  (list ?? []).filter((want) => want.visible && want.width).map((want) => want.track_id);

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
        { track_id: "cam", visible: true, width: 320, height: 160, pinned: false },
        { track_id: "mic", visible: true, width: 0, height: 0 },
      ],
    ]);
  });

  it("names no microphones in a crowd: the server lets everybody hear its voices", () => {
    const { clock, told, wants } = setUp();
    const crowd = Array.from({ length: 17 }, (_, index) => ({
      id: `m${index}`,
      source: "microphone" as const,
    }));
    wants.setTracks([...crowd, { id: "screen-sound", source: "screen_audio" }]);
    clock.advance(120);
    expect(told[0]?.map((want) => want.track_id)).toEqual(["screen-sound"]);
    wants.setTracks(crowd.slice(1));
    clock.advance(1_200);
    expect(told[1]).toHaveLength(16);
  });

  it("includes a new track before its place on the screen is known, but not for long", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    clock.advance(120);
    expect(told[0]?.[0]).toMatchObject({ track_id: "cam", visible: true });
    clock.advance(1_200);
    expect(told[1]?.map((want) => want.track_id)).toEqual(["mic"]);
  });

  it("does not ask for what comes new to a page that is full", () => {
    const { clock, told, wants } = setUp();
    const cameras = Array.from({ length: 9 }, (_, index) => ({ id: `c${index}`, source: "camera" as const }));
    wants.setTracks(cameras);
    for (const { id } of cameras) wants.report(id, id, tile(320));
    clock.advance(5_000);
    wants.setTracks([...cameras, { id: "late", source: "camera" }]);
    clock.advance(120);
    expect(told).toHaveLength(1);
    // told once that the list knows of it, though it asks for the same
    clock.advance(5_000);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });

  it("pauses what scrolls away or is taken off the stage", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("tile", "cam", tile(320));
    clock.advance(2_000);
    wants.report("tile", "cam", tile(320, false));
    clock.advance(120);
    expect(told.at(-1)?.[0]).toMatchObject({ visible: false });
    wants.report("tile", "cam", tile(320));
    clock.advance(120);
    wants.report("tile", "cam", null);
    clock.advance(120);
    expect(told.at(-1)?.[0]).toMatchObject({ visible: false });
  });

  it("takes the larger of two places", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("strip", "cam", tile(160));
    wants.report("stage", "cam", tile(1280));
    clock.advance(120);
    expect(told[0]?.[0]).toMatchObject({ width: 1280 });
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

  it("puts screens first, then the pin, then by size", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks([
      { id: "small", source: "camera" },
      { id: "large", source: "camera" },
      { id: "pinned", source: "camera" },
      { id: "screen", source: "screen" },
    ]);
    wants.report(1, "small", tile(160));
    wants.report(2, "large", tile(640));
    wants.report(3, "pinned", { ...tile(320), pinned: true });
    wants.report(4, "screen", tile(160));
    clock.advance(120);
    expect(shownIn(told[0])).toEqual(["screen", "pinned", "large", "small"]);
  });

  it("keeps the places of those that were seen last, and asks for nobody who never was", () => {
    const { clock, told, wants } = setUp();
    const cameras = Array.from({ length: 40 }, (_, index) => ({
      id: `c${index}`,
      source: "camera" as const,
    }));
    wants.setTracks(cameras);
    for (const { id } of cameras.slice(0, 30)) wants.report("place", id, tile(320));
    clock.advance(5_000);
    const list = told.at(-1) ?? [];
    expect(shownIn(list)).toEqual(["c29"]);
    expect(list.slice(1).map((want) => want.track_id)).toEqual(
      Array.from({ length: 24 }, (_, index) => `c${28 - index}`),
    );
  });

  it("takes no pictures when only sound is wanted, and small ones to save data", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks([
      { id: "a", source: "camera" },
      { id: "b", source: "camera" },
      { id: "screen", source: "screen" },
      { id: "mic", source: "microphone" },
    ]);
    wants.report(1, "a", tile(1280));
    wants.report(2, "screen", tile(1280));
    wants.report(3, "b", tile(640));
    clock.advance(120);
    wants.setIncoming("none");
    clock.advance(120);
    expect(shownIn(told.at(-1))).toEqual([]);
    expect(told.at(-1)?.filter((want) => want.visible)).toMatchObject([{ track_id: "mic" }]);
    wants.setIncoming("saver");
    clock.advance(120);
    expect(told.at(-1)?.slice(0, 3)).toMatchObject([
      { track_id: "screen", width: 1280 },
      { track_id: "a", width: 640 },
      { track_id: "b", width: 320 },
    ]);
  });

  it("stops pictures some seconds after the page went behind another, and takes them back at once", () => {
    const { clock, told, wants } = setUp();
    wants.setTracks(people);
    wants.report("tile", "cam", tile(320));
    clock.advance(2_000);
    wants.setFront(false);
    clock.advance(4_000);
    wants.setFront(true);
    clock.advance(4_000);
    expect(told).toHaveLength(1);
    wants.setFront(false);
    clock.advance(5_000);
    expect(shownIn(told.at(-1))).toEqual([]);
    wants.setFront(true);
    clock.advance(0);
    expect(shownIn(told.at(-1))).toEqual(["cam"]);
  });
});
