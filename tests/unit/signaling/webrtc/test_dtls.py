from __future__ import annotations

import asyncio

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    SRTPProtectionProfile,
)

from signaling.webrtc.dtls import INBOUND_QUEUE_MAX_DATAGRAMS, Datagrams
from tests.unit.signaling.webrtc.dtls_pair import CERTIFICATE, CLIENT_CERTIFICATE, fingerprints, paired, parameters

CLIENT = fingerprints(CLIENT_CERTIFICATE)
ALL = [SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM, SRTP_AEAD_AES_128_GCM]  # Chromium's order


@pytest.mark.parametrize(
    ("offered", "number", "size"),
    [(ALL, 0x0007, 28), (ALL[:2], 0x0008, 44), (ALL[:1], 0x0001, 30)],
)
async def test_the_server_chooses_the_cheapest_profile_and_keys_agree(
    offered: list[SRTPProtectionProfile], number: int, size: int
) -> None:
    async with paired() as pair:
        pair.client._srtp_profiles = offered
        pair.server.expect(CLIENT)
        assert await pair.shake()
        [(profile, receive, send)] = pair.keys
        assert (profile, len(receive), len(send)) == (number, size, size)
        chosen = offered[-1]
        assert pair.client._ssl is not None
        material = pair.client._ssl.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (chosen.key_length + chosen.salt_length)
        )
        assert (chosen.get_key_and_salt(material, 0), chosen.get_key_and_salt(material, 1)) == (receive, send)


async def test_keys_wait_for_the_fingerprint() -> None:
    async with paired() as pair:
        serving = asyncio.ensure_future(pair.server.run())
        await pair.client.start(parameters())
        assert pair.client.state == "connected"  # the handshake itself did not wait for the SDP
        assert pair.keys == []
        pair.server.expect(CLIENT)
        assert await serving
        assert len(pair.keys) == 1


@pytest.mark.parametrize(
    "expected", [(), fingerprints(RTCCertificate.generateCertificate()), (*CLIENT[:1], *fingerprints(CERTIFICATE)[1:])]
)
async def test_another_certificate_gets_no_keys(expected: tuple[object, ...]) -> None:
    async with paired() as pair:
        pair.server.expect(expected)  # type: ignore[arg-type]
        assert not await pair.shake()
        assert pair.keys == []
        assert pair.server.state == "failed"


async def test_the_first_expected_certificate_counts() -> None:
    async with paired() as pair:
        pair.server.expect(CLIENT)
        pair.server.expect(fingerprints(CERTIFICATE))
        assert await pair.shake()


def in_fragments(datagram: bytes) -> list[bytes]:
    """A ClientHello cut in two, as browsers with post-quantum keys send it (RFC 6347 4.2.3)."""
    record, message = datagram[:13], datagram[13:]
    if record[0] != 22 or message[:1] != b"\x01" or len(message) < 100:
        return [datagram]
    header, body = message[:12], message[12:]
    parts = []
    for number, (at, piece) in enumerate(((0, body[:70]), (70, body[70:]))):
        fragment = header[:6] + at.to_bytes(3) + len(piece).to_bytes(3) + piece
        sequence = int.from_bytes(record[5:11]) * 2 + number
        parts.append(record[:5] + sequence.to_bytes(6) + len(fragment).to_bytes(2) + fragment)
    return parts


async def test_a_hello_over_two_datagrams_is_understood() -> None:
    async with paired() as pair:
        pair.side.rewrite = in_fragments
        pair.server.expect(CLIENT)
        assert await pair.shake()
        assert max(len(datagram) for datagram in pair.sent) <= 1_200  # our flights fit any path


async def test_goodbye_reaches_the_client_at_once() -> None:
    async with paired() as pair:
        pair.server.expect(CLIENT)
        assert await pair.shake()
        ended = asyncio.Event()
        pair.client.on("statechange", ended.set)
        pair.server.say_goodbye()
        async with asyncio.timeout(30):
            await ended.wait()
        assert pair.client.state == "closed"


async def test_the_clients_goodbye_ends_the_waiting() -> None:
    async with paired() as pair:
        pair.server.expect(CLIENT)
        assert await pair.shake()
        await pair.client.stop()
        async with asyncio.timeout(30):
            await pair.server.wait_ended()
        assert pair.server.state == "closed"


async def test_rubbish_before_and_in_a_handshake_does_nothing() -> None:
    async with paired() as pair:
        assert pair.side.server is not None
        for size in (1, 13, 14, 25, 300, 1_400):
            pair.side.server.deliver(bytes([22]) + bytes(size))
        pair.side.rewrite = lambda datagram: [datagram[:1] + b"\xff" * 40, datagram]
        pair.server.expect(CLIENT)
        async with asyncio.timeout(20):
            assert await pair.shake()


async def test_handshakes_are_bounded() -> None:
    async with paired(handshakes=0) as pair:
        pair.server.expect(CLIENT)
        serving = asyncio.ensure_future(pair.server.run())
        assert pair.side.server is not None
        pair.side.server.deliver(bytes(13))
        for _ in range(3):
            await asyncio.sleep(0)
        assert pair.sent == []
        pair.server._handshakes.release()
        await pair.client.start(parameters())
        assert await serving


async def test_a_flood_of_datagrams_is_dropped() -> None:
    datagrams = Datagrams(lambda _: None)
    for _ in range(INBOUND_QUEUE_MAX_DATAGRAMS + 5):
        datagrams.deliver(b"x")
    assert datagrams.dropped == 5


def test_one_context_serves_all() -> None:
    assert CERTIFICATE._create_ssl_context(ALL) is CERTIFICATE._create_ssl_context(ALL)
    assert CERTIFICATE.fingerprint == fingerprints(CERTIFICATE)[0]
