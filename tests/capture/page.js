// Calls the capturing peer: makes an offer with a camera and a microphone, takes its answer.  `window.capture` drives it.
window.capture = {
  async offer({ codec, rids, data, mode, bps, width = 1280, height = 720, rate }) {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height, frameRate: rate } });
    const pc = (this.pc = new RTCPeerConnection());
    if (data) pc.createDataChannel("captured", { negotiated: true, id: 0 }).onopen = (open) => open.target.send("hello");
    pc.addTransceiver(media.getAudioTracks()[0], { direction: "sendrecv", streams: [media] });
    const sendEncodings = rids.map((rid, at) => ({ rid, scaleResolutionDownBy: 2 ** (rids.length - 1 - at) }));
    if (mode) sendEncodings.push({ scalabilityMode: mode, maxBitrate: bps });
    const video = pc.addTransceiver(media.getVideoTracks()[0], {
      direction: "sendrecv",
      streams: [media],
      ...(sendEncodings.length ? { sendEncodings } : {}),
    });
    const known = RTCRtpReceiver.getCapabilities("video").codecs;
    const wanted = known.filter((one) => one.mimeType === codec);
    if (wanted.length && video.setCodecPreferences) {
      try {
        video.setCodecPreferences([...wanted, ...known.filter((one) => one.mimeType === "video/rtx")]);
      } catch {
        // Firefox without H264: it offers what it has
      }
    }
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  /** Offers the dependency descriptor, which Chromium does by itself only in simulcast. */
  describe(video) {
    const extensions = video.getHeaderExtensionsToNegotiate();
    for (const extension of extensions)
      if (extension.uri.includes("dependency-descriptor")) extension.direction = "sendrecv";
    video.setHeaderExtensionsToNegotiate(extensions);
  },
  async sent() {
    const stats = [...(await this.pc.getStats()).values()].find((one) => one.type === "outbound-rtp" && one.kind === "video");
    const { framesEncoded, frameWidth, frameHeight, scalabilityMode, qualityLimitationReason, encoderImplementation } = stats;
    return { framesEncoded, frameWidth, frameHeight, scalabilityMode, qualityLimitationReason, encoderImplementation };
  },
  async accept(sdp) {
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  },
  close() {
    this.pc.close();
  },
};
