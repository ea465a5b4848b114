/** The mids of the media sections that an offer of ours sends on (RFC 8829, 5.2.1: direction attributes). */
export function sendingMids(sdp: string): ReadonlySet<string> {
  const mids = new Set<string>();
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    if (mid !== undefined && /^a=send(only|recv)\s*$/m.test(section)) mids.add(mid);
  }
  return mids;
}

/**
 * The offer as the server sees it, asking for discontinuous transmission of the microphone (RFC 7587, 6.1 `usedtx`):
 * the encoder does what the answer says, and silence then costs almost nothing.
 */
export function askForDtx(sdp: string, microphoneMid: string): string {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) => {
      if (!new RegExp(`^a=mid:${microphoneMid}\\s*$`, "m").test(section)) return section;
      const payload = /^a=rtpmap:(\d+) opus\/48000/im.exec(section)?.[1];
      if (payload === undefined || section.includes("usedtx=")) return section;
      return section.replace(new RegExp(`^(a=fmtp:${payload} [^\\r\\n]*)`, "m"), "$1;usedtx=1");
    })
    .join("");
}
