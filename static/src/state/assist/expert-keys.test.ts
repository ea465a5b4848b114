import { describe, expect, it } from "vitest";
import { MARK_COLORS } from "../../protocol.gen";
import { TOOLS } from "./drawing";
import { ACT_KEYS, COLOR_KEYS, expertActOf, TOOL_KEYS } from "./expert-keys";

const press = (key: string, more: object = {}) =>
  expertActOf({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    typing: false,
    ...more,
  });

describe("keys of the expert", () => {
  it("are different for each act, and each does what it says", () => {
    const keys = [TOOL_KEYS, COLOR_KEYS, ACT_KEYS].flatMap((map) => Object.values(map));
    expect(new Set(keys).size).toBe(keys.length);
    for (const tool of TOOLS) expect(press(TOOL_KEYS[tool])).toEqual({ kind: "tool", tool });
    for (const color of MARK_COLORS) expect(press(COLOR_KEYS[color])).toEqual({ kind: "color", color });
  });

  it("go back and forth with Ctrl or Cmd", () => {
    expect(press("z", { ctrlKey: true })).toEqual({ kind: "undo" });
    expect(press("Z", { metaKey: true, shiftKey: true })).toEqual({ kind: "redo" });
    expect(press("y", { ctrlKey: true })).toEqual({ kind: "redo" });
    expect(press("c", { ctrlKey: true })).toBeNull();
  });

  it("mean letters while somebody types, and repeat for the zoom only", () => {
    expect(press("a", { typing: true })).toBeNull();
    expect(press("z", { ctrlKey: true, typing: true })).toBeNull();
    expect(press("f", { repeat: true })).toBeNull();
    expect(press("+", { repeat: true })).toEqual({ kind: "zoom", factor: 1.25 });
    expect(press("q")).toBeNull();
  });
});
