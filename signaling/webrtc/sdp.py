"""SDP as WebRTC endpoints write it (RFC 8866 as profiled by RFC 9429), parsed once into frozen values.

The input is hostile: sizes are bounded first, every number is range-checked, every name that we may echo is matched
against a token pattern, and work is linear in the size.  Anything wrong raises SdpError; lines that we do not know are
skipped, as RFC 8866 5.13 asks.  aiortc's own parser is not used here because it drops rid, simulcast and extmap
directions, and answers bad input with AssertionError, KeyError or StopIteration.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

SDP_MAX_CHARS: Final = 131_072
LINE_MAX_CHARS: Final = 4_096
MEDIA_MAX: Final = 73  # 72 tracks and one data section
FORMATS_MAX: Final = 128
EXTENSIONS_MAX: Final = 64
SSRCS_MAX: Final = 64
FINGERPRINTS_MAX: Final = 8
RIDS_MAX: Final = 16

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE_UFRAG = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_ICE_PASSWORD = re.compile(r"[A-Za-z0-9+/=_-]{22,256}")
_HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+")
# RFC 8851 10, and what a one-byte header extension carries (RFC 8285 4.2)
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_DIGITS = re.compile(r"[0-9]{1,20}")
_FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


class SdpError(ValueError):
    """The text is not an SDP that this server can take; the message says why."""


class Direction(StrEnum):
    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)


class Format(Struct, frozen=True):
    """One payload type of an audio or video section; `name` is lower case."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: str = ""  # the fmtp text as written
    feedback: frozenset[str] = frozenset()  # "nack", "nack pli", "transport-cc", ...

    def parameter(self, name: str) -> str | None:
        for part in self.parameters.split(";"):
            key, _, value = part.partition("=")
            if key.strip().lower() == name:
                return value.strip()
        return None


class ExtensionMap(Struct, frozen=True):
    id: int
    uri: str
    direction: Direction = Direction.SENDRECV


class Fingerprint(Struct, frozen=True):
    algorithm: str  # lower case: sha-256, sha-384, sha-512
    value: str  # upper case hex pairs


class SsrcGroup(Struct, frozen=True):
    semantics: str
    ssrcs: tuple[int, ...]


class Rid(Struct, frozen=True):
    """One encoding of a section (RFC 8851); `payload_types` empty = any of the section's."""

    name: str
    payload_types: tuple[int, ...] = ()


class Media(Struct, frozen=True):
    """One m= section, with what the session level says filled in."""

    kind: str  # "audio", "video", "application" or something else
    port: int
    protocol: str
    payloads: tuple[str, ...]  # as listed in the m= line
    mid: str = ""
    direction: Direction = Direction.SENDRECV
    bundle_only: bool = False
    rtcp_mux: bool = False
    formats: tuple[Format, ...] = ()  # in the order of the m= line; only those with an rtpmap
    extensions: tuple[ExtensionMap, ...] = ()
    extmap_allow_mixed: bool = False
    ice_ufrag: str = ""
    ice_password: str = ""
    fingerprints: tuple[Fingerprint, ...] = ()
    setup: str = ""
    ssrcs: tuple[int, ...] = ()
    ssrc_groups: tuple[SsrcGroup, ...] = ()
    msid: str = ""
    simulcast_sent: tuple[Rid, ...] = ()  # the encodings offered, as listed in a=simulcast; of alternatives the first
    sctp_port: int = 0
    max_message_bytes: int = 65_536  # RFC 8841 6.1: the default when the attribute is absent

    @property
    def rejected(self) -> bool:
        """Port 0 without bundle-only (RFC 9143 6)."""
        return self.port == 0 and not self.bundle_only


class SessionDescription(Struct, frozen=True):
    session_id: str
    media: tuple[Media, ...]
    bundle: tuple[str, ...] = ()
    ice_lite: bool = False


class IceFragment(Struct, frozen=True):
    """What a trickle-ice-sdpfrag body says (RFC 8840 9).  Candidates are counted, not kept: an ICE-lite agent never
    sends a check, it learns the peer's address from the peer's own (RFC 8445 2.5)."""

    ice_ufrag: str
    ice_password: str
    candidates: int


def parse(text: str) -> SessionDescription:
    """Parse an offer or an answer.  Raises SdpError."""
    lines = _lines(text)
    if not lines or lines[0] != "v=0":
        raise SdpError("does not begin with v=0")
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) > MEDIA_MAX:
        raise SdpError(f"more than {MEDIA_MAX} media sections")
    session = _Section(lines[: starts[0]] if starts else lines)
    media: list[Media] = []
    mids: set[str] = set()
    for begin, end in pairwise([*starts, len(lines)]):
        section = _media(lines[begin], _Section(lines[begin + 1 : end]), session)
        if section.mid and section.mid in mids:
            raise SdpError("a mid is used twice")
        mids.add(section.mid)
        media.append(section)
    bundle: tuple[str, ...] = ()
    for group in session.all("group"):
        words = group.split()
        if words and words[0] == "BUNDLE":
            bundle = tuple(words[1:])
            break
    return SessionDescription(
        session_id=session.origin,
        media=tuple(media),
        bundle=bundle,
        ice_lite=session.has("ice-lite"),
    )


