import { describe, expect, it } from "vitest";
import { uploading } from "./uploading";

/** What `uploading` uses of an XMLHttpRequest. */
class ScriptedRequest {
  upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onloadend: (() => void) | null = null;
  status = 0;
  responseText = "";
  readonly headers: Record<string, string> = {};
  readonly opened: string[] = [];
  body: unknown = null;

  open(method: string, path: string): void {
    this.opened.push(method, path);
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  getResponseHeader(): string {
    return "application/json";
  }
  send(body: unknown): void {
    this.body = body;
  }
  abort(): void {
    this.onerror?.();
  }
  answers(status: number, text: string): void {
    this.status = status;
    this.responseText = text;
    this.onload?.();
    this.onloadend?.();
  }
}

function sent() {
  const request = new ScriptedRequest();
  const shares: number[] = [];
  const send = uploading(
    (share) => shares.push(share),
    () => request as unknown as XMLHttpRequest,
  );
  const answer = send("/x", { method: "PUT", headers: { "X-CSRF-Token": "t" }, body: "abc" });
  return { request, shares, answer };
}

describe("sending with progress", () => {
  it("tells what has gone out, and answers like fetch", async () => {
    const { request, shares, answer } = sent();
    request.upload.onprogress?.({ loaded: 1, total: 4 });
    request.upload.onprogress?.({ loaded: 4, total: 4 });
    request.answers(413, '{"code":"too_large"}');
    const response = await answer;
    expect([shares, request.opened, request.headers, request.body]).toEqual([
      [0.25, 1],
      ["PUT", "/x"],
      { "x-csrf-token": "t" },
      "abc",
    ]);
    expect([response.status, await response.json()]).toEqual([413, { code: "too_large" }]);
  });

  it("rejects where the line is gone", async () => {
    const { request, answer } = sent();
    request.onerror?.();
    request.onloadend?.();
    await expect(answer).rejects.toThrow(TypeError);
  });

  it("can be answered with nothing", async () => {
    const { request, answer } = sent();
    request.answers(204, "");
    expect((await answer).status).toBe(204);
  });
});
