// One side of a call by Janus's videoroom over its HTTP API: what a small page of one's own would do.
async ([room, feed, maxBps]) => {
  const api = async (path, body) => {
    const reply = await fetch(`/janus${path}`, {
      method: "POST",
      body: JSON.stringify({ ...body, transaction: crypto.randomUUID() }),
    }).then((response) => response.json());
    if (reply.janus === "error") throw new Error(JSON.stringify(reply.error));
    return reply;
  };
  const session = (await api("", { janus: "create" })).data.id;
  const handle = (await api(`/${session}`, { janus: "attach", plugin: "janus.plugin.videoroom" })).data.id;
  const waiting = [];
  const poll = async () => {
    for (;;) {
      const events = await fetch(`/janus/${session}?maxev=10`).then((response) => response.json());
      for (const event of events) if (event.janus === "event") waiting.shift()?.(event);
    }
  };
  poll();
  const ask = async (body, jsep) => {
    const answered = new Promise((resolve) => waiting.push(resolve));
    await api(`/${session}/${handle}`, { janus: "message", body, ...(jsep ? { jsep } : {}) });
    const event = await answered;
    const data = event.plugindata.data;
    if (data.error) throw new Error(data.error);
    return event;
  };
  const peer = (window.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
  const gathered = () =>
    new Promise((resolve) => {
      const look = () => peer.iceGatheringState === "complete" && resolve();
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
  if (!feed) {
    const joined = await ask({ request: "join", ptype: "publisher", room });
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    for (const track of media.getTracks()) {
      const { sender } = peer.addTransceiver(track, { direction: "sendonly" });
      if (track.kind === "audio") continue;
      const parameters = sender.getParameters();
      parameters.degradationPreference = "balanced";
      for (const encoding of parameters.encodings) encoding.maxBitrate = maxBps;
      await sender.setParameters(parameters);
    }
    await peer.setLocalDescription();
    await gathered();
    const answer = await ask({ request: "configure", audio: true, video: true }, peer.localDescription.toJSON());
    await peer.setRemoteDescription(answer.jsep);
    return joined.plugindata.data.id;
  }
  const offer = await ask({ request: "join", ptype: "subscriber", room, streams: [{ feed }] });
  peer.addEventListener("track", ({ track }) => {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  });
  await peer.setRemoteDescription(offer.jsep);
  await peer.setLocalDescription();
  await gathered();
  await ask({ request: "start" }, peer.localDescription.toJSON());
  return feed;
}
