"""The offer of a process of ours that publishes for an encoder: what any WHIP client would say.

Nobody completes a handshake with it: its path is keyed by us (sfu/link.py), so that the fingerprint stands for no
certificate.  H.264 is offered as every browser decodes it; a decoder of WebRTC takes Main and High as well.
"""

from __future__ import annotations

import secrets

from signaling.egress.wire import H264_TYPE, OPUS_TYPE


def feeding_offer(*, video: bool, audio: bool) -> str:
    """SDP; the streams are told apart by their payload types."""
    ufrag, password = secrets.token_hex(4), secrets.token_hex(16)
    print_ = ":".join(f"{byte:02X}" for byte in secrets.token_bytes(32))
    common = [
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        f"a=fingerprint:sha-256 {print_}",
        "a=setup:active",
        "a=sendonly",
        "a=rtcp-mux",
    ]
    sections: list[list[str]] = []
    if audio:
        fmtp = f"a=fmtp:{OPUS_TYPE} minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1"
        sections.append([f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS_TYPE}", f"a=rtpmap:{OPUS_TYPE} opus/48000/2", fmtp])
    if video:
        fmtp = f"a=fmtp:{H264_TYPE} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
        feedback = [f"a=rtcp-fb:{H264_TYPE} {kind}" for kind in ("nack", "nack pli", "ccm fir")]
        line = f"m=video 9 UDP/TLS/RTP/SAVPF {H264_TYPE}"
        sections.append([line, f"a=rtpmap:{H264_TYPE} H264/90000", fmtp, *feedback])
    mids = [str(number) for number in range(len(sections))]
    head = ["v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
    body = [
        line
        for mid, (media, *rest) in zip(mids, sections, strict=True)
        for line in (media, *common, f"a=mid:{mid}", *rest)
    ]
    return "\r\n".join([*head, *body, ""])
