/** The mids of the media sections that an offer of ours sends on (RFC 8829, 5.2.1: direction attributes). */
export function sendingMids(sdp: string): ReadonlySet<string> {
  const mids = new Set<string>();
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    if (mid !== undefined && /^a=send(only|recv)\s*$/m.test(section)) mids.add(mid);
  }
  return mids;
}
