import { describe, expect, it } from "vitest";
import { fieldsOf, localInput, textOf } from "./plan";

describe("fieldsOf", () => {
  it("reads required fields and choices, in either language", () => {
    expect(fieldsOf("Company *\n午餐：米饭 / 面条\n\n")).toEqual([
      { key: "company_1", label: "Company", kind: "text", required: true, options: [] },
      { key: "field_2", label: "午餐", kind: "choice", required: false, options: ["米饭", "面条"] },
    ]);
  });

  it("writes what it reads", () => {
    const fields = fieldsOf("Lunch: Rice / Noodles *");
    expect(fieldsOf(textOf(fields))).toEqual(fields);
  });
});

describe("localInput", () => {
  it("is what the browser reads back", () => {
    const at = Date.UTC(2026, 10, 23, 7, 5);
    expect(new Date(localInput(at)).getTime()).toBe(at);
  });
});
