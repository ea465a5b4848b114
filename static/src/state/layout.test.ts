import { describe, expect, it } from "vitest";
import { gridLayout, MainSpeaker, type GridRequest } from "./layout";

const desktop: GridRequest = {
  count: 1,
  width: 1400,
  height: 760,
  gap: 8,
  minAspect: 1.2,
  maxAspect: 16 / 9,
  minTileWidth: 200,
  maxPerPage: 25,
};

describe("the grid", () => {
  it("always fits into the stage, whatever the number and the shape", () => {
    for (const [width, height] of [
      [1400, 760],
      [760, 1400],
      [390, 640],
      [320, 240],
      [2560, 300],
    ] as const)
      for (let count = 1; count <= 60; count += 1) {
        const grid = gridLayout({ ...desktop, count, width, height });
        expect(grid.columns * grid.tileWidth + (grid.columns - 1) * 8).toBeLessThanOrEqual(width);
        expect(grid.rows * grid.tileHeight + (grid.rows - 1) * 8).toBeLessThanOrEqual(height);
        expect(grid.pages * grid.perPage).toBeGreaterThanOrEqual(count);
        expect((grid.pages - 1) * grid.perPage).toBeLessThan(count);
      }
  });

  it("chooses the columns that make the largest tiles", () => {
    expect(gridLayout({ ...desktop, count: 2 }).columns).toBe(2);
    expect(gridLayout({ ...desktop, count: 4 })).toMatchObject({ columns: 2, rows: 2 });
    expect(gridLayout({ ...desktop, count: 9 })).toMatchObject({ columns: 3, rows: 3 });
    expect(gridLayout({ ...desktop, count: 2, width: 500, height: 900 }).columns).toBe(1);
  });

  it("keeps tiles between the narrowest and the widest shape", () => {
    const { tileWidth, tileHeight } = gridLayout({ ...desktop, count: 3 });
    expect(tileWidth / tileHeight).toBeGreaterThan(1.19);
    expect(tileWidth / tileHeight).toBeLessThan(1.79);
  });

  it("holds 49 on a page of a desktop", () => {
    const big = { ...desktop, minTileWidth: 160, maxPerPage: 49 };
    expect(gridLayout({ ...big, count: 49 })).toMatchObject({ columns: 7, rows: 7, pages: 1 });
    for (const height of [700, 732])
      expect(gridLayout({ ...big, height, count: 300 })).toMatchObject({ perPage: 49, pages: 7 });
  });

  it("turns pages before faces get too small, and fills every page but the last", () => {
    const grid = gridLayout({ ...desktop, count: 26 });
    expect(grid).toMatchObject({ pages: 2, perPage: 25 });
    const phone = gridLayout({
      ...desktop,
      count: 7,
      width: 378,
      height: 600,
      minTileWidth: 150,
      maxPerPage: 6,
      minAspect: 0.72,
    });
    expect(phone.pages).toBe(2);
    expect(phone.tileWidth).toBeGreaterThanOrEqual(150);
  });

  it("has nothing to show without people or room", () => {
    expect(gridLayout({ ...desktop, count: 0 }).tileWidth).toBe(0);
    expect(gridLayout({ ...desktop, width: 0 }).tileWidth).toBe(0);
  });
});

describe("the main speaker", () => {
  const all = new Set(["a", "b", "c"]);

  it("is whoever speaks loudest, and stays while silent", () => {
    const main = new MainSpeaker();
    expect(main.next([], all, 0)).toBe("a");
    expect(main.next(["b"], all, 5_000)).toBe("b");
    expect(main.next([], all, 9_000)).toBe("b");
  });

  it("does not change more often than every two seconds", () => {
    const main = new MainSpeaker();
    main.next(["a"], all, 10_000);
    expect(main.next(["b"], all, 11_000)).toBe("a");
    expect(main.next(["b"], all, 12_000)).toBe("b");
  });

  it("stays with somebody who still speaks", () => {
    const main = new MainSpeaker();
    main.next(["a"], all, 10_000);
    expect(main.next(["b", "a"], all, 20_000)).toBe("a");
  });

  it("moves on at once when they leave", () => {
    const main = new MainSpeaker();
    main.next(["a"], all, 10_000);
    expect(main.next([], new Set(["c"]), 10_100)).toBe("c");
    expect(main.next([], new Set(), 10_200)).toBe("");
  });
});
