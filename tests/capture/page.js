// Calls the capturing peer: makes an offer with a camera and a microphone, takes its answer.  `window.capture` drives it.
window.capture = {
  async offer({ codec, rids, data }) {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
    const pc = (this.pc = new RTCPeerConnection());
    if (data) pc.createDataChannel("captured", { negotiated: true, id: 0 }).onopen = (open) => open.target.send("hello");
    pc.addTransceiver(media.getAudioTracks()[0], { direction: "sendrecv", streams: [media] });
    const sendEncodings = rids.map((rid, at) => ({ rid, scaleResolutionDownBy: 2 ** (rids.length - 1 - at) }));
    const video = pc.addTransceiver(media.getVideoTracks()[0], {
      direction: "sendrecv",
      streams: [media],
      ...(rids.length ? { sendEncodings } : {}),
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
  async accept(sdp) {
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  },
  close() {
    this.pc.close();
  },
};
