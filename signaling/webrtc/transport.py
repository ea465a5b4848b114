"""The transport half of an SDP: ICE-lite credentials and candidates, the DTLS fingerprint, BUNDLE.

One port, UDP or TCP, carries everything (RFC 9143, RFC 5761), all candidates are inline and final, and we are always
the DTLS server: Chromium as server would pick an SRTP profile that costs us several times more (design notes, media).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from .sdp import Fingerprint, Media, SdpError, SessionDescription

UDP_PREFERENCE: Final = 100  # below 126, see below
TCP_PREFERENCE: Final = 90
TCP_PASSIVE: Final = " tcptype passive"
# What a restart finds is taken at once.  libwebrtc waits a second before it leaves a way of the same worth, so that of
# ours rises with every restart: a pair counts as its lesser half (RFC 8445 6.1.2.3), which is ours while it is below
# that of a peer's reflexive candidate, 110.  Before that counts the cost of both halves, where a browser that has lost
# its interfaces takes 999 for its own.  Others skip the cost (RFC 8839 5.1: unknown extensions are ignored).
FIRST_PREFERENCE: Final = 4_000
RESTART_PREFERENCE: Final = 16
RESTARTS_MAX: Final = 250  # further ones are equal
FIRST_COST: Final = 999


class Candidate(Struct, frozen=True):
    """A host candidate on our port (RFC 8839 5.1); over TCP it is passive: we listen (RFC 6544 4.5)."""

    address: str
    port: int
    tcp: bool = False


class LocalTransport(Struct, frozen=True):
    """What we tell the peer of our side.  `restarts`: how often ICE was restarted on this connection."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    candidates: tuple[Candidate, ...]
    restarts: int = 0


class RemoteTransport(Struct, frozen=True):
    """What the peer told of its side.  An ICE-lite agent needs no password of the peer: it only shows restarts."""

    ufrag: str
    password: str
    fingerprints: tuple[Fingerprint, ...]
    session_id: str

    def same_connection(self, other: RemoteTransport) -> bool:
        """Whether both come from one RTCPeerConnection: it keeps its certificate and its o= id (RFC 9429 5.2.1).

        aiortc takes a new id each time; then the ICE credentials tell.
        """
        same_id = self.session_id == other.session_id or not self.restarts_ice(other)
        return same_id and self.fingerprints == other.fingerprints

    def restarts_ice(self, former: RemoteTransport) -> bool:
        """RFC 8839 4.4.1.1.1: a change of both is an ICE restart."""
        return (self.ufrag, self.password) != (former.ufrag, former.password)


def remote_transport(description: SessionDescription, setups: Sequence[str]) -> RemoteTransport:
    """The one transport of a bundled description.  `setups`: the DTLS roles that the peer may claim (RFC 8842 5.1).

    Raises SdpError when the sections do not share one transport or the peer cannot be the DTLS client.
    """
    active = [media for media in description.media if not media.rejected]
    if not active:
        raise SdpError("no media section")
    if description.ice_lite:
        raise SdpError("both sides are ICE-lite")  # RFC 8445 6.1.1 allows it, but then nobody sends checks to a server
    tagged = active[0]
    if len(active) > 1:
        missing = [media.mid for media in active if not media.mid or media.mid not in description.bundle]
        if missing:
            raise SdpError("BUNDLE is required for all media sections")
        by_mid = {media.mid: media for media in active}
        tagged = next((by_mid[mid] for mid in description.bundle if mid in by_mid), tagged)
    for media in active:
        if media.kind in ("audio", "video") and not media.rtcp_mux:
            raise SdpError("rtcp-mux is required")
    if not tagged.ice_ufrag or not tagged.ice_password:
        raise SdpError("ICE credentials are missing")
    if not tagged.fingerprints:
        raise SdpError("no DTLS fingerprint that we can check")
    if (tagged.setup or "actpass") not in setups:
        raise SdpError("the peer must take the active DTLS role")
    return RemoteTransport(tagged.ice_ufrag, tagged.ice_password, tagged.fingerprints, description.session_id)


