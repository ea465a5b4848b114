"""What clients do to a handshake on bad lines: lose any part of it, give it up, begin anew, restart ICE in its midst.

The clients are the soak's: ICE, DTLS and SRTP in the event loop, so that each datagram can be withheld.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from rooms.core.codes import Code
from rooms.core.model import Grant, Role, Source
from signaling.messages import Offer, PublishedMedia
from signaling.ports import MediaRejected
from signaling.sfu.link import LinkState
from signaling.sfu.plane import PlaneSettings, SfuPlane
from tests.bench.peer import Certificate
from tests.bench.sdp import Remote, read_remote
from tests.soak import sdp
from tests.soak.line import Line
from tests.soak.receiving import Receiving
from tests.soak.sending import Sending

ROOM = "room"
ADDRESS = "127.0.0.1"
SOURCE = "127.0.0.2"
OTHER_SOURCE = "127.0.0.3"
PATIENCE_S = 30.0
CERTIFICATE = Certificate()
DATAGRAMS_OUT = 6  # hello; certificate, key, proof, change of cipher, Finished
DATAGRAMS_IN = 2  # hello to hello done; change of cipher and Finished
ALL = 1_000


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    made = SfuPlane(PlaneSettings(addresses=(ADDRESS,), bind_address=ADDRESS))
    yield made
    await made.close()


class Lossy(Line):
    """Loses DTLS datagrams by their number, out or in, counted from 0."""

    def __init__(self, out: frozenset[int] = frozenset(), into: frozenset[int] = frozenset(), port: int = 0) -> None:
        super().__init__(CERTIFICATE, SOURCE, lambda _: None, lambda _: None, port)
        self.lost_out, self.lost_in = out, into
        self.sent = self.came = 0

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def send(self, packet: bytes) -> None:
        if 20 <= packet[0] <= 63:  # RFC 7983 7
            self.sent += 1
            if self.sent - 1 in self.lost_out:
                return
        super().send(packet)

    def read_dtls(self, data: bytes) -> None:
        self.came += 1
        if self.came - 1 not in self.lost_in:
            super().read_dtls(data)


class Seat:
    """Speaks to the plane without a socket between; answers nothing by itself."""

    def __init__(self, plane: SfuPlane, name: str) -> None:
        self.plane = plane
        self.name = name
        self.offers: asyncio.Queue[Offer] = asyncio.Queue()
        grant = Grant(identity=name, name=name, role=Role.PARTICIPANT)
        plane.attach(ROOM, name, grant, self.offers.put_nowait, lambda _: None)

    async def say_publish(self, offer: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
        media = tuple(PublishedMedia(one["mid"], Source(one["source"])) for one in sources)
        result = await self.plane.publish(ROOM, self.name, offer, media)
        self.plane.tracks_known(ROOM, self.name)
        return {"sdp": result.sdp, "tracks": [{"mid": mid, "track_id": track.id} for mid, track in result.tracks]}

    async def publish(self, line: Line) -> Remote:
        """A microphone."""
        offer = sdp.publishing_offer(line, CERTIFICATE.fingerprint, 77, ())
        published = await self.say_publish(offer, [{"mid": sdp.AUDIO_MID, "source": "microphone"}])
        return read_remote(published["sdp"], ADDRESS)

    async def answer(self, offer: Offer, line: Line) -> Remote:
        text, _ = sdp.subscribing_answer(offer.sdp, line, CERTIFICATE.fingerprint)
        await self.plane.answer(ROOM, self.name, offer.revision, text)
        return read_remote(offer.sdp, ADDRESS)

    async def offered(self) -> Offer:
        async with asyncio.timeout(PATIENCE_S):
            return await self.offers.get()

    @property
    def published(self) -> bool:
        """By the server's side of it: the core has the keys."""
        link = self._seat.publisher.link
        return link is not None and link.state is LinkState.SECURE

    @property
    def subscribed(self) -> bool:
        subscriber = self._seat.subscriber
        return subscriber is not None and subscriber.link is not None and subscriber.link.state is LinkState.SECURE

    @property
    def _seat(self) -> Any:
        room = self.plane.media_of(ROOM)
        assert room is not None
        return room.seat(self.name)


