"""Who can decode what, with real peers: a publisher is asked for what all can decode, or for a second stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from aiortc import RTCSessionDescription
from msgspec.structs import replace

from rooms.core.model import Grant, Role, Source
from signaling.messages import MediaNotice, PreferredCodec, PublishedMedia, Undecodable
from signaling.sfu.plane import PlaneSettings, SfuPlane
from signaling.testcard import TestCard
from tests.support.rtc_client import SeatClient, StreamClient, prefer

ROOM = "room"


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    made = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
    yield made
    await made.close()


def seat(plane: SfuPlane, name: str, *decodes: str) -> SeatClient:
    client = SeatClient(plane, ROOM, Grant(identity=name, name=name, role=Role.PARTICIPANT), name)
    client.decodes = decodes
    return client


def asks(codec: str, backup: str = "") -> Callable[[MediaNotice], bool]:
    return lambda notice: isinstance(notice, PreferredCodec) and (notice.codec, notice.backup) == (codec, backup)


async def test_a_codec_that_all_can_decode_is_asked_for(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo, seat(plane, "cy", "H264") as cy:
        for client in (ana, bo):
            client.attach()
        result = await ana.publish((Source.CAMERA,))
        await bo.offered(lambda offer: len(offer.tracks) == 1)
        assert bo.received is not None
        await bo.received.decodes(pictures=5)
        assert ana.notices == []

        # when somebody comes who can decode H.264 only
        cy.attach()
        await ana.noticed(asks("H264"))

        # then that is what the next connection of the publisher begins with, and all see it
        again = await ana.publish((Source.CAMERA,))
        assert [track.id for _, track in again.tracks] == [track.id for _, track in result.tracks]
        assert [track.codec for _, track in again.tracks] == ["H264"]
        await cy.offered(lambda offer: len(offer.tracks) == 1)
        assert cy.received is not None
        await cy.received.decodes(pictures=5)
        await bo.received.decodes(pictures=5)


async def test_a_second_stream_is_asked_for_and_goes_to_who_needs_it(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo", "VP8") as bo, seat(plane, "cy", "H264") as cy:
        for client in (ana, bo, cy):
            client.attach()
        result = await ana.publish((Source.CAMERA,))
        (mid, camera), *_ = result.tracks
        await ana.noticed(asks("VP8", "H264"))
        assert bo.received is not None
        await bo.received.decodes(pictures=5)

        # when the publisher sends it
        connection = ana.publishing
        assert connection is not None
        second = connection.addTransceiver(TestCard(160, 90), direction="sendonly")
        prefer(second, "H264")
        await connection.setLocalDescription(await connection.createOffer())
        media = (
            PublishedMedia(mid, Source.CAMERA),
            PublishedMedia(second.mid or "", Source.CAMERA, backup=True),
        )
        result = await plane.publish(ROOM, "ana", connection.localDescription.sdp, media)
        await connection.setRemoteDescription(RTCSessionDescription(result.sdp, "answer"))
        plane.tracks_known(ROOM, "ana")

        # then nobody is told of another track, and each has the stream that it can decode
        assert [track.id for _, track in result.tracks] == [camera.id]
        assert cy.received is not None
        await cy.received.decodes(pictures=5)
        await bo.received.decodes(pictures=5)
        assert (cy.received.sizes, bo.received.sizes) == ({(160, 90)}, {(320, 180)})
        assert not any(isinstance(notice, Undecodable) for notice in (*bo.notices, *cy.notices))


async def test_who_cannot_decode_a_stream_that_cannot_change_is_told(plane: SfuPlane) -> None:
    async with StreamClient() as camera, seat(plane, "bo", "VP8") as bo, seat(plane, "cy") as cy:
        for client in (bo, cy):
            client.attach()
        grant = Grant(identity="obs", name="obs", role=Role.PARTICIPANT)
        result = await plane.ingest(ROOM, "obs", grant, await camera.offer_to_publish("H264"))
        await camera.accept(result.sdp)
        plane.tracks_known(ROOM, "obs")
        picture = next(track.id for _, track in result.tracks if track.source is Source.CAMERA)

        await bo.noticed(lambda notice: notice == Undecodable(track_ids=(picture,)))
        await cy.offered(lambda offer: len(offer.tracks) == 2)
        assert cy.received is not None
        await cy.received.decodes(pictures=5)
        assert cy.notices == []

        # a line that comes back is told again, and the end of it too
        bo.notices.clear()
        plane.detach(ROOM, "bo")
        bo.attach()
        await bo.noticed(lambda notice: notice == Undecodable(track_ids=(picture,)))
        await plane.close_participant(ROOM, "obs")
        await bo.noticed(lambda notice: notice == Undecodable(track_ids=()))


async def test_who_sends_nothing_else_is_answered_as_before(plane: SfuPlane) -> None:
    """A section marked as a second stream that nobody asked for stays idle."""
    async with seat(plane, "ana") as ana:
        ana.attach()
        await ana.publish((Source.CAMERA,))
        connection = ana.publishing
        assert connection is not None
        extra = connection.addTransceiver(TestCard(160, 90), direction="sendonly")
        await connection.setLocalDescription(await connection.createOffer())
        media = tuple(
            replace(PublishedMedia(one.mid or "", Source.CAMERA), backup=one is extra)
            for one in connection.getTransceivers()
        )
        result = await plane.publish(ROOM, "ana", connection.localDescription.sdp, media)
        assert len(result.tracks) == 1
        assert result.sdp.count("a=inactive") == 1
