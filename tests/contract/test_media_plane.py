"""The media plane with real peers: aiortc clients, the native core, DTLS and SCTP between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiortc import RTCRtpSender, RTCSessionDescription
from msgspec.structs import replace

from rooms.core.codes import Code
from rooms.core.model import Grant, Role, Source
from signaling.messages import Bandwidth, BandwidthState, Offer, PublishedMedia, Want
from signaling.ports import MediaRejected
from signaling.sfu.plane import PlaneSettings, SfuPlane
from signaling.testcard import TestCard
from tests.support.rtc_client import PATIENCE_S, SeatClient

ROOM = "room"


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    made = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
    yield made
    await made.close()


def grant(name: str, **changes: object) -> Grant:
    return replace(Grant(identity=name, name=name, role=Role.PARTICIPANT), **changes)


def seat(plane: SfuPlane, name: str, room: str = ROOM, **changes: object) -> SeatClient:
    return SeatClient(plane, room, grant(name, **changes), name)


async def until(fits: Callable[[], bool]) -> None:
    """For what the core counts but tells no event of."""
    async with asyncio.timeout(PATIENCE_S):
        while not fits():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def shows(*sources: Source) -> Callable[[Offer], bool]:
    return lambda offer: sorted(track.source for track in offer.tracks) == sorted(sources)


async def test_what_one_publishes_the_other_sees_and_hears(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        result = await ana.publish()
        offer = await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))

        assert bo.received is not None
        await bo.received.decodes(pictures=30, sounds=30)

        assert {track.track_id for track in offer.tracks} == {track.id for _, track in result.tracks}
        assert {track.participant_id for track in offer.tracks} == {"ana"}
        assert [track.codec for _, track in result.tracks] == ["opus", "VP8"]
        assert bo.received.sizes == {(320, 180)}
        assert ana.offers[-1].tracks == ()  # nobody gets their own
        await until(lambda: ("ana",) in bo.speakers)


async def test_a_first_offer_comes_at_once_and_before_anybody_publishes(plane: SfuPlane) -> None:
    offers: list[Offer] = []
    plane.attach(ROOM, "bo", grant("bo"), offers.append, lambda _: None)
    assert [(offer.revision, offer.fresh, offer.tracks) for offer in offers] == [(1, True, ())]


async def test_both_ways_with_several_tracks_each(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        for client in (ana, bo):
            client.attach()
        await ana.publish((Source.MICROPHONE, Source.CAMERA, Source.SCREEN))
        await bo.publish()
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA, Source.SCREEN))
        await ana.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert ana.received is not None
        assert bo.received is not None
        await asyncio.gather(ana.received.decodes(20, 20), bo.received.decodes(40, 20))


async def test_a_line_for_sound_alone_loses_its_picture_and_is_told(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        await ana.publish()
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.received is not None
        await bo.received.decodes(pictures=10, sounds=10)
        # when bo's line carries no picture
        await bo.estimates(20_000)
        await bo.noticed(lambda notice: isinstance(notice, Bandwidth) and notice.state is BandwidthState.AUDIO_ONLY)
        # then sound goes on without it
        await bo.received.decodes(sounds=30)
        had = bo.received.frames["video"]
        await bo.received.decodes(sounds=30)
        assert bo.received.frames["video"] - had <= 1
        # and it comes back with the line
        await bo.estimates(5_000_000)
        await bo.received.decodes(pictures=10)
        await bo.noticed(lambda notice: isinstance(notice, Bandwidth) and notice.state is BandwidthState.FULL)


async def test_the_list_rules_and_hidden_tracks_cost_nothing(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        result = await ana.publish()
        camera = next(track.id for _, track in result.tracks if track.source is Source.CAMERA)
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.received is not None
        await bo.received.decodes(pictures=5)
        revision = bo.offers[-1].revision

        # hidden: the section stays and no offer is made, but nothing is sent
        await asyncio.sleep(1.1)  # the grace of a new track is part of the contract
        bo.plane.subscribe(ROOM, "bo", (Want(camera, visible=False),))
        await bo.offered(shows(Source.CAMERA))  # the microphone was not listed
        assert bo.offers[-1].revision == revision + 1
        await until(lambda: plane.stats()[0].subscriptions == 1)
        forwarded = plane.stats()[0].packets_forwarded
        received = plane.stats()[0].packets_received
        await until(lambda: plane.stats()[0].packets_received > received + 20)
        assert plane.stats()[0].packets_forwarded == forwarded

        # shown again without any renegotiation
        bo.plane.subscribe(ROOM, "bo", (Want(camera),))
        await bo.received.decodes(pictures=5)
        assert bo.offers[-1].revision == revision + 1

        # not listed at all
        bo.plane.subscribe(ROOM, "bo", ())
        await bo.offered(shows())
        assert plane.stats()[0].subscriptions == 0


async def test_a_publisher_that_reloads_keeps_its_track_ids_and_its_tiles(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        first = await ana.publish()
        before = await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.received is not None
        await bo.received.decodes(pictures=5)

        second = await ana.publish()

        assert [track.id for _, track in second.tracks] == [track.id for _, track in first.tracks]
        after = await bo.offered(lambda offer: offer.revision > before.revision)
        assert [(t.mid, t.track_id) for t in after.tracks] == [(t.mid, t.track_id) for t in before.tracks]
        await bo.received.decodes(pictures=20, sounds=10)
        await until(lambda: plane.stats()[0].transports == 4 - 1)  # ana's two, bo's one


async def test_a_renegotiation_adds_a_share_and_takes_it_away(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        first = await ana.publish()
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert ana.publishing is not None
        connection = ana.publishing
        media = [PublishedMedia(mid, track.source) for mid, track in first.tracks]

        async def renegotiate(media: list[PublishedMedia]) -> list[str]:
            await connection.setLocalDescription(await connection.createOffer())
            text = connection.localDescription.sdp
            result = await plane.publish(ROOM, "ana", text, tuple(media))
            await connection.setRemoteDescription(RTCSessionDescription(result.sdp, "answer"))
            plane.tracks_known(ROOM, "ana")
            return [track.id for _, track in result.tracks]

        # Another codec: aiortc does not always keep two streams of one payload type apart (first come, first served).
        share = connection.addTransceiver(TestCard(160, 96), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        share.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
        await connection.setLocalDescription(await connection.createOffer())
        media.append(PublishedMedia(share.mid or "", Source.SCREEN))
        ids = await renegotiate(media)
        assert ids[:2] == [track.id for _, track in first.tracks]
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA, Source.SCREEN))
        assert bo.received is not None
        await bo.received.until(lambda now: (160, 96) in now.sizes)

        await renegotiate(media[:2])
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        await until(lambda: plane.stats()[0].tracks == 2)
        await bo.received.decodes(pictures=10)


async def test_blocked_tracks_reach_nobody(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        result = await ana.publish((Source.MICROPHONE,))
        track_id = result.tracks[0][1].id
        await bo.offered(shows(Source.MICROPHONE))
        assert bo.received is not None
        await bo.received.decodes(sounds=10)

        plane.block_track(ROOM, "ana", track_id, True)
        await asyncio.sleep(0.1)  # packets that were on their way
        forwarded, received = plane.stats()[0].packets_forwarded, plane.stats()[0].packets_received
        await until(lambda: plane.stats()[0].packets_received > received + 30)
        assert plane.stats()[0].packets_forwarded == forwarded

        # a reload does not get around it
        await ana.publish((Source.MICROPHONE,))
        forwarded, received = plane.stats()[0].packets_forwarded, plane.stats()[0].packets_received
        await until(lambda: plane.stats()[0].packets_received > received + 30)
        assert plane.stats()[0].packets_forwarded == forwarded

        plane.block_track(ROOM, "ana", track_id, False)
        await bo.received.decodes(sounds=10)


async def test_removal_cuts_at_once_and_frees_everything(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        await ana.publish()
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.received is not None
        await bo.received.decodes(pictures=5)

        await plane.close_participant(ROOM, "ana")

        stats = plane.stats()[0]
        assert (stats.tracks, stats.subscriptions, stats.transports) == (0, 0, 1)
        await bo.offered(shows())
        with pytest.raises(MediaRejected) as refused:
            await ana.publish()
        assert refused.value.code is Code.UNAVAILABLE

        await plane.close_room(ROOM)
        stats = plane.stats()[0]
        assert (stats.tracks, stats.subscriptions, stats.transports, stats.native_bytes) == (0, 0, 0, 0)


async def test_a_lost_permission_stops_the_track(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        await ana.publish()
        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        plane.refresh_permissions(ROOM, "ana", grant("ana", publish=(Source.MICROPHONE,)))
        assert plane.stats()[0].tracks == 1
        await bo.offered(shows(Source.MICROPHONE))
        with pytest.raises(MediaRejected) as refused:
            await ana.publish()
        assert refused.value.code is Code.FORBIDDEN

        plane.refresh_permissions(ROOM, "bo", grant("bo", subscribe=False))
        assert plane.stats()[0].subscriptions == 0


async def test_a_seat_that_comes_back_is_offered_the_unanswered_again(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        first: list[Offer] = []
        plane.attach(ROOM, "bo", bo.grant, first.append, lambda _: None)
        ana.attach()
        await ana.publish()
        plane.detach(ROOM, "bo")

        bo.attach()

        await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.offers[0] == first[0]
        assert bo.received is not None
        await bo.received.decodes(pictures=10)

        # a socket reconnect changes nothing
        answered = len(bo.offers)
        plane.detach(ROOM, "bo")
        bo.attach()
        await bo.received.decodes(pictures=10)
        assert len(bo.offers) == answered


async def test_a_reloaded_subscriber_asks_for_a_fresh_connection(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()
        await ana.publish()
        before = await bo.offered(shows(Source.MICROPHONE, Source.CAMERA))
        assert bo.received is not None
        await bo.received.decodes(pictures=5)

        await plane.restart_subscription(ROOM, "bo", fresh=True)

        after = await bo.offered(lambda offer: offer.fresh and offer.revision > before.revision)
        assert {track.track_id for track in after.tracks} == {track.track_id for track in before.tracks}
        assert bo.received is not None
        await bo.received.decodes(pictures=10, sounds=10)
        with pytest.raises(MediaRejected) as refused:
            await plane.answer(ROOM, "bo", before.revision, "stale")
        assert refused.value.code is Code.CONFLICT


async def test_an_ice_restart_renews_the_credentials_of_the_offer(plane: SfuPlane) -> None:
    offers: list[Offer] = []
    plane.attach(ROOM, "bo", grant("bo"), offers.append, lambda _: None)
    await plane.restart_subscription(ROOM, "bo", fresh=False)
    assert [(offer.revision, offer.fresh) for offer in offers] == [(1, True), (2, True)]
    ufrags = [line for offer in offers for line in offer.sdp.splitlines() if line.startswith("a=ice-ufrag")]
    assert len(set(ufrags)) == 2


async def test_data_is_routed_by_topic_and_carries_the_sender(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo, seat(plane, "cy") as cy:
        for client in (ana, bo, cy):
            client.attach()
            await client.publish((Source.MICROPHONE,))
        for client in (ana, bo, cy):
            await client.channel_open(0)
            await client.channel_open(1)
        (await ana.channel_open(0)).send(b"cursor\0" + bytes(range(256)) * 100)
        async with asyncio.timeout(PATIENCE_S):
            expected = b"cursor\0ana\0" + bytes(range(256)) * 100
            assert await bo.messages.get() == expected
            assert await cy.messages.get() == expected

            (await ana.channel_open(1)).send(b"cursor@cy\0quick")
            assert await cy.messages.get() == b"cursor\0ana\0quick"

            # neither without a topic, nor as somebody else, nor by one who may not publish
            (await ana.channel_open(0)).send(b"no topic")
            (await ana.channel_open(0)).send(b"Bad Topic\0x")
            plane.refresh_permissions(ROOM, "ana", grant("ana", publish=()))
            (await ana.channel_open(0)).send(b"cursor\0muted")
            (await cy.channel_open(0)).send(b"cursor\0bo\0last")
            assert await bo.messages.get() == b"cursor\0cy\0bo\0last"


async def test_rooms_do_not_mix(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "eve", room="other") as eve:
        ana.attach()
        eve.attach()
        await ana.publish()
        await eve.publish()
        assert all(offer.tracks == () for offer in eve.offers)
        await until(lambda: bool(ana.offers))
        assert all(offer.tracks == () for offer in ana.offers)


async def test_nothing_is_forwarded_before_the_room_knows_it(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana, seat(plane, "bo") as bo:
        ana.attach()
        bo.attach()

        class Forgetful:
            """The room refuses the tracks."""

            def __getattr__(self, name: str) -> object:
                return (lambda *_: None) if name == "tracks_known" else getattr(plane, name)

        ana.plane = Forgetful()  # type: ignore[assignment]
        await ana.publish()
        await bo.publish()  # while the room has not answered for Ana, it has for Bo
        plane.tracks_refused(ROOM, "ana")
        plane.tracks_known(ROOM, "ana")
        assert plane.stats()[0].tracks == 2  # Bo's
        await ana.offered(lambda offer: len(offer.tracks) == 2)
        assert all(offer.tracks == () for offer in bo.offers)


async def test_joins_and_leaves_leave_nothing_behind(plane: SfuPlane) -> None:
    for number in range(30):
        async with seat(plane, f"ana{number}") as ana, seat(plane, f"bo{number}") as bo:
            bo.attach()
            ana.attach()
            await ana.publish((Source.MICROPHONE,))
            await bo.offered(shows(Source.MICROPHONE))
            await plane.close_participant(ROOM, ana.id)
            await plane.close_participant(ROOM, bo.id)
    stats = plane.stats()[0]
    assert (stats.transports, stats.tracks, stats.subscriptions, stats.native_bytes) == (0, 0, 0, 0)


async def test_a_large_room_is_told_in_slices(plane: SfuPlane) -> None:
    async with seat(plane, "ana") as ana:
        ana.attach()
        result = await ana.publish((Source.MICROPHONE, Source.CAMERA))
        offers: dict[str, list[Offer]] = {f"seat{number}": [] for number in range(60)}
        for name, heard in offers.items():
            plane.attach(ROOM, name, grant(name), heard.append, lambda _: None)
        assert all(len(heard[-1].tracks) == 2 for heard in offers.values())  # at once, for who comes

        plane.refresh_permissions(ROOM, "ana", grant("ana", publish=(Source.MICROPHONE,)))
        for name in list(offers)[::2]:  # some go while the others are being told
            await plane.close_participant(ROOM, name)
            del offers[name]
        for name in offers:
            await plane.restart_subscription(ROOM, name, fresh=True)
        await until(lambda: all(len(heard[-1].tracks) == 1 for heard in offers.values()))
        assert {heard[-1].tracks[0].track_id for heard in offers.values()} == {result.tracks[0][1].id}
