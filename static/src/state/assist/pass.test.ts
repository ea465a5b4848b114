import { describe, expect, it } from "vitest";
import type { KeyValue } from "../preferences";
import { keepPass, readPass } from "./pass";

function storage(): KeyValue {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe("the pass of an opened link", () => {
  const pass = { code: "abc-defg-hij", token: "t", name: "Wang", role: "on_site", sessionId: "s" } as const;

  it("is found again by this tab for that room only", () => {
    const tab = storage();
    keepPass(tab, pass);
    expect(readPass(tab, "abc-defg-hij")).toEqual(pass);
    expect(readPass(tab, "abc-defg-hik")).toBeNull();
    expect(readPass(null, "abc-defg-hij")).toBeNull();
  });

  it("is nothing when it is not whole", () => {
    const tab = storage();
    tab.setItem("tongxin.assist.abc-defg-hij", JSON.stringify({ ...pass, role: "owner" }));
    expect(readPass(tab, "abc-defg-hij")).toBeNull();
    tab.setItem("tongxin.assist.abc-defg-hij", "{");
    expect(readPass(tab, "abc-defg-hij")).toBeNull();
  });
});
