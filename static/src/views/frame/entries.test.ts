import { Video } from "lucide-react";
import { describe, expect, test } from "vitest";
import { rail as english } from "../../i18n/en-rail";
import { rail as chinese } from "../../i18n/zh-rail";
import { ENTRIES, entryAt, placesOf, type RailEntry } from "./entries";

const entry = (path: string): RailEntry => ({ id: "meetings", icon: Video, path, shown: () => true });
const last = entry("/f");
const many = [...["/a", "/b", "/c", "/d", "/e"].map(entry), last];

describe("the rail", () => {
  test("a page below an entry's path belongs to it, a path that only begins alike does not", () => {
    expect(entryAt("/assist/instructions/abc")?.id).toBe("assistance");
    expect(entryAt("/machines/01hx")?.id).toBe("assistance");
    expect(entryAt("/assistant")).toBeNull();
    expect(entryAt("/")).toBeNull();
  });

  test("the longest path wins", () => {
    const entries = [entry("/a"), entry("/a/b")];
    expect(entryAt("/a/b/c", entries)).toBe(entries[1]);
  });

  test("five fit into a phone's bar, of six the fifth and the sixth are behind more", () => {
    expect(placesOf(many.slice(0, 5), null)).toEqual({ bar: many.slice(0, 5), sheet: [] });
    expect(placesOf(many, null)).toEqual({ bar: many.slice(0, 4), sheet: many.slice(4) });
  });

  test("the page that is open is in the bar", () => {
    const { bar, sheet } = placesOf(many, last);
    expect(bar).toContain(last);
    expect([...bar, ...sheet]).toHaveLength(many.length);
  });

  test("every entry has a name of its own in both languages", () => {
    for (const words of [english, chinese]) {
      const names = ENTRIES.map(({ id }) => words.entries[id]);
      expect(names.every(Boolean)).toBe(true);
      expect(new Set(names).size).toBe(ENTRIES.length);
    }
  });
});
