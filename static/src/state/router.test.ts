import { describe, expect, it } from "vitest";
import { roomCodeIn, Router, routeOf } from "./router";

describe("routes", () => {
  it.each([
    ["/", "", { page: "home" }],
    ["/meetings/", "", { page: "meetings" }],
    ["/home", "", { page: "today" }],
    ["/m/abc-defg-hij", "", { page: "room", code: "abc-defg-hij" }],
    ["/m/ABC-DEFG-HIJ", "", { page: "room", code: "abc-defg-hij" }],
    ["/m/bench", "", { page: "room", code: "bench" }],
    ["/assist/abc-defg-hij", "", { page: "assist", code: "abc-defg-hij" }],
    ["/assist", "", { page: "assistance" }],
    ["/machines/01arz3ndektsv4rrffq69g5fav", "", { page: "machine", id: "01arz3ndektsv4rrffq69g5fav" }],
    ["/jobs/01arz3ndektsv4rrffq69g5fav", "", { page: "job", id: "01arz3ndektsv4rrffq69g5fav" }],
    ["/label/7K2M9X4Q1H", "", { page: "label", label: "7K2M9X4Q1H" }],
    ["/a/01234567890123456789", "", { page: "assist_link", token: "01234567890123456789" }],
    ["/a/../etc", "", { page: "unknown" }],
    ["/assist/instructions", "", { page: "instructions" }],
    ["/assist/instructions/01HZX", "", { page: "instruction", id: "01HZX" }],
    ["/assist/instructions/..", "", { page: "unknown" }],
    ["/m/a/b", "", { page: "unknown" }],
    ["/m/%3Cscript%3E", "", { page: "unknown" }],
    ["/setup", "?token=t", { page: "setup", token: "t" }],
    ["/invitation", "?token=t", { page: "invitation", token: "t" }],
    ["/forgot", "", { page: "forgot" }],
    ["/reset", "?token=t", { page: "reset", token: "t" }],
    ["/announcements/new", "", { page: "announcement_writing", id: "new" }],
    [
      "/announcements/01arz3ndektsv4rrffq69g5fav/receipts",
      "",
      { page: "announcement_receipts", id: "01arz3ndektsv4rrffq69g5fav" },
    ],
    ["/announcements/..", "", { page: "unknown" }],
    ["/elsewhere", "", { page: "unknown" }],
  ] as const)("%s%s", (path, search, route) => {
    expect(routeOf(path, search)).toEqual(route);
  });

  it.each([
    ["", "/home"],
    ["?next=%2Fm%2Fabc-defg-hij", "/m/abc-defg-hij"],
    ["?next=https%3A%2F%2Fevil.example", "/home"],
    ["?next=%2F%2Fevil.example", "/home"],
    ["?next=%2F%5Cevil.example", "/home"],
    ["?next=javascript%3Aalert(1)", "/home"],
  ])("after signing in with %s goes to %s", (search, next) => {
    expect(routeOf("/sign-in", search)).toEqual({ page: "sign_in", next });
  });
});

describe("the code in what people type", () => {
  it.each([
    ["abc-defg-hij", "abc-defg-hij"],
    ["  ABCDEFGHIJ ", "abc-defg-hij"],
    ["https://meet.example/m/abc-defg-hij?x=1", "abc-defg-hij"],
    ["https://meet.example/m/bench", "bench"],
    ["abc-defg-hijk", null],
    ["hello", null],
    ["", null],
  ])("%s -> %s", (text, code) => {
    expect(roomCodeIn(text)).toBe(code);
  });
});

describe("the router", () => {
  it("follows its own moves and the browser's back button", () => {
    const location = { pathname: "/", search: "" };
    let pop: () => void = () => undefined;
    const move = (path: string): void => {
      location.pathname = path;
    };
    const router = new Router({ location, push: move, replace: move, onPop: (listener) => (pop = listener) });
    router.go("/meetings");
    expect(router.route.get()).toEqual({ page: "meetings" });
    location.pathname = "/";
    pop();
    expect(router.route.get()).toEqual({ page: "home" });
  });

  it("stays where a page holds it, until that page lets it go", () => {
    const location = { pathname: "/meetings", search: "" };
    let pop: () => void = () => undefined;
    const move = (path: string): void => {
      location.pathname = path;
    };
    const router = new Router({ location, push: move, replace: move, onPop: (listener) => (pop = listener) });
    let leave: (() => void) | null = null;
    const release = router.hold((go) => (leave = go));
    location.pathname = "/";
    pop();
    expect(location.pathname).toBe("/meetings"); // is held
    expect(router.route.get()).toEqual({ page: "meetings" });
    router.go("/check");
    expect(router.route.get()).toEqual({ page: "meetings" });
    (leave as (() => void) | null)?.();
    expect(router.route.get()).toEqual({ page: "check" });
    release();
    router.hold(() => undefined)();
    router.go("/");
    expect(router.route.get()).toEqual({ page: "home" });
  });
});