def session_lines(local: LocalTransport, origin_id: int, version: int, bundle: Iterable[str]) -> list[str]:
    mids = " ".join(bundle)
    return [
        "v=0",
        f"o=- {origin_id} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *([f"a=group:BUNDLE {mids}"] if mids else []),
        "a=msid-semantic: WMS *",
        "a=ice-lite",
        f"a=fingerprint:{local.fingerprint.algorithm} {local.fingerprint.value}",
    ]


def media_line(kind: str, protocol: str, payloads: Iterable[object], local: LocalTransport) -> list[str]:
    """m= and c= with our first candidate as the default (RFC 8839 4.2.1.2)."""
    first = local.candidates[0]
    family = "IP6" if ipaddress.ip_address(first.address).version == 6 else "IP4"
    formats = " ".join(str(payload) for payload in payloads)
    return [f"m={kind} {first.port} {protocol} {formats}", f"c=IN {family} {first.address}"]


def rejected_lines(media: Media) -> list[str]:
    """A section refused in an answer: port 0, formats repeated (RFC 3264 6)."""
    lines = [f"m={media.kind} 0 {media.protocol} {' '.join(media.payloads)}", "c=IN IP4 0.0.0.0", "a=inactive"]
    return lines if not media.mid else [*lines, f"a=mid:{media.mid}"]


def ice_lines(local: LocalTransport, setup: str) -> list[str]:
    """Credentials and candidates, repeated in each section: RFC 9143 7.2.1 wants them once, but aiortc reads the last
    section of a kind only, and everybody else takes them from where they are first."""
    credentials = [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}", f"a=setup:{setup}"]
    return credentials + candidate_lines(local.candidates, local.restarts)


def candidate_lines(candidates: Sequence[Candidate], restarts: int = 0) -> list[str]:
    """All host candidates, first is best, and the end of them (RFC 8840 8.2).

    TCP comes behind all UDP, for who has no other way: by its type preference, and by the direction in its local
    preference (RFC 8445 5.1.2.1, RFC 6544 4.2).
    """
    lines = []
    cost = 0 if restarts else FIRST_COST
    for index, candidate in enumerate(candidates):
        local = FIRST_PREFERENCE + RESTART_PREFERENCE * min(restarts, RESTARTS_MAX) - index
        preference = (TCP_PREFERENCE << 24) | (((4 << 13) | local) << 8)
        if not candidate.tcp:
            preference = (UDP_PREFERENCE << 24) | (local << 8)
        kind = f"typ host{TCP_PASSIVE if candidate.tcp else ''} network-cost {cost}"
        protocol = "tcp" if candidate.tcp else "udp"
        where = f"{candidate.address} {candidate.port}"
        lines.append(f"a=candidate:{index + 1} 1 {protocol} {preference | 255} {where} {kind}")
    return [*lines, "a=end-of-candidates"]


def ice_fragment(local: LocalTransport, mid: str) -> str:
    """The body that answers an ICE restart over HTTP (RFC 9725 4.3.3, RFC 8840 9)."""
    lines = ["a=ice-lite", f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}"]
    if mid:
        lines += ["m=audio 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}"]
    return "\r\n".join([*lines, *candidate_lines(local.candidates, local.restarts)]) + "\r\n"


def text(lines: Iterable[str]) -> str:
    """The description.  Candidates are repeated in each section (see ice_lines), but those of TCP stay in the first
    that has any, which is the tagged one: with several addresses they would double a large room's description."""
    kept: list[str] = []
    seen: set[str] = set()
    for line in lines:
        if TCP_PASSIVE in line:
            if line in seen:
                continue
            seen.add(line)
        kept.append(line)
    return "\r\n".join(kept) + "\r\n"
