import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock";
import { applyBatch, EMPTY, HubClient, HubRefused, type HubMessage, type HubSocket } from "./hub";

const message = (id: string, text = id): HubMessage => ({
  id,
  room: "",
  viewer_id: "v",
  name: "Li",
  role: "",
  text,
  at_ms: 1,
});

describe("applyBatch", () => {
  it("keeps messages in order, replaces them by id and takes away what is gone", () => {
    let view = applyBatch(EMPTY, { type: "batch", messages: [message("b"), message("a")] });
    expect(view.messages.map((one) => one.id)).toEqual(["a", "b"]);
    view = applyBatch(view, { type: "batch", messages: [message("b", "changed")], gone: ["a"] });
    expect(view.messages.map((one) => one.text)).toEqual(["changed"]);
  });

  it("changes nothing when a batch is heard twice", () => {
    const batch = {
      type: "batch",
      messages: [message("a")],
      hands: [{ viewer_id: "v", name: "Li", state: "raised", at_ms: 1 }],
      pinned: [{ room: "", message: message("a") }],
    } as const;
    const once = applyBatch(EMPTY, batch);
    expect(applyBatch(once, batch)).toEqual(once);
  });

  it("forgets all it knew for a whole one", () => {
    const view = applyBatch(EMPTY, { type: "batch", messages: [message("a")] });
    expect(applyBatch(view, { type: "batch", whole: true, messages: [] }).messages).toEqual([]);
  });

  it("drops a hand that is down", () => {
    const up = applyBatch(EMPTY, {
      type: "batch",
      hands: [{ viewer_id: "v", name: "Li", state: "raised", at_ms: 1 }],
    });
    const down = applyBatch(up, {
      type: "batch",
      hands: [{ viewer_id: "v", name: "", state: "down", at_ms: 2 }],
    });
    expect(down.hands).toEqual([]);
  });

  it("drops who is let back in", () => {
    const banned = applyBatch(EMPTY, { type: "batch", banned: [{ viewer_id: "v", name: "Li" }] });
    expect(banned.banned).toEqual([{ viewer_id: "v", name: "Li" }]);
    const back = applyBatch(banned, { type: "batch", banned: [{ viewer_id: "v", name: "", on: false }] });
    expect(back.banned).toEqual([]);
  });
});

class FakeSocket implements HubSocket {
  sent: { type: string; id: number; count?: number; token?: string }[] = [];
  closed = false;
  #listeners = new Map<string, (event: MessageEvent) => void>();
  addEventListener(type: string, listener: (event: MessageEvent) => void): void {
    this.#listeners.set(type, listener);
  }
  happen(type: "open" | "close"): void {
    this.#listeners.get(type)?.(new MessageEvent(type));
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string; id: number });
  }
  close(): void {
    this.closed = true;
  }
  hear(value: object): void {
    this.#listeners.get("message")?.(new MessageEvent("message", { data: JSON.stringify(value) }));
  }
}

function line() {
  const clock = new ManualClock();
  const sockets: FakeSocket[] = [];
  let tokens = 0;
  const client = new HubClient(
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    () => Promise.resolve(`token-${++tokens}`),
    clock,
    () => 0,
  );
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error("no socket yet");
    return socket;
  };
  const open = async (): Promise<FakeSocket> => {
    await Promise.resolve();
    await Promise.resolve();
    last().happen("open");
    last().hear({ type: "batch", whole: true });
    return last();
  };
  return { client, clock, open, sockets };
}

describe("HubClient", () => {
  it("says hello with a token and answers requests by their id", async () => {
    const { client, open } = line();
    client.connect();
    const socket = await open();
    expect(socket.sent[0]).toMatchObject({ type: "hello", token: "token-1" });
    const said = client.ask("say", { text: "x" });
    socket.hear({ type: "ok", id: socket.sent[1]?.id ?? 0, held: true });
    expect(await said).toBe(true);
    const refused = client.ask("say", { text: "x" });
    socket.hear({ type: "error", id: socket.sent[2]?.id ?? 0, code: "rate_limited", retry_after_ms: 5 });
    await expect(refused).rejects.toEqual(new HubRefused("rate_limited", 5));
  });

  it("comes back with a new token, and gives up when it was sent away", async () => {
    const { client, clock, open, sockets } = line();
    client.connect();
    const first = await open();
    first.hear({ type: "closing", code: "expired" });
    first.happen("close");
    expect(client.line.get().state).toBe("connecting");
    clock.advance(1_000);
    const second = await open();
    expect(second.sent[0]?.token).toBe("token-2");
    second.hear({ type: "closing", code: "removed" });
    second.happen("close");
    clock.advance(60_000);
    expect(client.line.get()).toEqual({ state: "closed", code: "removed" });
    expect(sockets).toHaveLength(2);
  });

  it("sums up taps", async () => {
    const { client, clock, open } = line();
    client.connect();
    const socket = await open();
    for (let tap = 0; tap < 30; tap++) client.react("clap");
    clock.advance(500);
    expect(socket.sent.filter((one) => one.type === "react")).toMatchObject([{ count: 20 }]);
  });
});
