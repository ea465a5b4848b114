// One end of a call between two browsers without a server: makes the connection, with or without repair by redundancy.
([repair, maxBps]) => {
  const REDUNDANT = { none: [], delay: [], ulpfec: ["red", "ulpfec"], flexfec: ["flexfec-03"] }[repair];
  const ALL = ["red", "ulpfec", "flexfec-03"];
  const peer = (window.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
  peer.addEventListener("track", ({ track }) => {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  });
  const nameOf = (codec) => codec.mimeType.split("/")[1].toLowerCase();
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => {
    const name = nameOf(codec);
    return name === "vp8" || name === "rtx" || (ALL.includes(name) && REDUNDANT.includes(name));
  });
  const gathered = () =>
    new Promise((resolve) => {
      const look = () => peer.iceGatheringState === "complete" && resolve();
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
  const mine = async () => {
    await peer.setLocalDescription();
    await gathered();
    return peer.localDescription.sdp;
  };
  window.offer = async () => {
    const media = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = media.getVideoTracks();
    await track.applyConstraints({ width: 640, height: 360 });
    const transceiver = peer.addTransceiver(track, { direction: "sendonly" });
    transceiver.setCodecPreferences(codecs);
    const parameters = transceiver.sender.getParameters();
    parameters.degradationPreference = "balanced";
    for (const encoding of parameters.encodings) encoding.maxBitrate = maxBps;
    await transceiver.sender.setParameters(parameters);
    return mine();
  };
  window.answer = async (sdp) => {
    await peer.setRemoteDescription({ type: "offer", sdp });
    for (const transceiver of peer.getTransceivers()) transceiver.setCodecPreferences(codecs);
    return mine();
  };
  window.accept = (sdp) => peer.setRemoteDescription({ type: "answer", sdp });
  window.hold = (target) => {
    for (const receiver of peer.getReceivers()) receiver.jitterBufferTarget = target;
  };
  window.count = async () => {
    const lines = [...(await peer.getStats()).values()];
    const sum = (type, key) =>
      lines
        .filter((line) => line.type === type && (line.kind === "video" || type === "candidate-pair"))
        .reduce((total, line) => total + (line[key] ?? 0), 0);
    return {
      at: performance.now() / 1000,
      decoded: sum("inbound-rtp", "framesDecoded"),
      freezes: sum("inbound-rtp", "freezeCount"),
      frozen_s: sum("inbound-rtp", "totalFreezesDuration"),
      height: Math.max(0, ...lines.map((line) => (line.type === "inbound-rtp" ? (line.frameHeight ?? 0) : 0))),
      redundant_packets: sum("inbound-rtp", "fecPacketsReceived"),
      packets: sum("candidate-pair", "packetsReceived"),
      media_bytes: sum("outbound-rtp", "bytesSent"),
      repeated_bytes: sum("outbound-rtp", "retransmittedBytesSent"),
      sent_bytes: sum("candidate-pair", "bytesSent"),
      encoded: sum("outbound-rtp", "framesEncoded"),
      quantizers: sum("outbound-rtp", "qpSum"),
    };
  };
}
