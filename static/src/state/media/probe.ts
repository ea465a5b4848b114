/** Long enough for a slow line, shorter than anybody waits. */
const PROBE_WAIT_MS = 5_000;

/**
 * Whether UDP packets reach the STUN responder at `url` and come back.  The browser asks there for its own address: an
 * answer makes a server-reflexive candidate (none when it equals a known one, as on a LAN), no answer makes an error.
 * Null when this browser does not tell.
 */
export async function probeUdp(
  createPeer: (configuration: RTCConfiguration) => RTCPeerConnection,
  url: string,
): Promise<boolean | null> {
  const peer = createPeer({ iceServers: [{ urls: url }] });
  try {
    return await new Promise<boolean | null>((resolve) => {
      const timer = setTimeout(() => resolve(false), PROBE_WAIT_MS);
      const settle = (found: boolean | null): void => {
        clearTimeout(timer);
        resolve(found);
      };
      let failed = false;
      peer.onicecandidateerror = () => {
        failed = true;
      };
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "srflx") settle(true);
      };
      peer.onicegatheringstatechange = () => {
        if (peer.iceGatheringState !== "complete") return;
        if (failed) settle(false);
        else settle("RTCPeerConnectionIceErrorEvent" in globalThis ? true : null);
      };
      peer.createDataChannel("probe");
      peer
        .createOffer()
        .then((offer) => peer.setLocalDescription(offer))
        .catch(() => settle(null));
    });
  } finally {
    peer.close();
  }
}
