import { describe, expect, test } from "vitest";
import { agendaOf, movedTo, nextOf, refreshMs, type Issue, type SymposiumCard } from "./symposiums";

const issue = (id: string, position: number, state: Issue["state"]): Issue =>
  ({ id, position, state }) as Issue;

const card = (current: string, ...issues: readonly Issue[]): SymposiumCard =>
  ({ symposium: { current_issue_id: current }, issues }) as unknown as SymposiumCard;

describe("what comes next", () => {
  const issues = [
    issue("c", 3, "agenda"),
    issue("a", 1, "discussed"),
    issue("b", 2, "agenda"),
    issue("d", 0, "raised"),
  ];

  test("is the first of the agenda on which nothing is decided", () => {
    expect(agendaOf(card("", ...issues)).map((one) => one.id)).toEqual(["a", "b", "c"]);
    expect(nextOf(card("", ...issues))?.id).toBe("b");
    expect(nextOf(card("a", ...issues))?.id).toBe("b");
    expect(nextOf(card("b", ...issues))?.id).toBe("c");
  });

  test("goes back to what was passed over, and ends", () => {
    expect(nextOf(card("c", ...issues))?.id).toBe("b");
    expect(nextOf(card("a", issue("a", 1, "agenda")))).toBeNull();
    expect(nextOf(card(""))).toBeNull();
  });
});

test("an issue moves up and down", () => {
  expect(movedTo(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(movedTo(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(movedTo(["a"], 4, 0)).toEqual(["a"]);
});

test("what others change soon is looked at often", () => {
  const of = (state: string, ...issues: readonly Issue[]): number =>
    refreshMs({ symposium: { state }, issues } as unknown as SymposiumCard);
  expect(of("live")).toBeLessThan(of("collecting"));
  expect(of("collecting")).toBeLessThan(of("closed", issue("a", 0, "requested")));
  expect(of("closed", issue("a", 1, "discussed"))).toBe(of("live"));
  expect(refreshMs(undefined)).toBe(of("cancelled", issue("a", 0, "raised")));
});
