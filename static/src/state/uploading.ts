import type { Fetch } from "./api";

/** Nothing has moved for so long: the line is gone. A slow line is not, however long it takes. */
const STALL_MS = 30_000;

/** Sends like `fetch`, and tells which share (0..1) of the body has gone out, which `fetch` does not. */
export function uploading(onSent: (share: number) => void, open = () => new XMLHttpRequest()): Fetch {
  return (path, init) =>
    new Promise((resolve, reject) => {
      const request = open();
      let stalled = setTimeout(() => request.abort(), STALL_MS);
      const isMoving = (): void => {
        clearTimeout(stalled);
        stalled = setTimeout(() => request.abort(), STALL_MS);
      };
      init.signal?.addEventListener("abort", () => request.abort());
      request.upload.onprogress = ({ loaded, total }) => {
        isMoving();
        if (total > 0) onSent(loaded / total);
      };
      request.onload = () => {
        const headers = { "Content-Type": request.getResponseHeader("Content-Type") ?? "" };
        const hasBody = request.status !== 204 && request.status !== 304;
        resolve(new Response(hasBody ? request.responseText : null, { status: request.status, headers }));
      };
      request.onerror = request.onabort = () => reject(new TypeError("not sent"));
      request.onloadend = () => clearTimeout(stalled);
      request.open(init.method ?? "GET", path);
      for (const [name, value] of new Headers(init.headers)) request.setRequestHeader(name, value);
      request.send(init.body as XMLHttpRequestBodyInit);
    });
}
