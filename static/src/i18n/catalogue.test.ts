import { describe, expect, it } from "vitest";
import { CODES, LEAVE_REASONS, QUALITY_CAUSES, REACTIONS, ROLES } from "../protocol.gen";
import { MEDIA_PROBLEMS } from "../state/media/local";
import { OWN_CHECKS } from "../state/doctor";
import { en } from "./en";
import { clockText, preferredLocale } from "./language";
import { pluralizer } from "./plural";
import { zh } from "./zh";

type Entry = readonly [path: string, value: string | ((parameters: never) => string)];

function* entries(node: unknown, path = ""): Generator<Entry> {
  if (typeof node === "string") yield [path, node];
  else if (typeof node === "function") yield [path, node as (parameters: never) => string];
  else for (const [key, value] of Object.entries(node as object)) yield* entries(value, `${path}/${key}`);
}

/** Whatever any message asks for. */
const PARAMETERS = {
  name: "李娜",
  names: ["李娜", "Anna"],
  count: 3,
  title: "例会",
  when: "today",
  time: "01:00",
  text: "hi",
  ms: 12,
  page: 1,
  pages: 2,
  seconds: 4,
  position: 2,
  number: 1,
  kind: "camera",
  device: "camera",
  source: "microphone",
  role: "host",
  cause: "delay",
  raised: true,
  locked: true,
  recording: "starting",
  enabled: true,
  organization: "Park",
  email: "li@example.com",
} as never;

const said = (value: Entry[1]): string => (typeof value === "string" ? value : value(PARAMETERS));

describe("the catalogues", () => {
  it("have the same texts, none of them empty or half filled", () => {
    const inEnglish = [...entries(en)];
    const inChinese = [...entries(zh)];
    expect(inChinese.map(([path]) => path)).toEqual(inEnglish.map(([path]) => path));
    for (const [path, value] of [...inEnglish, ...inChinese]) {
      expect(said(value), path).not.toBe("");
      expect(said(value), path).not.toMatch(/undefined|NaN|\[object|#/);
    }
  });

  it("are written in their own language", () => {
    const same =
      /^\/(language\/|landing\/codeExample|quality\/|stage\/tile|doctor\/names\/https|banner\/seconds|notices\/chat|invitation\/to)/;
    for (const [path, value] of entries(zh))
      if (!same.test(path)) expect(said(value), path).toMatch(/\p{Script=Han}/u);
    for (const [path, value] of entries(en))
      if (!path.startsWith("/language/"))
        expect(said(value).replace("李娜", "").replace("例会", ""), path).not.toMatch(/\p{Script=Han}/u);
  });

  it("do not shout", () => {
    for (const [path, value] of [...entries(en), ...entries(zh)])
      expect(said(value), path).not.toMatch(/[!！]/);
  });

  it("know every code that can come from the server", () => {
    for (const text of [en, zh]) {
      expect(Object.keys(text.errors).sort()).toEqual([...CODES].sort());
      expect(Object.keys(text.reactions).sort()).toEqual([...REACTIONS].sort());
      expect(Object.keys(text.people.roles).sort()).toEqual([...ROLES].sort());
      expect(Object.keys(text.mediaProblem).sort()).toEqual([...MEDIA_PROBLEMS].sort());
      for (const cause of QUALITY_CAUSES) expect(text.quality.cause({ name: "x", cause })).toContain("x");
      for (const check of OWN_CHECKS) {
        expect(text.doctor.sentences[`${check}_ok`]).toBeDefined();
        expect(text.doctor.sentences[`${check}_bad`]).toBeDefined();
        expect(text.doctor.cures[`${check}_cure`]).toBeDefined();
      }
      expect(Object.keys(text.doctor.cures)).toEqual(Object.keys(en.doctor.cures));
    }
    expect(LEAVE_REASONS).toContain("removed");
  });
});

describe("languages", () => {
  it("are chosen by the browser's list, Chinese where there is none", () => {
    expect(preferredLocale(["zh-TW", "en"])).toBe("zh-CN");
    expect(preferredLocale(["fr", "en-GB", "zh"])).toBe("en");
    expect(preferredLocale(["de"])).toBe("en");
    expect(preferredLocale([])).toBe("zh-CN");
  });

  it("count in their own way", () => {
    const english = pluralizer("en");
    expect(english(1, { one: "# hand", other: "# hands" })).toBe("1 hand");
    expect(english(1234, { one: "# hand", other: "# hands" })).toBe("1,234 hands");
    expect(pluralizer("zh-CN")(1, { other: "# 人" })).toBe("1 人");
  });

  it("write durations in figures", () => {
    expect(clockText(0)).toBe("00:00");
    expect(clockText(761_000)).toBe("12:41");
    expect(clockText(3_729_000)).toBe("1:02:09");
    expect(clockText(-5)).toBe("00:00");
  });
});
