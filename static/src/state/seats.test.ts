import { describe, expect, it } from "vitest";
import { SEAT_KEPT_MS } from "../protocol.gen";
import type { KeyValue } from "./preferences";
import { Preferences } from "./preferences";
import { Seats } from "./seats";

function memory(): KeyValue & { entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}

const refusing: KeyValue = {
  getItem: () => {
    throw new Error("refused");
  },
  setItem: () => {
    throw new Error("refused");
  },
  removeItem: () => {
    throw new Error("refused");
  },
};

const seat = { resume: "r", token: "t", name: "Li" };

describe("seats", () => {
  it("that were left behind by a reload are taken again", () => {
    const seats = new Seats(memory());
    seats.hold("room", seat);
    seats.leaveBehind("room", 1_000);
    expect(seats.take("room", 2_000)).toEqual(seat);
  });

  it("are taken once, so that a copied tab does not throw the first one out", () => {
    const seats = new Seats(memory());
    seats.hold("room", seat);
    expect(seats.take("room", 1)).toBeNull();
    seats.leaveBehind("room", 1);
    seats.take("room", 2);
    expect(seats.take("room", 3)).toBeNull();
  });

  it("are gone after as long as the server keeps them, and after leaving", () => {
    const seats = new Seats(memory());
    seats.hold("room", seat);
    seats.leaveBehind("room", 0 + 1);
    expect(seats.take("room", SEAT_KEPT_MS + 2)).toBeNull();
    seats.leaveBehind("room", 1);
    seats.drop("room");
    expect(seats.take("room", 2)).toBeNull();
  });

  it("of another room are not touched", () => {
    const seats = new Seats(memory());
    seats.hold("room", seat);
    seats.leaveBehind("room", 1);
    expect(seats.take("other", 2)).toBeNull();
  });

  it("are simply not kept where storage is refused or holds nonsense", () => {
    const seats = new Seats(refusing);
    seats.hold("room", seat);
    seats.leaveBehind("room", 1);
    expect(seats.take("room", 2)).toBeNull();
    const storage = memory();
    storage.setItem("tongxin.seat.room", "{nonsense");
    expect(new Seats(storage).take("room", 2)).toBeNull();
  });
});

describe("preferences", () => {
  it("are remembered", () => {
    const storage = memory();
    new Preferences(storage).change({ name: "Li", layout: "speaker", cameraOn: false });
    expect(new Preferences(storage).get()).toMatchObject({ name: "Li", layout: "speaker", cameraOn: false });
  });

  it("fall back to defaults for what has the wrong type, and work without storage", () => {
    const storage = memory();
    storage.setItem(
      "tongxin.preferences",
      JSON.stringify({ name: 7, locale: "fr", cameraOn: "yes", layout: "x" }),
    );
    expect(new Preferences(storage).get()).toMatchObject({
      name: "",
      locale: null,
      cameraOn: true,
      layout: "grid",
    });
    const forgetful = new Preferences(refusing);
    forgetful.change({ name: "Li" });
    expect(forgetful.get().name).toBe("Li");
  });
});
