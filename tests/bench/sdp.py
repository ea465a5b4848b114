"""The few SDP lines a load peer says and reads: m-lines of VP8 or Opus, BUNDLE, rtcp-mux."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .peer import Peer

RTX_PAYLOAD_TYPE = 97
TRANSPORT_CC_ID = 3
TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
PAYLOAD_TYPES = {"video": 96, "audio": 111}
PAYLOAD_TYPE = PAYLOAD_TYPES["video"]


@dataclass(frozen=True)
class Remote:
    address: tuple[str, int]
    ufrag: str
    password: str


def _formats(kind: str) -> list[str]:
    if kind == "audio":
        number = PAYLOAD_TYPES["audio"]
        return [f"a=rtpmap:{number} opus/48000/2", f"a=rtcp-fb:{number} transport-cc"]
    number = PAYLOAD_TYPES["video"]
    feedback = [f"a=rtcp-fb:{number} {text}" for text in ("transport-cc", "ccm fir", "nack", "nack pli")]
    rtx = [f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000", f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={number}"]
    return [f"a=rtpmap:{number} VP8/90000", *feedback, *rtx]


def describe(
    peer: Peer,
    fingerprint: str,
    *,
    direction: str,
    setup: str,
    kind: str = "video",
    ssrc: int = 0,
    mids: Sequence[str] = ("0",),
) -> str:
    """An offer or answer with one section for each mid."""
    host, port = peer.socket.getsockname()
    payloads = str(PAYLOAD_TYPES[kind]) + (f" {RTX_PAYLOAD_TYPE}" if kind == "video" else "")
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=msid-semantic: WMS load",
    ]
    for mid in mids:
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {payloads}",
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
            *_formats(kind),
        ]
    if ssrc:
        lines += [f"a=msid:load {kind}{ssrc}", f"a=ssrc:{ssrc} cname:load{ssrc}"]
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


def read_mids(sdp: str) -> list[str]:
    return re.findall(r"^a=mid:(\S+)", sdp, re.MULTILINE)
