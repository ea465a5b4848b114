import type { Abilities, CheckupPort } from "./checkup";
import { createTestPicture } from "./picture";

const SOCKET_WITHIN_MS = 5_000;

/** The real browser, as a checkup needs it. */
export function browserPort(): CheckupPort {
  return {
    isSecureContext: window.isSecureContext,
    hasWebRtc: "RTCPeerConnection" in window,
    hasDevices: "mediaDevices" in navigator,
    // A checkup tries the media path itself, with pictures, each way alone.
    probeMedia: () => Promise.resolve(null),
    createPeer: (configuration) => new RTCPeerConnection(configuration),
    createPicture: createTestPicture,
    abilities: browserAbilities,
    opensSocket,
  };
}

async function browserAbilities(): Promise<Abilities> {
  const codecs = "RTCRtpReceiver" in window ? (RTCRtpReceiver.getCapabilities("video")?.codecs ?? []) : [];
  const names = codecs.map(({ mimeType }) => mimeType.replace(/^video\//i, ""));
  return {
    videoCodecs: ["VP8", "H264", "VP9", "AV1"].filter((name) => names.includes(name)),
    screenShare: "mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices,
    encryption: "RTCRtpScriptTransform" in window,
    camera: await permission("camera"),
    microphone: await permission("microphone"),
  };
}

async function permission(name: "camera" | "microphone"): Promise<PermissionState | null> {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return null; // not told, as in Firefox before 131
  }
}

function opensSocket(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
    const settle = (opened: boolean): void => {
      clearTimeout(timer);
      socket.onopen = socket.onerror = socket.onclose = null;
      socket.close();
      resolve(opened);
    };
    const timer = setTimeout(() => settle(false), SOCKET_WITHIN_MS);
    socket.onopen = () => settle(true);
    socket.onerror = socket.onclose = () => settle(false);
  });
}
