import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../protocol.gen";
import type { ChatLine } from "./chat";
import { exported, momentText } from "./chat-export";

const WORDS = {
  time: "Time",
  name: "Name",
  message: "Message",
  deleted: "(deleted)",
  unreadable: "(sealed)",
  file: ({ name }: { name: string }) => `[file] ${name}`,
};
const AT_MS = 1_795_000_000_000;
const TIME = momentText(AT_MS);
const ME = { id: "me", name: "Lin" };

function line(said: Partial<ChatMessage>, rest: Partial<ChatLine> = {}): ChatLine {
  const message: ChatMessage = {
    id: "1",
    sender_id: "other",
    sender_name: "Wei",
    text: "",
    sent_at_ms: AT_MS,
    nonce: "",
    deleted: false,
    file: null,
    ...said,
  };
  return { message, delivery: "sent", sealing: "clear", vanishing: false, ...rest };
}

describe("a saved chat", () => {
  it("is a table that no spreadsheet takes for formulas", () => {
    const table = exported(
      [line({ text: '=1+1,"a"' }), line({ sender_name: "@Wei", text: "b\nc" })],
      "csv",
      WORDS,
      ME,
    );
    expect(table).toBe(`\ufeffTime,Name,Message\r\n${TIME},Wei,"'=1+1,""a"""\r\n${TIME},'@Wei,"b\nc"\r\n`);
  });

  it("sets further lines in, so that nobody writes in another's name", () => {
    const text = exported(
      [line({ text: "a\nLin: b\u2028c" }), line({ sender_id: "me", sender_name: "", text: "d" })],
      "text",
      WORDS,
      ME,
    );
    expect(text).toBe(`\ufeff${TIME}  Wei: a\r\n    Lin: b\r\n    c\r\n${TIME}  Lin: d\r\n`);
  });

  it("says what it cannot hold, and leaves out what was not sent", () => {
    const file = { key: "k", name: "plan.pdf", size_bytes: 1, media_type: "application/pdf" } as const;
    const lines = [
      line({ deleted: true }),
      line({ file }),
      line({ text: "sealed" }, { sealing: "unreadable" }),
      line({ text: "mine" }, { delivery: "failed" }),
    ];
    const text = exported(lines, "text", WORDS, ME);
    expect(text.split("\r\n").map((one) => one.split(": ")[1])).toEqual([
      "(deleted)",
      "[file] plan.pdf",
      "(sealed)",
      undefined,
    ]);
  });
});
