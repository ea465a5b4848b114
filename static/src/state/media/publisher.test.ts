import { describe, expect, it, vi } from "vitest";
import type { PublishedMedia, PublishedMessage } from "../../protocol.gen";
import { ManualClock } from "../clock";
import { Refusal } from "../connection";
import { plainHooks } from "./hooks";
import { Publisher, type PublisherPort } from "./publisher";
import { ScriptedPeer } from "./scripted-peer";

const track = (kind: string): MediaStreamTrack =>
  ({ kind, getSettings: () => ({}) }) as unknown as MediaStreamTrack;

function setUp() {
  const clock = new ManualClock();
  const peers: ScriptedPeer[] = [];
  const published: (readonly PublishedMedia[])[] = [];
  const answer = (media: readonly PublishedMedia[]): PublishedMessage => ({
    type: "published",
    id: 1,
    sdp: "answer",
    tracks: media
      .filter(({ backup }) => !backup)
      .map(({ mid, source }) => ({ mid, track_id: `${source}-id` })),
  });
  const port = {
    publish: vi.fn((_sdp: string, media: readonly PublishedMedia[]) => {
      published.push(media);
      return Promise.resolve(answer(media));
    }),
    setMuted: vi.fn<PublisherPort["setMuted"]>(() => Promise.resolve()),
    hooks: plainHooks(() => []),
    isSeated: () => true,
  };
  const publisher = new Publisher(
    () => {
      const peer = new ScriptedPeer();
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    port,
    () => undefined,
    clock,
  );
  const settled = (times: number) =>
    vi.waitFor(() => expect([published.length, publisher.isOffering]).toEqual([times, false]));
  return { clock, peers, published, port, publisher, settled };
}

describe("publishing", () => {
  it("offers microphone and camera from the start, with or without devices", async () => {
    const { published, publisher, settled } = setUp();
    publisher.send("microphone", { track: track("audio"), muted: false });
    publisher.start();
    await settled(1);
    expect(published[0]).toEqual([
      { mid: "0", source: "microphone", muted: false },
      { mid: "1", source: "camera", muted: true },
    ]);
    expect(publisher.trackIds.get("camera")).toBe("camera-id");
  });

  it("switches a camera on and off without negotiating, and says so", async () => {
    const { peers, port, publisher, settled } = setUp();
    publisher.start();
    await settled(1);
    const camera = track("video");
    publisher.send("camera", { track: camera, muted: false });
    expect(peers[0]?.transceivers[1]?.sender.track).toBe(camera);
    publisher.send("camera", { track: null, muted: true });
    expect(peers[0]?.transceivers[1]?.sender.track).toBeNull();
    expect(port.setMuted.mock.calls).toEqual([
      ["camera-id", false],
      ["camera-id", true],
    ]);
    await settled(1);
  });

  it("offers three sizes of the camera and sends those that the server asks for", async () => {
    const { peers, publisher, settled } = setUp();
    publisher.start();
    await settled(1);
    const sending = (): unknown[] =>
      peers[0]?.transceivers[1]?.parameters.encodings.flatMap(({ rid, active }) => (active ? [rid] : [])) ??
      [];
    expect(sending()).toEqual(["q", "h", "f"]);
    publisher.askEncodings("camera-id", ["q"]);
    await vi.waitFor(() => expect(sending()).toEqual(["q"]));
    publisher.askEncodings("camera-id", []);
    await vi.waitFor(() => expect(sending()).toEqual([]));
    publisher.askEncodings("somebody else", ["q"]);
    publisher.askEncodings("camera-id", ["h", "f"]);
    await vi.waitFor(() => expect(sending()).toEqual(["h", "f"]));
    publisher.save(true);
    await vi.waitFor(() => expect(sending()).toEqual(["h"]));
    // a connection made anew begins with everything, until the server has said what it wants of that
    publisher.save(false);
    publisher.start();
    await settled(2);
    expect(peers[1]?.transceivers[1]?.parameters.encodings.map(({ active }) => active)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("sends a second stream while the server asks for one, on a line that is used again", async () => {
    const { peers, published, publisher, settled } = setUp();
    const camera = track("video");
    publisher.send("camera", { track: camera, muted: false });
    // what is asked for may come before the answer that names the track
    publisher.askCodec("camera-id", { codec: "VP8", backup: "H264" });
    publisher.start();
    await settled(2);
    const backup = { mid: "2", source: "camera", backup: true };
    expect(published[0]).not.toContainEqual(backup);
    expect(published[1]).toContainEqual(backup);
    expect(peers[0]?.transceivers[2]?.sender.track).toBe(camera);
    expect(peers[0]?.transceivers[2]?.parameters.encodings).toHaveLength(1);
    expect(publisher.trackIds.size).toBe(2);

    const other = track("video");
    publisher.send("camera", { track: other, muted: false });
    expect(peers[0]?.transceivers[2]?.sender.track).toBe(other);

    publisher.askCodec("camera-id", { codec: "VP8", backup: "" });
    await settled(3);
    expect(published[2]).not.toContainEqual(backup);
    expect(peers[0]?.transceivers[2]?.sender.track).toBeNull();

    publisher.askCodec("camera-id", { codec: "VP8", backup: "H264" });
    publisher.askCodec("somebody else", { codec: "VP8", backup: "H264" });
    await settled(4);
    expect(published[3]).toContainEqual(backup);
    expect(peers[0]?.transceivers).toHaveLength(3);
  });

  it("sends nothing of a muted microphone", async () => {
    const { peers, publisher, settled } = setUp();
    publisher.start();
    await settled(1);
    const microphone = peers[0]?.transceivers[0];
    expect(microphone?.parameters.encodings[0]?.active).toBe(false);
    publisher.send("microphone", { track: track("audio"), muted: false });
    await vi.waitFor(() => expect(microphone?.parameters.encodings[0]?.active).toBe(true));
    publisher.send("microphone", { track: track("audio"), muted: true });
    await vi.waitFor(() => expect(microphone?.parameters.encodings[0]?.active).toBe(false));
  });

  it("offers a shared screen with its sound in one go, takes it back, and uses the same lines again", async () => {
    const { peers, published, publisher, settled } = setUp();
    publisher.start();
    await settled(1);
    const share = (): void => {
      publisher.send("screen_audio", { track: track("audio"), muted: false });
      publisher.send("screen", { track: track("video"), muted: false });
    };
    const stop = (): void => {
      publisher.send("screen_audio", { track: null, muted: false });
      publisher.send("screen", { track: null, muted: true });
    };
    share();
    await settled(2);
    expect(published[1]?.map(({ source }) => source)).toEqual([
      "microphone",
      "camera",
      "screen_audio",
      "screen",
    ]);
    stop();
    await settled(3);
    expect(published[2]?.map(({ source }) => source)).toEqual(["microphone", "camera"]);
    share();
    await settled(4);
    expect(published[3]?.map(({ mid }) => mid)).toEqual(["0", "1", "2", "3"]);
    expect(peers[0]?.transceivers).toHaveLength(4);
  });

  it("puts changes during a negotiation into the next one", async () => {
    const { peers, port, published, publisher, settled } = setUp();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const usual = port.publish.getMockImplementation();
    port.publish.mockImplementationOnce(async (sdp, media) => {
      await gate;
      return (usual as NonNullable<typeof usual>)(sdp, media);
    });
    publisher.start();
    await vi.waitFor(() => expect(port.publish).toHaveBeenCalledTimes(1));
    publisher.send("screen", { track: track("video"), muted: false });
    publisher.send("screen_audio", { track: track("audio"), muted: false });
    release();
    await settled(2);
    expect(published[0]).toHaveLength(2);
    expect(published[1]).toHaveLength(4);
    expect(peers[0]?.offers).toBe(2);
  });

  it("tells what changed while the offer was on its way", async () => {
    const { port, publisher, settled } = setUp();
    publisher.start();
    publisher.send("microphone", { track: track("audio"), muted: false });
    await settled(1);
    publisher.send("microphone", { track: track("audio"), muted: true });
    expect(port.setMuted.mock.calls.at(-1)).toEqual(["microphone-id", true]);
  });

  it("makes a lost offer again when the line is back, and keeps a connection that stands", async () => {
    const { peers, port, publisher, settled } = setUp();
    port.publish.mockRejectedValueOnce(new Refusal("unavailable"));
    publisher.start();
    await vi.waitFor(() => expect(publisher.isOffering).toBe(false));
    publisher.resume();
    await settled(1);
    publisher.resume();
    await settled(1);
    expect(peers).toHaveLength(1);
  });

  it("does not tell the room what a moderator has just done", async () => {
    const { port, publisher, settled } = setUp();
    publisher.send("microphone", { track: track("audio"), muted: false });
    publisher.start();
    await settled(1);
    publisher.mutedByRoom("microphone", true);
    publisher.send("microphone", { track: track("audio"), muted: true });
    expect(port.setMuted).not.toHaveBeenCalled();
  });

  it("repairs by ICE restarts first, then by a connection made anew", async () => {
    const { clock, peers, publisher, settled } = setUp();
    publisher.start();
    await settled(1);
    peers[0]?.become("failed");
    clock.advance(0);
    await settled(2);
    expect(peers[0]?.restarts).toBe(1);
    clock.advance(2_000);
    await settled(3);
    clock.advance(4_000);
    await settled(4);
    expect(peers).toHaveLength(2);
    expect(peers[0]?.connectionState).toBe("closed");
  });

  it("offers only what the seat may send", async () => {
    const { published, publisher, settled } = setUp();
    publisher.start();
    expect(publisher.allow(["microphone"])).toBe(false);
    publisher.start();
    await vi.waitFor(() =>
      expect(published.at(-1)).toEqual([{ mid: "0", source: "microphone", muted: true }]),
    );
    expect(publisher.allow(["microphone"])).toBe(true);
    await vi.waitFor(() => expect(publisher.isOffering).toBe(false));
    publisher.send("screen", { track: track("video"), muted: false });
    await settled(published.length);
  });
});