def parse_ice_fragment(text: str) -> IceFragment:
    """Parse an application/trickle-ice-sdpfrag body (RFC 8840 9.2).  Raises SdpError."""
    section = _Section(_lines(text))
    ufrag, password = section.first("ice-ufrag"), section.first("ice-pwd")
    candidates = section.all("candidate")
    if not ufrag and not candidates and not section.has("end-of-candidates"):
        raise SdpError("neither credentials nor candidates")
    for candidate in candidates:
        if len(candidate.split()) < 8:
            raise SdpError("a candidate is incomplete")
    return IceFragment(_matching(_ICE_UFRAG, ufrag), _matching(_ICE_PASSWORD, password), len(candidates))


def _lines(text: str) -> list[str]:
    if len(text) > SDP_MAX_CHARS:
        raise SdpError(f"longer than {SDP_MAX_CHARS} characters")
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for line in lines:
        if len(line) > LINE_MAX_CHARS:
            raise SdpError(f"a line is longer than {LINE_MAX_CHARS} characters")
        if len(line) < 2 or line[1] != "=" or not line[0].isascii() or not line[0].isalpha():
            raise SdpError("a line is not of the form x=value")
        if not line.isprintable():
            raise SdpError("a control character")
    return lines


class _Section:
    """The attribute lines of one level, grouped by name in one pass."""

    def __init__(self, lines: list[str]) -> None:
        self.attributes: dict[str, list[str]] = {}
        self.origin = ""
        for line in lines:
            if line.startswith("a="):
                name, _, value = line[2:].partition(":")
                self.attributes.setdefault(name.strip().lower(), []).append(value.strip())
            elif line.startswith("o=") and not self.origin:
                words = line[2:].split()
                if len(words) < 6:
                    raise SdpError("the o= line is incomplete")
                self.origin = words[1]

    def has(self, name: str) -> bool:
        return name in self.attributes

    def all(self, name: str) -> list[str]:
        return self.attributes.get(name, [])

    def first(self, name: str) -> str:
        values = self.attributes.get(name)
        return values[0] if values else ""

    def direction(self) -> Direction | None:
        for direction in Direction:
            if direction in self.attributes:
                return direction
        return None


def _media(line: str, section: _Section, session: _Section) -> Media:
    words = line[2:].split()
    if len(words) < 4 or len(words) > 3 + FORMATS_MAX:
        raise SdpError("a bad m= line")
    kind, port, protocol, payloads = words[0], _number(words[1].split("/")[0], 65_535), words[2], words[3:]
    mid = section.first("mid")
    if mid:
        _matching(_TOKEN, mid)
    fingerprints = section.all("fingerprint") or session.all("fingerprint")
    setup = section.first("setup") or session.first("setup")
    if setup not in ("", "actpass", "active", "passive", "holdconn"):
        raise SdpError("unknown setup")
    media = Media(
        kind=kind,
        port=port,
        protocol=protocol,
        payloads=tuple(payloads),
        mid=mid,
        direction=section.direction() or session.direction() or Direction.SENDRECV,
        bundle_only=section.has("bundle-only"),
        extmap_allow_mixed=section.has("extmap-allow-mixed") or session.has("extmap-allow-mixed"),
        rtcp_mux=section.has("rtcp-mux"),
        ice_ufrag=_matching(_ICE_UFRAG, section.first("ice-ufrag") or session.first("ice-ufrag")),
        ice_password=_matching(_ICE_PASSWORD, section.first("ice-pwd") or session.first("ice-pwd")),
        fingerprints=_fingerprints(fingerprints),
        setup=setup,
        sctp_port=_number(section.first("sctp-port") or "0", 65_535),
        max_message_bytes=_number(section.first("max-message-size") or "65536", 2**63),
    )
    return _with_rtp(media, section) if kind in ("audio", "video") else media


def _with_rtp(media: Media, section: _Section) -> Media:
    ssrcs = dict.fromkeys(_ssrc(value.split(" ", 1)[0]) for value in section.all("ssrc")[: 4 * SSRCS_MAX])
    return replace(
        media,
        formats=_formats(media.payloads, section),
        extensions=tuple(_extension(value) for value in section.all("extmap")[:EXTENSIONS_MAX]),
        ssrcs=tuple(ssrcs)[:SSRCS_MAX],
        ssrc_groups=tuple(_ssrc_group(value) for value in section.all("ssrc-group")[:SSRCS_MAX]),
        msid=section.first("msid"),
        simulcast_sent=_simulcast_sent(section),
    )


