import { describe, expect, it, vi } from "vitest";
import type { OfferMessage } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { Refusal } from "../connection";
import { plainHooks } from "./hooks";
import { ScriptedPeer } from "./scripted-peer";
import { Subscriber, type SubscriberPort } from "./subscriber";

function offer(revision: number, tracks: Record<string, string>, fresh = false): OfferMessage {
  return {
    type: "offer",
    revision,
    sdp: Object.keys(tracks)
      .map((mid) => `m=video\r\na=mid:${mid}\r\n`)
      .join(""),
    tracks: Object.entries(tracks).map(([mid, track_id]) => ({
      mid,
      track_id,
      participant_id: `owner of ${track_id}`,
      source: "camera",
    })),
    fresh,
  };
}

function setUp() {
  const clock = new ManualClock();
  const peers: ScriptedPeer[] = [];
  const port = {
    answer: vi.fn<SubscriberPort["answer"]>(() => Promise.resolve()),
    restart: vi.fn<SubscriberPort["restart"]>(() => Promise.resolve()),
    isSeated: () => true,
    hooks: { ...plainHooks(() => []), attachReceiver: vi.fn() },
  };
  const subscriber = new Subscriber(
    () => {
      const peer = new ScriptedPeer();
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    port,
    () => undefined,
    clock,
  );
  const answered = (times: number) => vi.waitFor(() => expect(port.answer).toHaveBeenCalledTimes(times));
  return { clock, peers, port, subscriber, answered };
}

describe("subscribing", () => {
  it("answers each offer with its revision and maps what is received", async () => {
    const { peers, port, subscriber, answered } = setUp();
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    subscriber.onOffer(offer(2, { "0": "cam-a", "1": "cam-b" }));
    await answered(2);
    expect(port.answer.mock.calls.map(([revision]) => revision)).toEqual([1, 2]);
    await vi.waitFor(() => expect([...subscriber.tracks.get().keys()]).toEqual(["cam-a", "cam-b"]));
    expect(subscriber.tracks.get().get("cam-b")?.participantId).toBe("owner of cam-b");
    expect(peers).toHaveLength(1);
    expect(port.hooks.attachReceiver).toHaveBeenCalledTimes(2);
  });

  it("follows a line that is given to somebody else", async () => {
    const { subscriber, answered } = setUp();
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    subscriber.onOffer(offer(2, { "0": "cam-b" }));
    await answered(2);
    await vi.waitFor(() => expect([...subscriber.tracks.get().keys()]).toEqual(["cam-b"]));
  });

  it("keeps what a tile holds when nothing changed for it", async () => {
    const { subscriber, answered } = setUp();
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    await answered(1);
    await vi.waitFor(() => expect(subscriber.tracks.get().size).toBe(1));
    const before = subscriber.tracks.get().get("cam-a");
    subscriber.onOffer(offer(2, { "0": "cam-a", "1": "cam-b" }));
    await vi.waitFor(() => expect(subscriber.tracks.get().size).toBe(2));
    expect(subscriber.tracks.get().get("cam-a")).toBe(before);
  });

  it("starts anew on a fresh offer", async () => {
    const { peers, subscriber, answered } = setUp();
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    subscriber.onOffer(offer(2, { "0": "cam-a" }, true));
    await answered(2);
    expect(peers).toHaveLength(2);
    expect(peers[0]?.connectionState).toBe("closed");
  });

  it("after a reload asks for a fresh offer and heeds no other", async () => {
    const { port, subscriber, answered } = setUp();
    subscriber.resume();
    expect(port.restart).toHaveBeenCalledWith(true);
    subscriber.onOffer(offer(7, { "0": "cam-a" }));
    subscriber.onOffer(offer(8, { "0": "cam-a" }, true));
    await answered(1);
    expect(port.answer.mock.calls[0]?.[0]).toBe(8);
  });

  it("keeps its connection over a mere change of line", async () => {
    const { peers, port, subscriber, answered } = setUp();
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    await answered(1);
    peers[0]?.become("connected");
    subscriber.resume();
    expect(port.restart).not.toHaveBeenCalled();
    expect(peers).toHaveLength(1);
  });

  it("is not disturbed by an answer that came too late", async () => {
    const { port, subscriber, answered } = setUp();
    port.answer.mockRejectedValueOnce(new Refusal("conflict"));
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    subscriber.onOffer(offer(2, { "0": "cam-a" }));
    await answered(2);
    expect(port.restart).not.toHaveBeenCalled();
  });

  it("asks for a fresh start when an answer is refused", async () => {
    const { port, subscriber } = setUp();
    port.answer.mockRejectedValueOnce(new Refusal("media_rejected"));
    subscriber.start();
    subscriber.onOffer(offer(1, { "0": "cam-a" }, true));
    await vi.waitFor(() => expect(port.restart).toHaveBeenCalledWith(true));
  });
});
