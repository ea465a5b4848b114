import { describe, expect, it } from "vitest";
import { ApiError } from "../api";
import { Nameplate, type NameplatePort, type PlateReading } from "./nameplate";

const READING: PlateReading = {
  make: "Han",
  model: "L-20",
  serial: "A1-7",
  machine: { id: "m1", make: "Han", model: "L-20", serial: "A1-7", site: "" },
  manual: { id: "manual-1", title: "Manual", page: 12 },
};

function plateOf(port: Partial<NameplatePort>): Nameplate {
  return new Nameplate({
    newestStill: async () => Promise.resolve("still-0001"),
    read: async () => Promise.resolve(READING),
    choose: async () => Promise.resolve(undefined),
    ...port,
  });
}

const refused = (code: "unavailable" | "conflict", retryAfterMs = 0): ApiError =>
  new ApiError(code, 503, retryAfterMs, {});

describe("a nameplate", () => {
  it("is read on the newest photo, and says which machine the session is about", async () => {
    const asked: string[] = [];
    const plate = plateOf({
      read: async (stillId) => {
        asked.push(stillId);
        return Promise.resolve(READING);
      },
      choose: async (machineId) => Promise.resolve(asked.push(machineId)),
    });
    await plate.read();
    expect(plate.reading.get()?.manual?.page).toBe(12);
    await plate.choose();
    expect([asked, plate.chosen.get()]).toEqual([["still-0001", "m1"], true]);
  });

  it.each([
    ["no_photo", { newestStill: async () => Promise.resolve(null) }],
    ["not_installed", { read: async () => Promise.reject(refused("unavailable")) }],
    ["unavailable", { read: async () => Promise.reject(refused("unavailable", 2_000)) }],
    ["unavailable", { read: async () => Promise.reject(new ApiError("unavailable", 0, 0, {})) }],
    ["internal", { read: async () => Promise.reject(new TypeError("x")) }],
  ] as const)("says why there is nothing to read: %s", async (fault, port) => {
    const plate = plateOf(port);
    await plate.read();
    expect([plate.fault.get(), plate.reading.get(), plate.isReading.get()]).toEqual([fault, null, false]);
  });

  it("leaves a session that is about another machine alone", async () => {
    const plate = plateOf({ choose: async () => Promise.reject(refused("conflict")) });
    await plate.read();
    await plate.choose();
    expect([plate.fault.get(), plate.chosen.get()]).toEqual(["conflict", false]);
  });
});
