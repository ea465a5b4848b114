from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcsctptransport import DataChunk, RTCSctpCapabilities, RTCSctpTransport, serialize_packet
from google_crc32c import value as crc32c
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.webrtc.sctp import LOCAL_PORT, RELIABLE_BACKLOG_MAX_BYTES, Channel, DataAssociation
from tests.unit.signaling.webrtc.dtls_pair import CLIENT_CERTIFICATE, Pair, fingerprints, paired

PATIENCE_S = 30.0


@dataclass
class Data:
    """Our association and aiortc's, over real DTLS."""

    pair: Pair
    ours: DataAssociation
    theirs: RTCSctpTransport
    reliable: RTCDataChannel
    unreliable: RTCDataChannel
    arrived: asyncio.Queue[tuple[Channel, bytes]]
    returned: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    async def next(self) -> tuple[Channel, bytes]:
        return await asyncio.wait_for(self.arrived.get(), PATIENCE_S)

    def chunk(self, **changes: Any) -> DataChunk:
        """A DATA chunk as the client would send it next, but changed."""
        chunk = DataChunk()
        fields = {"flags": 3, "tsn": self.theirs._local_tsn, "stream_id": 0, "stream_seq": 0, "protocol": 53}
        for name, value in {**fields, "user_data": b"x", **changes}.items():
            setattr(chunk, name, value)
        return chunk

    async def inject(self, *packets: bytes) -> None:
        for packet in packets:
            await self.ours._handle_data(packet)

    def packet(self, chunk: DataChunk) -> bytes:
        return serialize_packet(5000, LOCAL_PORT, self.ours._local_verification_tag, chunk)


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[Data]:
    async with paired() as pair:
        pair.server.expect(fingerprints(CLIENT_CERTIFICATE))
        arrived: asyncio.Queue[tuple[Channel, bytes]] = asyncio.Queue()
        ours = DataAssociation(pair.server, 262_144, lambda *message: arrived.put_nowait(message))
        theirs = RTCSctpTransport(pair.client)
        reliable = RTCDataChannel(theirs, RTCDataChannelParameters(label="reliable", negotiated=True, id=0))
        unreliable = RTCDataChannel(
            theirs, RTCDataChannelParameters(label="u", negotiated=True, id=1, ordered=False, maxRetransmits=0)
        )
        data = Data(pair, ours, theirs, reliable, unreliable, arrived)
        reliable.on("message", data.returned.put_nowait)
        unreliable.on("message", data.returned.put_nowait)
        opened = asyncio.Event()
        reliable.on("open", opened.set)
        assert await pair.shake()
        await ours.open(5000)
        await theirs.start(RTCSctpCapabilities(65_536), LOCAL_PORT)
        await asyncio.wait_for(opened.wait(), PATIENCE_S)
        try:
            yield data
        finally:
            ours.cut()
            theirs._set_state(theirs.State.CLOSED)


async def test_messages_pass_both_ways_on_both_channels() -> None:
    async with connected() as data:
        big = secrets.token_bytes(65_536)
        data.reliable.send(big)
        data.unreliable.send("text")
        data.reliable.send(b"")
        got = sorted([await data.next(), await data.next(), await data.next()])
        assert got == sorted([(Channel.RELIABLE, big), (Channel.UNRELIABLE, b"text"), (Channel.RELIABLE, b"")])

        assert data.ours.send(Channel.RELIABLE, b"back")
        assert data.ours.send(Channel.UNRELIABLE, b"again")
        back = {await asyncio.wait_for(data.returned.get(), PATIENCE_S) for _ in range(2)}
        assert back == {b"back", b"again"}


async def test_too_large_messages_are_dropped_both_ways() -> None:
    async with connected() as data:
        assert not data.ours.send(Channel.RELIABLE, bytes(65_537))
        assert data.ours.dropped == 1
        data.reliable.send(b"before")
        assert await data.next() == (Channel.RELIABLE, b"before")


async def test_a_peer_that_does_not_read_loses_its_channels_not_our_memory() -> None:
    async with connected() as data:
        data.pair.side.rewrite = lambda _: []  # nothing is acknowledged any more
        sent = 0
        while data.ours.send(Channel.RELIABLE, bytes(60_000)):
            sent += 60_000
        assert sent <= RELIABLE_BACKLOG_MAX_BYTES
        assert not data.ours.send(Channel.UNRELIABLE, b"x")
        assert data.ours.state == "closed"


async def test_the_unreliable_channel_drops_what_is_too_much() -> None:
    async with connected() as data:
        data.pair.side.rewrite = lambda _: []
        results = [data.ours.send(Channel.UNRELIABLE, bytes(30_000)) for _ in range(4)]
        assert results == [True, True, False, False]
        assert data.ours.state == "connected"


async def test_no_channel_opens_in_band() -> None:
    async with connected() as data:
        ended = asyncio.Event()
        data.ours._channels[Channel.RELIABLE].on("close", ended.set)
        sneaky = RTCDataChannel(data.theirs, RTCDataChannelParameters(label="sneaky", id=7))
        assert sneaky.readyState == "connecting"
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
        assert not data.ours.send(Channel.RELIABLE, b"x")


@pytest.mark.parametrize(
    "changes",
    [
        [{"stream_id": 2}],
        [{"stream_id": 65_535, "flags": 2}],
        [{"flags": 2, "user_data": bytes(1_100), "tsn_step": number} for number in range(400)],  # never ends
        [{"tsn_step": 2 * number + 2} for number in range(1_100)],  # every second chunk is missing
    ],
)
async def test_a_peer_that_breaks_a_bound_is_given_up(changes: list[dict[str, Any]]) -> None:
    async with connected() as data:
        first = data.theirs._local_tsn
        for change in changes:
            step = change.pop("tsn_step", 0)
            await data.inject(data.packet(data.chunk(tsn=(first + step) % 2**32, **change)))
        assert data.ours.state == "closed"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=30), st.randoms(use_true_random=False))
def test_hostile_packets_raise_nothing(tails: list[bytes], random: Any) -> None:
    async def run() -> None:
        async with connected() as data:
            for tail in tails:
                good = bytearray(data.packet(data.chunk(user_data=tail or b"x")))
                for _ in range(random.randrange(4)):
                    good[random.randrange(8, len(good))] = random.randrange(256)
                good[8:12] = b"\0" * 4
                good[8:12] = crc32c(bytes(good)).to_bytes(4, "little")
                await data.inject(tail, bytes(good))

    asyncio.run(run())
