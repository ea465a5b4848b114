import { describe, expect, it } from "vitest";
import {
  bestOf,
  FIELDS,
  freshCondition,
  isWhole,
  OPS_OF,
  Policies,
  tidied,
  withPlace,
  type Met,
} from "./policies";

const standing = (met: Met) => ({ organization: { id: "x", name: "X" }, met, reasons: [] });

describe("policies", () => {
  it("tells the best of several companies", () => {
    expect(bestOf([standing("no"), standing("unknown"), standing("yes")])).toBe("yes");
    expect(bestOf([standing("no"), standing("unknown")])).toBe("unknown");
    expect(bestOf([])).toBeNull();
  });

  it("keeps a condition without a value, and says that the rules are not whole", () => {
    const rules = { all: [{ any: [freshCondition("industry"), freshCondition("headcount", "at_most")] }] };
    expect(tidied(rules)).toEqual(rules);
    expect(isWhole(rules)).toBe(false);
    const address = { ...freshCondition("address"), values: [" East Road ", ""] };
    expect(tidied({ all: [{ any: [address] }] }).all[0]?.any[0]?.values).toEqual(["East Road"]);
    expect(isWhole({ all: [{ any: [address] }] })).toBe(true);
    expect(isWhole({ all: [] })).toBe(true);
  });

  it("begins every field with a comparison that it takes", () => {
    for (const field of FIELDS) expect(OPS_OF[field]).toContain(freshCondition(field).op);
  });

  it("changes one place of a list, or takes it out", () => {
    expect(withPlace([1, 2, 3], 1, 5)).toEqual([1, 5, 3]);
    expect(withPlace([1, 2, 3], 1, null)).toEqual([1, 3]);
  });

  it("asks for what the filters say", async () => {
    const asked: string[] = [];
    const ask = <T>(_method: string, path: string): Promise<T> => {
      asked.push(path);
      return Promise.resolve({} as T);
    };
    await new Policies({ ask }).list({ state: "any", search: "激光", open: true, mine: false }, "");
    const query = new URL(asked[0] ?? "", "https://x.example").searchParams;
    expect(Object.fromEntries(query)).toEqual({ state: "any", search: "激光", open: "true", limit: "30" });
  });
});
