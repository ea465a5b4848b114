import { ApiError, type Api } from "../api";
import type { Clock } from "../clock";
import { samplePeer } from "../media/stats";
import {
  hasCandidate,
  isRelayed,
  measured,
  notTried,
  onlyWay,
  relaysOf,
  type Reading,
  type Way,
  type WayResult,
} from "./ways";

/** What trying a way needs of the browser. */
export interface WayPort {
  createPeer(configuration: RTCConfiguration): RTCPeerConnection;
  /** A picture that never stands still, so that the encoder fills the rate it is given; `stop` ends it. */
  createPicture(): { readonly track: MediaStreamTrack; stop(): void };
}

/** More than a meeting's camera takes, less than a line's whole capacity: the test is not there to fill it. */
export const UP_CAP_KBITS = 2_500;
const CONNECT_WITHIN_MS = 7_000;
const READ_EVERY_MS = 500;
/** RFC 8489 14.8, said by a relay that does not know the credentials. */
const UNAUTHORIZED = 401;

/**
 * Sends a picture to the server and back over this way alone for `durationMs`.  Never rejects: whatever goes wrong is a
 * result.  A relay that refuses is asked once more: coturn, just started, may refuse the first of two that come together.
 */
export async function tryWay(...call: Parameters<typeof tryOnce>): Promise<WayResult> {
  const result = await tryOnce(...call);
  return result.state === "denied" ? tryOnce(...call) : result;
}

async function tryOnce(
  way: Way,
  durationMs: number,
  api: Api,
  port: WayPort,
  clock: Clock,
): Promise<WayResult> {
  const sender = port.createPeer({});
  const viewer = port.createPeer({});
  const picture = port.createPicture();
  let id = "";
  try {
    sender.addTransceiver(picture.track, {
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: UP_CAP_KBITS * 1_000 }],
    });
    viewer.addTransceiver("video", { direction: "recvonly" });
    const [publish, view] = await Promise.all([sender.createOffer(), viewer.createOffer()]);
    const answer = await api.openTestCall({ publish: publish.sdp ?? "", view: view.sdp ?? "" });
    id = answer.id;
    const relays = relaysOf(way, answer.ice_servers);
    const answers = [onlyWay(answer.publish, way), onlyWay(answer.view, way)] as const;
    if (isRelayed(way) ? relays.length === 0 : !answers.every(hasCandidate)) return notTried(way, "absent");
    if (isRelayed(way))
      for (const peer of [sender, viewer])
        peer.setConfiguration({ iceServers: relays, iceTransportPolicy: "relay" });
    const refusals: number[] = [];
    for (const peer of [sender, viewer])
      peer.onicecandidateerror = ({ errorCode }) => refusals.push(errorCode);
    const began = clock.now();
    await sender.setLocalDescription(publish);
    await viewer.setLocalDescription(view);
    await sender.setRemoteDescription({ type: "answer", sdp: answers[0] });
    await viewer.setRemoteDescription({ type: "answer", sdp: answers[1] });
    const stands = await Promise.all([connected(sender, clock), connected(viewer, clock)]);
    if (!stands.every(Boolean)) return notTried(way, refusals.includes(UNAUTHORIZED) ? "denied" : "blocked");
    const connectMs = Math.round(clock.now() - began);
    const readings: Reading[] = [];
    while (clock.now() - began < connectMs + durationMs) {
      await wait(READ_EVERY_MS, clock);
      readings.push(await read(sender, viewer, clock));
    }
    return measured(way, connectMs, readings, UP_CAP_KBITS);
  } catch (cause) {
    if (cause instanceof ApiError && cause.code !== "media_rejected") return notTried(way, "refused");
    return notTried(way, "blocked");
  } finally {
    picture.stop();
    sender.close();
    viewer.close();
    if (id) void api.endTestCall(id).catch(() => undefined);
  }
}

function wait(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

function connected(peer: RTCPeerConnection, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(CONNECT_WITHIN_MS, () => settle(false));
    const settle = (result: boolean): void => {
      cancel();
      peer.onconnectionstatechange = peer.onicegatheringstatechange = null;
      resolve(result);
    };
    const look = (): void => {
      if (peer.connectionState === "connected") settle(true);
      else if (peer.connectionState === "failed" || peer.connectionState === "closed") settle(false);
      // A relay that refuses leaves the browser without any address to try from, which it does not call a failure.
      else if (peer.iceGatheringState === "complete" && !hasCandidate(peer.localDescription?.sdp ?? ""))
        settle(false);
    };
    peer.onconnectionstatechange = peer.onicegatheringstatechange = look;
    look();
  });
}

async function read(sender: RTCPeerConnection, viewer: RTCPeerConnection, clock: Clock): Promise<Reading> {
  const [sent, seen] = await Promise.all([
    samplePeer(sender, "outbound", clock),
    samplePeer(viewer, "inbound", clock),
  ]);
  return { sent, seen };
}
