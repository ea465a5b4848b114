import { describe, expect, it } from "vitest";
import {
  doubleTapped,
  enlarged,
  fittingPage,
  keptInside,
  pinched,
  SCALE_MAX,
  viewOnPart,
  wholePage,
} from "./page-zoom";

const room = { width: 400, height: 600 };
const page = fittingPage(room, 1.25);

describe("a page under the fingers", () => {
  it("fits in as a whole, and stands in the middle", () => {
    expect(page).toEqual({ width: 400, height: 500 });
    expect(fittingPage(room, 3)).toEqual({ width: 200, height: 600 });
    expect(wholePage(room, page)).toEqual({ scale: 1, x: 0, y: 50 });
  });

  it("keeps the point that is tapped twice, and is whole again after two more taps", () => {
    const at = { x: 100, y: 300 };
    const large = doubleTapped(wholePage(room, page), at, room, page);
    expect(large.scale).toBe(2.5);
    // What was a quarter across is a quarter across still.
    expect((at.x - large.x) / (page.width * large.scale)).toBeCloseTo(0.25);
    expect(doubleTapped(large, at, room, page)).toEqual(wholePage(room, page));
  });

  it("keeps what is under two fingers under them", () => {
    const before = [
      { x: 150, y: 300 },
      { x: 250, y: 300 },
    ] as const;
    const now = [
      { x: 100, y: 310 },
      { x: 300, y: 310 },
    ] as const;
    const view = pinched(wholePage(room, page), before, now, room, page);
    expect(view.scale).toBe(2);
    expect((200 - view.x) / (page.width * 2)).toBeCloseTo(0.5);
    expect((310 - view.y) / (page.height * 2)).toBeCloseTo(0.5);
  });

  it("is never smaller than fitting, never larger than allowed, never lost beyond an edge", () => {
    const at = { x: 0, y: 0 };
    expect(enlarged(wholePage(room, page), 0.1, at, room, page)).toEqual(wholePage(room, page));
    expect(enlarged(wholePage(room, page), 100, at, room, page).scale).toBe(SCALE_MAX);
    expect(keptInside({ scale: 2, x: 999, y: -9_999 }, room, page)).toEqual({ scale: 2, x: 0, y: -400 });
  });

  it("shows a part that was chosen as large as it can be read", () => {
    const view = viewOnPart({ x: 0.25, y: 0.25, width: 0.5, height: 0.1 }, room, page);
    expect(view.scale).toBeCloseTo(1.8);
    expect(view.x + 0.5 * page.width * view.scale).toBeCloseTo(200);
    expect(viewOnPart({ x: 0, y: 0, width: 1, height: 1 }, room, page)).toEqual(wholePage(room, page));
    expect(viewOnPart({ x: 0, y: 0, width: 0.01, height: 0.01 }, room, page).scale).toBe(4);
  });
});
