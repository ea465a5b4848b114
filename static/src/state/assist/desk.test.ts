import { describe, expect, it, vi } from "vitest";
import { Desk, machineTitle } from "./desk";
import { newKey } from "../new-key";

describe("the desk of assistance", () => {
  it("asks for what is given, and leaves out what is not", async () => {
    const ask = vi.fn().mockResolvedValue({});
    const desk = new Desk({ ask });
    await desk.machines({ search: "激光 L-20", before: "", limit: 30 });
    await desk.jobs({ before: "", limit: 5, open_only: true });
    await desk.lookAtLink("a".repeat(20));
    expect(ask.mock.calls.map(([method, path]) => `${String(method)} ${String(path)}`)).toEqual([
      "GET /api/assist/machines?search=%E6%BF%80%E5%85%89+L-20&limit=30",
      "GET /api/assist/jobs?limit=5&open_only=true",
      `GET /api/assist/links?token=${"a".repeat(20)}`,
    ]);
  });

  it("makes keys that the server takes, each another", async () => {
    expect(newKey()).toMatch(/^[A-Za-z0-9_-]{8,32}$/);
    expect(newKey()).not.toBe(newKey());
    const ask = vi.fn().mockResolvedValue({});
    await new Desk({ ask }).addItem("m", "Order oil");
    expect(ask).toHaveBeenCalledWith(
      "PUT",
      expect.stringMatching(/^\/api\/assist\/machines\/m\/items\/\w{24}$/),
      {
        text: "Order oil",
      },
    );
  });

  it("calls a machine by make and model", () => {
    expect(machineTitle({ id: "", make: "Han", model: "L-20", serial: "1", site: "" })).toBe("Han L-20");
  });
});
