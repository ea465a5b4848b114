import { expect, test, vi } from "vitest";
import { ManualClock } from "../clock";
import type { SocketHandlers } from "../dialer";
import { DeskLine } from "./line";

function setUp() {
  const clock = new ManualClock();
  const dials: { handlers: SocketHandlers; sent: string[]; isClosed: boolean }[] = [];
  const again = vi.fn();
  const line = new DeskLine(
    (handlers) => {
      const dial = { handlers, sent: [] as string[], isClosed: false };
      dials.push(dial);
      return { send: (text) => dial.sent.push(text), close: () => (dial.isClosed = true) };
    },
    clock,
    again,
    () => 0.5,
  );
  const last = () => dials[dials.length - 1] ?? expect.fail("nobody dialled");
  const hear = (message: object) => last().handlers.message(JSON.stringify(message));
  return { clock, dials, again, line, last, hear };
}

test("says hello, asks for what was missed, and shows the count", () => {
  const { again, line, last, hear } = setUp();
  last().handlers.open();
  expect(JSON.parse(last().sent[0] ?? "")).toMatchObject({ type: "hello", id: 1 });
  hear({ type: "welcome", id: 1 });
  expect(again).toHaveBeenCalledTimes(1);
  hear({ type: "inbox", unread: 3, newest: "x" });
  expect(line.unread.get()).toBe(3);
});

test("comes back after a lost line, with longer and longer pauses", () => {
  const { clock, dials, again, last, hear } = setUp();
  hear({ type: "welcome", id: 1 });
  last().handlers.closed();
  clock.advance(300);
  expect(dials).toHaveLength(2);
  last().handlers.closed();
  clock.advance(300);
  expect(dials).toHaveLength(2);
  clock.advance(300);
  expect(dials).toHaveLength(3);
  hear({ type: "welcome", id: 1 });
  expect(again).toHaveBeenCalledTimes(2);
});

test("keeps the line awake", () => {
  const { clock, last, hear } = setUp();
  hear({ type: "welcome", id: 1 });
  clock.advance(60_000);
  expect(last().sent.filter((text) => text.includes("ping"))).toHaveLength(2);
});

test("rings until the same call is over", () => {
  const { line, hear } = setUp();
  const ring = { type: "ring", call_id: "c", from_name: "Wang", about: "x", path: "/", expires_at_ms: 9 };
  hear(ring);
  hear({ type: "ring_over", call_id: "other", end: "missed" });
  expect(line.ring.get()?.call_id).toBe("c");
  hear({ type: "ring_over", call_id: "c", end: "missed" });
  expect(line.ring.get()).toBeNull();
});

test("a closed line stays closed", () => {
  const { clock, dials, line, last, hear } = setUp();
  hear({ type: "closing", code: "unauthenticated", retry_after_ms: 0 });
  last().handlers.closed();
  clock.advance(600_000);
  expect(dials).toHaveLength(1);
  expect(last().isClosed).toBe(true);
  line.close();
});
