export const encoders = {
  title: "Encoders",
  text: "OBS, a hardware encoder or FFmpeg sends to the stage with a stream key. It appears behind the scenes under this name; the audience sees it once you bring it on stage.",
  none: "No stream keys yet",
  name: "Name on the stage",
  make: "Make a stream key",
  states: { idle: "Not sending", sending: "Sending", awaited: "Line lost, its place is kept" },
  secret: "Stream key",
  onlyOnce: (p: { name: string }) =>
    `“${p.name}”: copy this now. It is not shown again; whoever has it can send to your stage.`,
  whip: "WHIP address (the key is the bearer token)",
  rtmp: "RTMP server (the key is the stream key)",
  srt: "SRT address (contains its own passphrase)",
  done: "I have copied it",
  renew: "New key",
  renewAsk: (p: { name: string }) =>
    `Replace the key of “${p.name}”? Whoever sends with the present one is cut off.`,
  revoke: (p: { name: string }) => `Revoke the key of ${p.name}`,
  revokeAsk: (p: { name: string }) => `Revoke the key of “${p.name}”? Whoever sends with it is cut off.`,
  stream: (p: { video: string; audio: string; kbps: number }) =>
    `${[p.video, p.audio].filter(Boolean).join(" + ")}, ${p.kbps} kbit/s`,
  encoded: "encoded anew on the server: switch off B-frames in the encoder to save that",
  jumps: (p: { count: number }) => `its clock jumped ${p.count}×`,
};
