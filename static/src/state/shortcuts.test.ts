import { describe, expect, it } from "vitest";
import { shortcutOf, SHORTCUT_KEYS, SHORTCUTS, type KeyPress } from "./shortcuts";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  typing: false,
  scrolling: false,
  operating: false,
  ...more,
});

describe("shortcuts", () => {
  it("each have a key of their own", () => {
    expect(new Set(Object.values(SHORTCUT_KEYS)).size).toBe(SHORTCUTS.length);
    for (const shortcut of SHORTCUTS) {
      const key = SHORTCUT_KEYS[shortcut] === "Space" ? " " : SHORTCUT_KEYS[shortcut];
      expect(shortcutOf(press(key))).toBe(shortcut);
      expect(shortcutOf(press(key.toLowerCase()))).toBe(shortcut);
    }
  });

  it("leave typing, the browser's own keys and held keys alone", () => {
    expect(shortcutOf(press("m", { typing: true }))).toBeNull();
    expect(shortcutOf(press("c", { ctrlKey: true }))).toBeNull();
    expect(shortcutOf(press("v", { metaKey: true }))).toBeNull();
    expect(shortcutOf(press("m", { repeat: true }))).toBeNull();
    expect(shortcutOf(press("x"))).toBeNull();
  });

  it("let the space bar press the button that has the focus", () => {
    expect(shortcutOf(press(" ", { operating: true }))).toBeNull();
    expect(shortcutOf(press("m", { operating: true }))).toBe("microphone");
  });

  it("let lists scroll, and turn the pages of the stage elsewhere, held down too", () => {
    expect(shortcutOf(press("PageDown", { scrolling: true }))).toBeNull();
    expect(shortcutOf(press("PageDown", { repeat: true }))).toBe("next_page");
  });
});