async def until(fits: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not fits():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def all_from(number: int) -> frozenset[int]:
    return frozenset(range(number, ALL))


async def test_each_datagram_of_a_handshake_may_be_lost(plane: SfuPlane) -> None:
    async def shake(name: str, line: Lossy) -> None:
        seat = Seat(plane, name)
        await line.connect(await seat.publish(line))
        await until(lambda: seat.published)
        await line.close()

    await asyncio.gather(
        *(shake(f"out {number}", Lossy(out=frozenset({number}))) for number in range(DATAGRAMS_OUT)),
        *(shake(f"in {number}", Lossy(into=frozenset({number}))) for number in range(DATAGRAMS_IN)),
        shake("both", Lossy(out=frozenset({1, 5}), into=frozenset({0}))),
    )


@pytest.mark.parametrize("reached", range(DATAGRAMS_OUT + 1))
async def test_a_handshake_that_was_given_up_hinders_no_other(plane: SfuPlane, reached: int) -> None:
    """Wherever it stood, and from the same port too."""
    ana = Seat(plane, "ana")
    lost = Lossy(out=all_from(reached), into=frozenset() if reached > 1 else all_from(0))
    giving_up = asyncio.create_task(lost.connect(await ana.publish(lost)))
    await until(lambda: lost.sent >= min(reached + 1, DATAGRAMS_OUT) or giving_up.done())
    giving_up.cancel()
    await asyncio.gather(giving_up, return_exceptions=True)
    port = lost.port
    await lost.close()

    line = Lossy(port=port)
    await line.connect(await ana.publish(line))

    await until(lambda: ana.published)
    assert plane.stats()[0].transports == 2  # hers, one of each direction
    await line.close()


async def test_ice_may_restart_while_hands_are_shaken(plane: SfuPlane) -> None:
    ana = Seat(plane, "ana")
    line = Lossy(out=all_from(1))
    shaking = asyncio.create_task(line.connect(await ana.publish(line)))
    await until(lambda: line.sent > 1)

    line.renew()
    line.lost_out = frozenset()
    await line.follow(await ana.publish(line), OTHER_SOURCE)

    await shaking
    await until(lambda: ana.published)
    await line.close()


async def test_a_subscription_may_restart_while_hands_are_shaken(plane: SfuPlane) -> None:
    ana = Seat(plane, "ana")
    line = Lossy(out=all_from(1))
    shaking = asyncio.create_task(line.connect(await ana.answer(await ana.offered(), line)))
    await until(lambda: line.sent > 1)

    await plane.restart_subscription(ROOM, "ana", False)
    offer = await ana.offered()
    assert not offer.fresh  # it was answered, so the same connection goes on
    line.renew()
    line.lost_out = frozenset()
    await line.follow(await ana.answer(offer, line), OTHER_SOURCE)

    await shaking
    await until(lambda: ana.subscribed)
    await line.close()


async def test_hands_may_be_shaken_before_the_answer_is_there(plane: SfuPlane) -> None:
    ana = Seat(plane, "ana")
    offer = await ana.offered()
    line = Lossy(into=frozenset({1}))  # even when the last flight has to be asked for again
    shaking = asyncio.create_task(line.connect(read_remote(offer.sdp, ADDRESS)))
    await until(lambda: line.came > 1)
    assert not ana.subscribed
    await ana.answer(offer, line)
    await shaking
    await until(lambda: ana.subscribed)
    await line.close()


async def test_answers_that_are_late_or_come_twice_are_refused_and_change_nothing(plane: SfuPlane) -> None:
    ana, bo = Seat(plane, "ana"), Seat(plane, "bo")
    old, line = Lossy(), Lossy()
    first_offer = await ana.offered()
    await plane.restart_subscription(ROOM, "ana", True)
    offer = await ana.offered()
    assert (offer.fresh, offer.revision) == (True, first_offer.revision + 1)

    with pytest.raises(MediaRejected) as late:
        await ana.answer(first_offer, old)
    assert late.value.code is Code.CONFLICT

    # what is published while an answer is awaited waits for it
    speaking = Lossy()
    await speaking.connect(await bo.publish(speaking))
    assert ana.offers.empty()
    remote = await ana.answer(offer, line)
    with pytest.raises(MediaRejected) as twice:
        await ana.answer(offer, line)
    assert twice.value.code is Code.CONFLICT

    following = await ana.offered()
    assert [track.participant_id for track in following.tracks] == ["bo"]
    assert not following.fresh
    await ana.answer(following, line)
    await line.connect(remote)
    await until(lambda: ana.subscribed)
    for one in (old, line, speaking):
        await one.close()


async def test_the_soaks_people_connect_anew_and_go_on_where_they_were_cut_off(plane: SfuPlane) -> None:
    """A publisher that comes with a new connection; a subscriber whose socket ends while hands are shaken."""
    ana = Seat(plane, "ana")
    sending = Sending(CERTIFICATE, ADDRESS, SOURCE)
    await sending.publish(ana.say_publish)
    tracks = dict(sending.track_ids)
    await sending.publish(ana.say_publish)
    assert sending.secure
    assert sending.track_ids == tracks

    receiving = Receiving(CERTIFICATE, ADDRESS, SOURCE)

    async def answer(offer: Offer) -> None:
        async def say(text: str) -> bool:
            await plane.answer(ROOM, "ana", offer.revision, text)
            return True

        await receiving.answer({"sdp": offer.sdp, "fresh": offer.fresh, "tracks": []}, say)

    answering = asyncio.create_task(answer(await ana.offered()))
    await until(lambda: receiving.line is not None and receiving.line.answered_at > 0)
    answering.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await answering
    await plane.restart_subscription(ROOM, "ana", False)
    await answer(await ana.offered())
    assert receiving.secure
    await until(lambda: ana.subscribed)
    await sending.close()
    await receiving.close()
