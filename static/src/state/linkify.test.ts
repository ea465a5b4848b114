import { describe, expect, it } from "vitest";
import { linkify, safeHref } from "./linkify";

const links = (text: string): string[] =>
  linkify(text).flatMap((part) => (part.kind === "link" ? [part.href] : []));

describe("links in chat", () => {
  it("are found in running text, without the punctuation around them", () => {
    expect(links("see https://example.com/a?b=c#d, then http://example.org.")).toEqual([
      "https://example.com/a?b=c#d",
      "http://example.org/",
    ]);
    expect(links("(https://example.com/wiki/A_(b))")).toEqual(["https://example.com/wiki/A_(b)"]);
    expect(links("请看https://example.com/会议，谢谢。")).toEqual(["https://example.com/%E4%BC%9A%E8%AE%AE"]);
  });

  it("keep every character of the text", () => {
    for (const text of [
      "a https://x.y b",
      "https://x.y",
      "no link",
      "",
      "<b>https://x.y</b>",
      "https://",
      "http://a\nb",
    ])
      expect(
        linkify(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt://example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.com",
    "//example.com",
    "https://bank.example@evil.example/",
    "https://user:secret@evil.example/",
    "https://",
    "http:evil",
  ])("never include %s", (text) => {
    expect(links(text)).toEqual([]);
  });

  it("end where markup or quotes begin", () => {
    expect(links('https://a.example/"onmouseover="alert(1)')).toEqual(["https://a.example/"]);
    expect(links("https://a.example/<script>")).toEqual(["https://a.example/"]);
  });

  it("open what they show", () => {
    expect(safeHref("https://EXAMPLE.com")).toBe("https://example.com/");
    expect(safeHref("https://exa mple.com")).toBeNull();
  });
});
