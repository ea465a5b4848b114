import { describe, expect, it } from "vitest";
import { en } from "./words-en";
import { zh } from "./words-zh";

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function")
    return [(value as (p: object) => string)({ name: "Li", others: 1, count: 2, on: true, factor: "2" })];
  return Object.values(value as object).flatMap(texts);
}

describe("the words of the phone page", () => {
  it("are Chinese in one language, none of it in the other, and do not shout", () => {
    for (const text of texts(zh)) expect(text).toMatch(/\p{Script=Han}/u);
    for (const text of texts(en)) expect(text).not.toMatch(/\p{Script=Han}/u);
    for (const text of [...texts(zh), ...texts(en)]) expect(text).not.toMatch(/[!！]/);
  });
});
