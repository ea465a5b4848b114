/**
 * A peer connection for unit tests of what stands around it: it makes and takes descriptions of the right form and
 * carries nothing.  What real ones do is tested in real browsers (tests/e2e).
 */
export class ScriptedPeer extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  signalingState: RTCSignalingState = "stable";
  readonly transceivers: ScriptedTransceiver[] = [];
  readonly remote: string[] = [];
  /** What its candidate pairs have received so far. */
  bytes = 0;
  offers = 0;
  restarts = 0;

  addTransceiver(
    track: MediaStreamTrack | string,
    init: { direction: RTCRtpTransceiverDirection; sendEncodings?: RTCRtpEncodingParameters[] },
  ): ScriptedTransceiver {
    const transceiver = new ScriptedTransceiver(
      typeof track === "string" ? null : track,
      init.direction,
      init.sendEncodings,
    );
    this.transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(): object {
    return { readyState: "connecting" };
  }

  getTransceivers(): ScriptedTransceiver[] {
    return this.transceivers;
  }

  createOffer({ iceRestart }: { iceRestart: boolean }): Promise<RTCSessionDescriptionInit> {
    this.offers += 1;
    if (iceRestart) this.restarts += 1;
    return Promise.resolve({ type: "offer", sdp: this.#sdp() });
  }

  createAnswer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: "answer", sdp: "answer" });
  }

  setLocalDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    this.transceivers.forEach((transceiver, index) => {
      transceiver.mid ??= String(index);
    });
    return Promise.resolve();
  }

  setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    this.remote.push(sdp ?? "");
    // One received line for each mid that the test's offer names.
    if (type === "offer")
      for (const [, mid] of (sdp ?? "").matchAll(/a=mid:(\S+)/g))
        if (!this.transceivers.some((known) => known.mid === mid)) {
          const received = new ScriptedTransceiver(null, "recvonly");
          received.mid = mid ?? null;
          this.transceivers.push(received);
        }
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map([["pair", { type: "candidate-pair", bytesReceived: this.bytes }]]));
  }

  setConfiguration(): void {
    // Nothing is gathered.
  }

  close(): void {
    this.connectionState = "closed";
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  #sdp(): string {
    return this.transceivers
      .map(({ direction }, index) => `m=x 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:${index}\r\na=${direction}\r\n`)
      .join("");
  }
}

export class ScriptedTransceiver {
  mid: string | null = null;
  readonly receiver = { track: { kind: "video", id: Math.random().toString(36) } };
  readonly sender: {
    track: MediaStreamTrack | null;
    replaceTrack(track: MediaStreamTrack | null): Promise<void>;
    getParameters(): RTCRtpSendParameters;
    setParameters: (parameters: RTCRtpSendParameters) => Promise<void>;
  };
  /** What is set on the sender now; a test may change what was negotiated. */
  parameters: RTCRtpSendParameters;

  constructor(
    track: MediaStreamTrack | null,
    public direction: RTCRtpTransceiverDirection,
    encodings: RTCRtpEncodingParameters[] = [{}],
  ) {
    this.parameters = {
      encodings,
      codecs: [{ mimeType: "video/VP8", clockRate: 90_000, payloadType: 96 }],
      headerExtensions: [],
      rtcp: {},
      transactionId: "",
    };
    this.sender = {
      track,
      replaceTrack: (next) => {
        this.sender.track = next;
        return Promise.resolve();
      },
      getParameters: () => structuredClone(this.parameters),
      setParameters: (parameters) => {
        this.parameters = structuredClone(parameters);
        return Promise.resolve();
      },
    };
  }
}
