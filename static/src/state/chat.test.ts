import { describe, expect, it, vi } from "vitest";
import { CHAT_TEXT_MAX_CHARS, type ChatMessage } from "../protocol.gen";
import { Chat, UNDO_MS, type ChatPort } from "./chat";
import { ManualClock } from "./clock";
import { Refusal } from "./connection";

function setUp() {
  const clock = new ManualClock();
  let nonces = 0;
  const port = {
    send: vi.fn<ChatPort["send"]>(() => Promise.resolve()),
    remove: vi.fn<ChatPort["remove"]>(() => Promise.resolve()),
    older: vi.fn(() =>
      Promise.resolve({ type: "chat_page" as const, id: 1, messages: [message("m0")], more: false }),
    ),
  };
  const chat = new Chat(port, clock, () => `n${++nonces}`);
  chat.restore([], "me");
  return { clock, port, chat };
}

function message(id: string, more: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id,
    sender_id: "other",
    sender_name: "Other",
    text: id,
    sent_at_ms: 1,
    nonce: "",
    deleted: false,
    file: null,
    ...more,
  };
}

const shown = (chat: Chat): string[] =>
  chat.state.get().lines.map((line) => `${line.message.text}:${line.delivery}`);

describe("sending", () => {
  it("shows the message at once and replaces it by the room's copy", () => {
    const { chat } = setUp();
    chat.send("  hello  ");
    expect(shown(chat)).toEqual(["hello:sending"]);
    chat.onSent(message("m1", { sender_id: "me", text: "hello", nonce: "n1" }));
    expect(shown(chat)).toEqual(["hello:sent"]);
  });

  it("sends again with the same nonce after a lost line, and never shows it twice", async () => {
    const { chat, port } = setUp();
    port.send.mockRejectedValueOnce(new Refusal("unavailable"));
    chat.send("hello");
    await vi.waitFor(() => expect(port.send).toHaveBeenCalledTimes(1));
    chat.restore([], "me");
    expect(port.send.mock.calls).toEqual([
      ["hello", "n1"],
      ["hello", "n1"],
    ]);
    chat.onSent(message("m1", { sender_id: "me", text: "hello", nonce: "n1" }));
    chat.onSent(message("m1", { sender_id: "me", text: "hello", nonce: "n1" }));
    expect(shown(chat)).toEqual(["hello:sent"]);
  });

  it("does not send again what the snapshot has already", () => {
    const { chat, port } = setUp();
    chat.send("hello");
    chat.restore([message("m1", { sender_id: "me", text: "hello", nonce: "n1" })], "me");
    expect(port.send).toHaveBeenCalledTimes(1);
    expect(shown(chat)).toEqual(["hello:sent"]);
  });

  it("shows a refusal, to be sent again or discarded", async () => {
    const { chat, port } = setUp();
    port.send.mockRejectedValueOnce(new Refusal("rate_limited"));
    chat.send("hello");
    await vi.waitFor(() => expect(shown(chat)).toEqual(["hello:failed"]));
    chat.retry("n1");
    expect(shown(chat)).toEqual(["hello:sending"]);
    chat.discard("n1");
    expect(shown(chat)).toEqual([]);
  });

  it("sends nothing that is empty or too long, counted in characters as people see them", () => {
    const { chat, port } = setUp();
    expect(chat.send(" \n ")).toBe(false);
    expect(chat.send("字".repeat(CHAT_TEXT_MAX_CHARS + 1))).toBe(false);
    expect(chat.send("😀".repeat(CHAT_TEXT_MAX_CHARS))).toBe(true);
    expect(port.send).toHaveBeenCalledTimes(1);
  });
});

describe("unread", () => {
  it("counts what others write while the panel is closed", () => {
    const { chat } = setUp();
    chat.onSent(message("m1"));
    chat.onSent(message("m2"));
    chat.onSent(message("m3", { sender_id: "me" }));
    expect(chat.state.get().unread).toBe(2);
    chat.setVisible(true);
    chat.onSent(message("m4"));
    expect(chat.state.get().unread).toBe(0);
  });

  it("counts what was missed during a loss, but not the history at joining", () => {
    const clock = new ManualClock();
    const { port } = setUp();
    const chat = new Chat(port, clock, () => "n");
    chat.restore([message("m1")], "me");
    expect(chat.state.get().unread).toBe(0);
    chat.restore([message("m1"), message("m2")], "me");
    expect(chat.state.get().unread).toBe(1);
  });
});

describe("deleting", () => {
  it("can be undone for some seconds", () => {
    const { clock, chat, port } = setUp();
    chat.onSent(message("m1"));
    chat.remove("m1");
    expect(chat.state.get().lines[0]?.vanishing).toBe(true);
    chat.undoDelete("m1");
    clock.advance(UNDO_MS);
    expect(port.remove).not.toHaveBeenCalled();
    expect(chat.state.get().lines[0]?.vanishing).toBe(false);
  });

  it("happens after that, for everyone", () => {
    const { clock, chat, port } = setUp();
    chat.onSent(message("m1"));
    chat.remove("m1");
    clock.advance(UNDO_MS);
    expect(port.remove).toHaveBeenCalledWith("m1");
    chat.onDeleted("m1");
    expect(chat.state.get().lines[0]?.message).toMatchObject({ deleted: true, text: "" });
  });

  it("of messages that were there before a loss arrives with the next snapshot", () => {
    const { chat } = setUp();
    chat.onSent(message("m1"));
    chat.restore([message("m1", { deleted: true, text: "" })], "me");
    expect(chat.state.get().lines[0]?.message.deleted).toBe(true);
  });
});

describe("older messages", () => {
  it("come until there are no more, for keeping; a page that does not come is told", async () => {
    const { port, chat } = setUp();
    const page = (id: string, more: boolean) => ({
      type: "chat_page" as const,
      id: 1,
      messages: [message(id)],
      more,
    });
    chat.restore(
      Array.from({ length: 200 }, (_, at) => message(`r${at}`)),
      "me",
    );
    port.older.mockResolvedValueOnce(page("b", true)).mockRejectedValueOnce(new Error("asked too often"));
    expect(await chat.loadAll()).toBe(false);
    port.older.mockResolvedValueOnce(page("a", true)).mockResolvedValueOnce(page("0", false));
    expect(await chat.loadAll()).toBe(true);
    expect(
      chat.state
        .get()
        .lines.slice(0, 4)
        .map((line) => line.message.id),
    ).toEqual(["0", "a", "b", "r0"]);
    expect(await chat.loadAll()).toBe(true);
    expect(port.older).toHaveBeenCalledTimes(4);
  });

  it("come in front, once", async () => {
    const { chat } = setUp();
    chat.onSent(message("m1"));
    await chat.loadOlder();
    await chat.loadOlder();
    expect(chat.state.get().lines.map((line) => line.message.id)).toEqual(["m0", "m1"]);
    expect(chat.state.get().hasOlder).toBe(false);
  });
});
