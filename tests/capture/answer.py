"""The capturing peer's answer: everything that a browser offers, received and sent back, by an ICE-lite DTLS client."""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEPT = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=mid:", "a=sctp-port:", "a=extmap-allow-mixed")
_MIRRORED = {"a=rid:": ("send", "recv"), "a=simulcast:": ("send", "recv")}


@dataclass(frozen=True)
class Offer:
    ufrag: str
    password: str
    payload_types: dict[int, str]  # -> codec, lower case
    kinds: dict[int, str]  # payload type -> audio or video


def read(sdp: str) -> Offer:
    payload_types, kinds, kind = {}, {}, ""
    for line in sdp.splitlines():
        if line.startswith("m="):
            kind = line[2:].split()[0]
        if found := re.match(r"a=rtpmap:(\d+) ([^/]+)/", line):
            payload_types[int(found[1])] = found[2].lower()
            kinds[int(found[1])] = kind
    ufrag = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.MULTILINE)
    password = re.search(r"^a=ice-pwd:(\S+)", sdp, re.MULTILINE)
    assert ufrag is not None
    assert password is not None
    return Offer(ufrag[1], password[1], payload_types, kinds)


def write(offer: str, host: tuple[str, int], credentials: tuple[str, str], fingerprint: str, ssrcs: list[int]) -> str:
    """`ssrcs`: of the audio and of the video that are sent back."""
    head, *sections = re.split(r"(?m)^(?=m=)", offer.replace("\r\n", "\n"))
    bundle = next(line for line in head.splitlines() if line.startswith("a=group:BUNDLE"))
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", bundle, "a=ice-lite", "a=msid-semantic: WMS *"]
    lines += [line for line in head.splitlines() if line == "a=extmap-allow-mixed"]
    left = list(ssrcs)
    for section in sections:
        first, *attributes = section.strip().split("\n")
        kind, _, *rest = first[2:].split()
        lines += [f"m={kind} {host[1]} {' '.join(rest)}", f"c=IN IP4 {host[0]}"]
        lines += [f"a=ice-ufrag:{credentials[0]}", f"a=ice-pwd:{credentials[1]}"]
        lines += [f"a=fingerprint:sha-256 {fingerprint}", "a=setup:active"]
        lines.append(f"a=candidate:1 1 udp 2130706431 {host[0]} {host[1]} typ host")
        lines += [line for line in attributes if line.startswith(_KEPT)]
        for begin, (theirs, ours) in _MIRRORED.items():
            lines += [line.replace(f" {theirs}", f" {ours}").replace(f":{theirs}", f":{ours}")
                      for line in attributes if line.startswith(begin)]  # fmt: skip
        if kind in ("audio", "video"):
            ssrc = left.pop(0)
            lines += ["a=sendrecv", "a=rtcp-mux", "a=rtcp-rsize", f"a=msid:back {kind}"]
            lines.append(f"a=ssrc:{ssrc} cname:back")
    return "\r\n".join(lines) + "\r\n"


def at_once(answer: str) -> str:
    """The same answer, for a sender that is to send all its layers from the beginning: without transport-wide feedback,
    which this peer does not give, and with Chromium's own parameters of a start well above what is needed."""
    lines = [line for line in answer.splitlines() if "transport-cc" not in line and "transport-wide-cc" not in line]
    start = ";x-google-start-bitrate=3000;x-google-min-bitrate=1500"
    seen = {line.split()[0] for line in lines if line.startswith("a=fmtp:")}
    lines = [line + start if line.startswith("a=fmtp:") and "apt=" not in line else line for line in lines]
    video = [re.match(r"a=rtpmap:(\d+) (?:VP8|VP9|AV1|H264)/", line) for line in lines]
    return (
        "\r\n".join(
            text
            for line, found in zip(lines, video, strict=True)
            for text in [
                line,
                *([f"a=fmtp:{found[1]} {start[1:]}"] if found and f"a=fmtp:{found[1]}" not in seen else []),
            ]
        )
        + "\r\n"
    )