def _simulcast_sent(section: _Section) -> tuple[Rid, ...]:
    """RFC 8853 5.1: `send` and a list of encodings by `;`, each a list of alternatives by `,`, `~` for one that begins
    paused.  Names without an a=rid line of their own are passed over (RFC 8853 5.2)."""
    described = dict(_rid(value) for value in section.all("rid")[:RIDS_MAX])
    words = section.first("simulcast").split()
    listed = words[words.index("send") + 1] if "send" in words[:-1:2] else ""
    if len(names := listed.split(";")) > RIDS_MAX:
        raise SdpError(f"more than {RIDS_MAX} encodings")
    found = (described.get(name.split(",")[0].removeprefix("~")) for name in names)
    return tuple(dict.fromkeys(rid for rid in found if rid is not None))


def _rid(value: str) -> tuple[str, Rid | None]:
    """RFC 8851 4: `name direction restrictions`.  (name, None) for one that the peer receives."""
    name, _, rest = value.partition(" ")
    direction, _, restrictions = rest.strip().partition(" ")
    if not _RID.fullmatch(name) or direction not in ("send", "recv"):
        raise SdpError("a bad rid")
    numbers: list[int] = []
    for restriction in restrictions.split(";"):
        key, _, listed = restriction.strip().partition("=")
        if key == "pt":
            numbers += [_number(number, 127) for number in listed.split(",")[:FORMATS_MAX]]
    return name, Rid(name, tuple(numbers)) if direction == "send" else None


def _formats(payloads: tuple[str, ...], section: _Section) -> tuple[Format, ...]:
    encodings: dict[int, tuple[str, int, int]] = {}
    for value in section.all("rtpmap")[:FORMATS_MAX]:
        payload, _, encoding = value.partition(" ")
        parts = encoding.strip().split("/")
        if len(parts) < 2:
            raise SdpError("a bad rtpmap")
        channels = _number(parts[2], 255) if len(parts) > 2 and parts[2] else 1
        encodings[_number(payload, 127)] = (_matching(_TOKEN, parts[0]).lower(), _number(parts[1], 1_000_000), channels)
    parameters: dict[int, str] = {}
    for value in section.all("fmtp")[:FORMATS_MAX]:
        payload, _, text = value.partition(" ")
        parameters[_number(payload, 127)] = text.strip()
    feedback: dict[int, set[str]] = {}
    for value in section.all("rtcp-fb")[: 16 * FORMATS_MAX]:
        payload, _, text = value.partition(" ")
        meant = encodings if payload == "*" else (_number(payload, 127),)
        for number in meant:
            feedback.setdefault(number, set()).add(" ".join(text.split()).lower())
    formats: list[Format] = []
    for number in dict.fromkeys(_number(word, 127) for word in payloads):
        if number in encodings:
            fmtp, fed_back = parameters.get(number, ""), frozenset(feedback.get(number, ()))
            formats.append(Format(number, *encodings[number], fmtp, fed_back))
    return tuple(formats)


def _extension(value: str) -> ExtensionMap:
    words = value.split()
    if len(words) < 2:
        raise SdpError("a bad extmap")
    number, _, direction = words[0].partition("/")
    try:
        return ExtensionMap(_number(number, 4_351), words[1], Direction(direction or "sendrecv"))
    except ValueError as error:
        raise SdpError("a bad extmap") from error


def _ssrc_group(value: str) -> SsrcGroup:
    words = value.split()
    if len(words) < 2 or len(words) > 1 + SSRCS_MAX:
        raise SdpError("a bad ssrc-group")
    return SsrcGroup(words[0], tuple(_ssrc(word) for word in words[1:]))


def _ssrc(text: str) -> int:
    number = _number(text, 2**32 - 1)
    if number == 0:
        raise SdpError("SSRC 0")
    return number


def _fingerprints(values: list[str]) -> tuple[Fingerprint, ...]:
    found: list[Fingerprint] = []
    for value in values[:FINGERPRINTS_MAX]:
        words = value.split()
        if len(words) != 2 or not _HEX_PAIRS.fullmatch(words[1]):
            raise SdpError("a bad fingerprint")
        size = _FINGERPRINT_BYTES.get(words[0].lower())
        if size is None:
            continue  # RFC 8122 5: hash functions that we do not know are passed over
        if len(words[1]) != 3 * size - 1:
            raise SdpError("a fingerprint of the wrong length")
        found.append(Fingerprint(words[0].lower(), words[1].upper()))
    return tuple(found)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if text and not pattern.fullmatch(text):
        raise SdpError("an illegal value")
    return text


def _number(text: str, maximum: int) -> int:
    if not _DIGITS.fullmatch(text) or (number := int(text)) > maximum:
        raise SdpError("a bad number")
    return number
