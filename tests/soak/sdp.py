"""The SDP that a synthetic participant says: one microphone and one camera out, whatever is offered in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.bench.sdp import TRANSPORT_CC_URI

from .line import Line
from .media import (
    AUDIO_PAYLOAD_TYPE,
    LEVEL_ID,
    MID_ID,
    RID_ID,
    RTX_PAYLOAD_TYPE,
    TRANSPORT_CC_ID,
    VIDEO_PAYLOAD_TYPE,
)

AUDIO_MID = "0"
VIDEO_MID = "1"
_COPIED = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=extmap-allow-mixed")
_EXTENSIONS = (
    f"a=extmap:{MID_ID} urn:ietf:params:rtp-hdrext:sdes:mid",
    f"a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC_URI}",
)
_SSRC = re.compile(r"^a=ssrc:(\d+) ", re.MULTILINE)


def publishing_offer(line: Line, fingerprint: str, audio_ssrc: int, rids: tuple[str, ...]) -> str:
    """A camera in simulcast announces no SSRCs (RFC 8853 5.5), as browsers do; without rids there is none."""
    audio = [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {AUDIO_PAYLOAD_TYPE}",
        *_transport(line, fingerprint, AUDIO_MID, "sendonly", "actpass"),
        *_EXTENSIONS,
        f"a=extmap:{LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        f"a=rtpmap:{AUDIO_PAYLOAD_TYPE} opus/48000/2",
        f"a=rtcp-fb:{AUDIO_PAYLOAD_TYPE} transport-cc",
        "a=msid:soak microphone",
        f"a=ssrc:{audio_ssrc} cname:soak",
    ]
    if not rids:
        return _text([*_session(line, (AUDIO_MID,)), *audio])
    video = [
        f"m=video 9 UDP/TLS/RTP/SAVPF {VIDEO_PAYLOAD_TYPE} {RTX_PAYLOAD_TYPE}",
        *_transport(line, fingerprint, VIDEO_MID, "sendonly", "actpass"),
        *_EXTENSIONS,
        f"a=extmap:{RID_ID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        f"a=rtpmap:{VIDEO_PAYLOAD_TYPE} VP8/90000",
        *(f"a=rtcp-fb:{VIDEO_PAYLOAD_TYPE} {one}" for one in ("transport-cc", "ccm fir", "nack", "nack pli")),
        f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000",
        f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={VIDEO_PAYLOAD_TYPE}",
        "a=msid:soak camera",
        *(f"a=rid:{rid} send" for rid in rids),
        f"a=simulcast:send {';'.join(rids)}",
    ]
    return _text([*_session(line, (AUDIO_MID, VIDEO_MID)), *audio, *video])


def rids_accepted(answer: str) -> tuple[str, ...]:
    """What the answer takes in simulcast (RFC 8853 5.1); empty when it takes one encoding."""
    found = re.search(r"^a=simulcast:recv (\S+)", answer, re.MULTILINE)
    return tuple(found[1].replace("~", "").split(";")) if found else ()


@dataclass(frozen=True)
class Section:
    mid: str
    ssrc: int  # 0: nothing is sent in it


def subscribing_answer(offer: str, line: Line, fingerprint: str) -> tuple[str, tuple[Section, ...]]:
    """Take all that is offered."""
    head, *rest = re.split(r"(?m)^(?=m=)", offer.replace("\r\n", "\n"))
    del head
    lines: list[str] = []
    bundle: list[str] = []
    sections: list[Section] = []
    for text in rest:
        first, *attributes = text.strip().split("\n")
        kind, port, protocol, *payloads = first[2:].split()
        mid = next(one[len("a=mid:") :] for one in attributes if one.startswith("a=mid:"))
        if port == "0":
            lines += [f"m={kind} 0 {protocol} {' '.join(payloads)}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=inactive"]
            continue
        sends = "a=sendonly" in attributes
        ssrc = _SSRC.search(text)
        bundle.append(mid)
        sections.append(Section(mid, int(ssrc[1]) if ssrc and sends else 0))
        lines.append(f"m={kind} 9 {protocol} {' '.join(payloads)}")
        lines += _transport(line, fingerprint, mid, "recvonly" if sends else "inactive", "active")
        lines += [one for one in attributes if one.startswith(_COPIED)]
    return _text([*_session(line, tuple(bundle)), *lines]), tuple(sections)


def _session(line: Line, mids: tuple[str, ...]) -> list[str]:
    return ["v=0", f"o=- {line.session_id} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]


def _transport(line: Line, fingerprint: str, mid: str, direction: str, setup: str) -> list[str]:
    return [
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        f"a=ice-ufrag:{line.ufrag}",
        f"a=ice-pwd:{line.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        f"a=setup:{setup}",
        f"a={direction}",
        "a=rtcp-mux",
    ]


def _text(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
