/**
 * The answer with discontinuous transmission and in-band error correction switched on for Opus: an encoder does what the
 * other side's `fmtp` says it likes (RFC 7587, 7).  Silence then costs almost nothing.
 */
export function preferEconomicOpus(sdp: string): string {
  const payloads = new Set(
    [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map((match) => match[1] ?? ""),
  );
  const lines = sdp.split("\r\n").flatMap((line) => {
    const rtpmap = /^a=rtpmap:(\d+) opus\/48000/i.exec(line);
    if (rtpmap?.[1] && !new RegExp(`^a=fmtp:${rtpmap[1]} `, "m").test(sdp))
      return [line, `a=fmtp:${rtpmap[1]} useinbandfec=1;usedtx=1`];
    const fmtp = /^a=fmtp:(\d+) (.*)$/.exec(line);
    if (!fmtp?.[1] || !payloads.has(fmtp[1])) return [line];
    const settings = new Map((fmtp[2] ?? "").split(";").map((part) => splitSetting(part)));
    settings.set("useinbandfec", "1");
    settings.set("usedtx", "1");
    return [`a=fmtp:${fmtp[1]} ${[...settings].map(([key, value]) => `${key}=${value}`).join(";")}`];
  });
  return lines.join("\r\n");
}

function splitSetting(part: string): [string, string] {
  const [key = "", value = ""] = part.trim().split("=", 2);
  return [key, value];
}
