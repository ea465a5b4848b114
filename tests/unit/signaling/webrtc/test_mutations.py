"""Descriptions and SCTP packets of real clients, mutated for as long as TONGXIN_FUZZ_SECONDS says."""

from __future__ import annotations

import contextlib
import itertools
import random
from pathlib import Path

import pytest
from google_crc32c import value as crc32c

from rooms.core.model import Source
from signaling.webrtc import publishing, sdp, viewing
from signaling.webrtc.codecs import DEFAULT_PREFERENCE
from signaling.webrtc.sdp import Fingerprint, SdpError
from signaling.webrtc.transport import Candidate, LocalTransport
from tests.support.mutation import SECONDS, for_a_while, mutate
from tests.unit.signaling.webrtc.test_sctp import Data, connected

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(2 * SECONDS + 60)]

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent / "captured").glob("*.sdp"))]
TOKENS = [
    b"\r\n",
    b"a=",
    b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    b";",
    b"/",
    b":",
    b"4294967296",
    b"-1",
    b"\xc2\x85",
    b"\xff",
]
LOCAL = LocalTransport(
    "ufrag", "password" * 4, Fingerprint("sha-256", ":".join(["AB"] * 32)), (Candidate("192.0.2.1", 1),)
)
NUMBERS = itertools.count(1)
SCTP_HEADER_BYTES = 12
PACKETS_PER_ASSOCIATION = 200


def test_no_description_does_more_than_to_be_refused() -> None:
    answered = 0
    for chance in for_a_while(1):
        text = mutate(chance, SEEDS, TOKENS).decode(errors="replace")
        with contextlib.suppress(SdpError):
            offer = sdp.parse(text)
            sources = publishing.sources_by_kind(offer)
            made = publishing.answer_offer(offer, sources, LOCAL, DEFAULT_PREFERENCE, 1, 1)
            assert sdp.parse(made.sdp).media
            assert set(sources.values()) <= set(Source)
            answered += 1
        with contextlib.suppress(SdpError):
            viewing.answer_offer(sdp.parse(text), LOCAL, DEFAULT_PREFERENCE, 1, NUMBERS.__next__, "viewer")
    assert answered  # the mutations are not so many that nothing gets through


async def test_no_sctp_packet_raises_or_holds_up() -> None:
    chances = for_a_while(2)
    while (first := next(chances, None)) is not None:
        async with connected() as data:
            seeds = await _seeds(data)
            for chance in itertools.islice(itertools.chain([first], chances), PACKETS_PER_ASSOCIATION):
                await data.inject(_packet(data, chance, seeds))
                if data.ours.state == "closed":
                    break  # it has given up, as it should


async def _seeds(data: Data) -> list[bytes]:
    """What aiortc's end really sends: data, acknowledgements, a heartbeat; recorded on their way."""
    seeds: list[bytes] = []
    take = data.ours._handle_data

    async def record(packet: bytes) -> None:
        seeds.append(packet)
        await take(packet)

    data.ours._handle_data = record  # type: ignore[assignment,method-assign]
    data.reliable.send("hello")
    data.unreliable.send(bytes(3_000))
    for _ in range(2):
        await data.next()
    data.ours._handle_data = take  # type: ignore[method-assign]
    head = seeds[0][:SCTP_HEADER_BYTES]
    # chunk types 0 to 14, 130 (RE-CONFIG), 192 (FORWARD-TSN), with a plausible length (RFC 9260 3.2, RFC 3758 3.2)
    return seeds + [head + bytes([kind, 0, 0, 20]) + bytes(16) for kind in (*range(15), 130, 192)]


def _packet(data: Data, chance: random.Random, seeds: list[bytes]) -> bytes:
    """With the right verification tag and checksum: what comes further than the first check."""
    packet = bytearray(mutate(chance, seeds))
    if len(packet) >= SCTP_HEADER_BYTES and chance.random() < 0.95:
        packet[4:8] = data.ours._local_verification_tag.to_bytes(4, "big")
        packet[8:12] = bytes(4)
        packet[8:12] = crc32c(bytes(packet)).to_bytes(4, "little")
    return bytes(packet)
