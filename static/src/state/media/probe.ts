/**
 * Whether UDP packets reach a STUN responder at `host:port` and come back: the browser asks for its own address there,
 * and only an answer makes a server-reflexive candidate.  Null when it cannot be told (no answer type in this browser).
 */
export async function probeUdp(
  createPeer: (configuration: RTCConfiguration) => RTCPeerConnection,
  url: string,
  timeoutMs: number,
): Promise<boolean> {
  const peer = createPeer({ iceServers: [{ urls: url }] });
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const settle = (found: boolean): void => {
        clearTimeout(timer);
        resolve(found);
      };
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "srflx") settle(true);
      };
      peer.createDataChannel("probe");
      peer
        .createOffer()
        .then((offer) => peer.setLocalDescription(offer))
        .catch(() => settle(false));
    });
  } finally {
    peer.close();
  }
}
