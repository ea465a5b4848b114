"""The few SDP lines a load peer says and reads: one VP8 m-line, BUNDLE, rtcp-mux."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .peer import Peer

PAYLOAD_TYPE = 96
RTX_PAYLOAD_TYPE = 97
TRANSPORT_CC_ID = 3
TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


@dataclass(frozen=True)
class Remote:
    address: tuple[str, int]
    ufrag: str
    password: str


def describe(peer: Peer, fingerprint: str, *, direction: str, setup: str, ssrc: int = 0, mid: str = "0") -> str:
    """An offer or answer with one video m-line."""
    host, port = peer.socket.getsockname()
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {mid}",
        "a=msid-semantic: WMS load",
        f"m=video 9 UDP/TLS/RTP/SAVPF {PAYLOAD_TYPE} {RTX_PAYLOAD_TYPE}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{peer.ufrag}",
        f"a=ice-pwd:{peer.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        f"a=setup:{setup}",
        f"a=mid:{mid}",
        f"a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC_URI}",
        f"a=candidate:1 1 udp 2130706431 {host} {port} typ host",
        "a=end-of-candidates",
        f"a={direction}",
        "a=rtcp-mux",
        f"a=rtpmap:{PAYLOAD_TYPE} VP8/90000",
        f"a=rtcp-fb:{PAYLOAD_TYPE} transport-cc",
        f"a=rtcp-fb:{PAYLOAD_TYPE} ccm fir",
        f"a=rtcp-fb:{PAYLOAD_TYPE} nack",
        f"a=rtcp-fb:{PAYLOAD_TYPE} nack pli",
        f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000",
        f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={PAYLOAD_TYPE}",
    ]
    if ssrc:
        lines += [f"a=msid:load video{ssrc}", f"a=ssrc:{ssrc} cname:load{ssrc}"]
    return "\r\n".join(lines) + "\r\n"


def read_remote(sdp: str, address: str) -> Remote:
    """ICE credentials and the first UDP candidate; `address` is preferred when several are offered."""

    def one(pattern: str) -> str:
        found = re.search(pattern, sdp, re.MULTILINE)
        if found is None:
            raise ValueError(f"no {pattern} in the answer:\n{sdp}")
        return found.group(1).strip()

    candidates = re.findall(r"^a=candidate:\S+ 1 [uU][dD][pP] \d+ (\S+) (\d+) typ host", sdp, re.MULTILINE)
    usable = [c for c in candidates if c[0] == address] or candidates
    if not usable:
        raise ValueError(f"no UDP host candidate in the answer:\n{sdp}")
    return Remote((usable[0][0], int(usable[0][1])), one(r"^a=ice-ufrag:(.+)$"), one(r"^a=ice-pwd:(.+)$"))


def read_mid(sdp: str) -> str:
    found = re.search(r"^a=mid:(\S+)", sdp, re.MULTILINE)
    return found.group(1) if found else "0"


def read_payload_type(sdp: str) -> int:
    found = re.search(r"^a=rtpmap:(\d+) VP8/90000", sdp, re.MULTILINE | re.IGNORECASE)
    return int(found.group(1)) if found else PAYLOAD_TYPE
