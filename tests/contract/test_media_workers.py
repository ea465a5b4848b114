"""One room over two media workers: who sits away from home notices nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms.core.model import Source
from signaling.messages import Want
from signaling.sfu.plane import PlaneSettings, SfuPlane
from tests.contract.test_media_plane import ROOM, grant, seat, shows, until

BOTH = (Source.MICROPHONE, Source.CAMERA)


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    """Two connections make a worker loaded: the second person's subscriber goes to the other one."""
    made = SfuPlane(PlaneSettings(("127.0.0.1",), bind_address="127.0.0.1", workers=2, transports_full=4))
    yield made
    await made.close()


async def test_a_subscriber_away_from_home_sees_hears_and_outlives_a_reload(plane: SfuPlane) -> None:
    home, away = range(2)
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        await ana.publish(BOTH)
        bo.attach()
        await bo.publish(BOTH)
        before = await bo.offered(shows(*BOTH))
        assert bo.received is not None
        assert ana.received is not None
        await asyncio.gather(bo.received.decodes(20, 20), ana.received.decodes(20, 20))
        assert plane.stats()[away].packets_forwarded > 0  # bo's
        assert plane.stats()[home].packets_forwarded > 0  # ana's
        assert plane.stats()[away].subscriptions == 2

        # the publisher comes back with a new connection, under the same track ids
        await ana.publish(BOTH)
        after = await bo.offered(lambda offer: offer.revision > before.revision)
        assert [track.track_id for track in after.tracks] == [track.track_id for track in before.tracks]
        await bo.received.decodes(20, 20)
        await until(lambda: plane.stats()[away].tracks == 2)

        # what nobody watches there any more is not sent there
        microphone = next(track.track_id for track in after.tracks if track.source is Source.MICROPHONE)
        await asyncio.sleep(1.1)  # the grace of a new track is part of the contract
        plane.subscribe(ROOM, "bo", (Want(microphone),))
        await bo.offered(shows(Source.MICROPHONE))
        plane.refresh_permissions(ROOM, "ana", grant("ana", publish=(Source.MICROPHONE,)))
        await until(lambda: plane.stats()[away].tracks == 1)

        await plane.close_participant(ROOM, "ana")
        await until(lambda: plane.stats()[away].tracks == 0)
        assert plane.stats()[away].subscriptions == 0
    await plane.close_participant(ROOM, "bo")
    assert [one.transports for one in plane.stats()] == [0, 0]


async def test_who_leaves_leaves_nothing_at_either_worker(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana:
        ana.attach()
        await ana.publish(BOTH)
        for turn in range(3):
            async with seat(plane, f"bo{turn}") as bo:
                bo.attach()
                await bo.offered(shows(*BOTH))
                assert bo.received is not None
                await bo.received.decodes(5, 5)
            await plane.close_participant(ROOM, f"bo{turn}")
    await plane.close_room(ROOM)
    stats = plane.stats()
    assert [(one.transports, one.tracks, one.subscriptions) for one in stats] == [(0, 0, 0)] * 2
