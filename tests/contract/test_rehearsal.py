"""Test calls: a foreign WebRTC stack sends itself a picture through the media plane, and nothing of it stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from rooms.core.codes import Code
from signaling import rehearsal
from signaling.rehearsal import Rehearsal, RehearsalRefused, Rehearsals
from signaling.sfu.plane import PlaneSettings, SfuPlane
from signaling.testcard import TestCard
from tests.support.rtc_client import PATIENCE_S, Received, new_connection

ADDRESS = "192.0.2.7"


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    made = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
    yield made
    await made.close()


class Visitor:
    """One browser's two connections."""

    def __init__(self) -> None:
        self.sender, self.viewer = new_connection(), new_connection()
        self.received = Received(self.viewer)
        self.sender.addTrack(TestCard())
        self.viewer.addTransceiver("video", direction="recvonly")

    async def call(self, rehearsals: Rehearsals, address: str = ADDRESS) -> Rehearsal:
        for connection in (self.sender, self.viewer):
            await connection.setLocalDescription(await connection.createOffer())
        made = await rehearsals.open(address, self.sender.localDescription.sdp, self.viewer.localDescription.sdp)
        await self.sender.setRemoteDescription(RTCSessionDescription(made.publish_sdp, "answer"))
        await self.viewer.setRemoteDescription(RTCSessionDescription(made.view_sdp, "answer"))
        return made

    async def close(self) -> None:
        await self.sender.close()
        await self.viewer.close()


async def test_a_picture_comes_back_and_nothing_stays(plane: SfuPlane) -> None:
    rehearsals, visitor = Rehearsals(plane), Visitor()
    made = await visitor.call(rehearsals)
    await visitor.received.until(lambda received: received.frames["video"] >= 10)
    assert plane.stats()[0].transports == 2
    await rehearsals.close_call(made.id)
    await rehearsals.close_call(made.id)  # again is fine
    assert rehearsals.count == 0
    assert (plane.stats()[0].transports, plane.stats()[0].tracks) == (0, 0)
    await visitor.close()
    await rehearsals.close()


async def test_a_call_ends_by_itself(plane: SfuPlane) -> None:
    rehearsals, visitor = Rehearsals(plane, lasts_ms=300), Visitor()
    await visitor.call(rehearsals)
    await _until_free(plane)
    assert rehearsals.count == 0
    await visitor.close()
    await rehearsals.close()


async def test_a_connection_that_ends_takes_the_call_with_it(plane: SfuPlane) -> None:
    rehearsals, visitor = Rehearsals(plane), Visitor()
    await visitor.call(rehearsals)
    await visitor.received.until(lambda received: received.frames["video"] >= 1)
    await visitor.close()  # DTLS says goodbye
    await _until_free(plane)
    assert rehearsals.count == 0
    await rehearsals.close()


async def test_bad_offers_leave_nothing_behind(plane: SfuPlane) -> None:
    rehearsals = Rehearsals(plane)
    good = RTCPeerConnection()
    good.addTrack(TestCard())
    offer = (await good.createOffer()).sdp
    for publish, view in (("", ""), ("v=0", "v=0"), (offer, "nonsense"), ("nonsense", offer)):
        with pytest.raises(RehearsalRefused) as refused:
            await rehearsals.open(ADDRESS, publish, view)
        assert refused.value.code is Code.MEDIA_REJECTED
    assert (rehearsals.count, plane.stats()[0].transports) == (0, 0)
    await good.close()
    await rehearsals.close()


async def test_one_address_cannot_take_all_of_them(plane: SfuPlane) -> None:
    rehearsals = Rehearsals(plane)
    visitors = [Visitor() for _ in range(rehearsal.CALLS_PER_ADDRESS_MAX)]
    for visitor in visitors:
        await visitor.call(rehearsals)
    late = Visitor()
    with pytest.raises(RehearsalRefused) as refused:
        await late.call(rehearsals)
    assert refused.value.code is Code.RATE_LIMITED
    assert refused.value.retry_after_ms > 0
    await late.call(rehearsals, "192.0.2.8")
    await rehearsals.close()
    assert plane.stats()[0].transports == 0
    for visitor in (*visitors, late):
        await visitor.close()


async def _until_free(plane: SfuPlane) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while plane.stats()[0].transports:  # noqa: ASYNC110 -- the core tells no event of it
            await asyncio.sleep(0.02)
