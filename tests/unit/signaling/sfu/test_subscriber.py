"""One seat's subscribing connection: whom it is sent when a camera or a screen comes on or goes off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiortc import RTCSessionDescription

from rooms.core.model import Source
from rooms.tasks import TaskOwner
from signaling.messages import Offer, Want
from signaling.sfu import _sfu
from signaling.sfu.link import LinkServices
from signaling.sfu.pump import WorkerPump
from signaling.sfu.rates import EncodingRates
from signaling.sfu.subscriber import Subscriber
from signaling.sfu.tracks import LiveTrack
from signaling.sfu.wants import Selection
from signaling.webrtc.dtls import ServerCertificate
from tests.support.rtc_client import new_connection
from tests.unit.signaling.sfu.media_peer import EXTENSIONS, Peer
from tests.unit.signaling.sfu.test_audience import track


class Viewer:
    """A seat that watches a pinned camera and another, each of which costs what a camera is taken for (1.5 Mbit/s)."""

    def __init__(self) -> None:
        self.pump = WorkerPump(_sfu.Worker("127.0.0.1"))
        self.publisher = Peer(self.pump.worker, connected=False)
        self.tracks = {name: self._camera(name, number) for number, name in enumerate(("pinned", "other"))}
        self.services = LinkServices(
            ServerCertificate.generateCertificate(), asyncio.Semaphore(), TaskOwner(), ("127.0.0.1",)
        )
        self.subscriber = Subscriber(
            self.services, self.pump, "bo", 1, self.tracks, EncodingRates(self.pump.worker.track_stats)
        )

    def _camera(self, name: str, number: int) -> LiveTrack:
        handle = self.pump.worker.add_track(
            self.publisher.handle, 0, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, 96, 97, 10 + number, 20 + number,
            b"%d" % number, EXTENSIONS,
        )  # fmt: skip
        return track(name, "ana", Source.CAMERA, handle)

    async def settle(self) -> None:
        """Offers are answered until all is bound."""
        offers: asyncio.Queue[Offer] = asyncio.Queue()
        wanted = tuple(each.as_wanted() for each in self.tracks.values())
        tiles = {"pinned": Want("pinned", pinned=True), "other": Want("other")}
        self.subscriber.attach(offers.put_nowait, Selection(wanted, frozenset(), tiles))
        client = new_connection()
        while self.subscriber.subscriptions < len(self.tracks):
            offer = await offers.get()
            await client.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await client.setLocalDescription(await client.createAnswer())
            self.subscriber.answer(offer.revision, client.localDescription.sdp)
        await client.close()

    def line(self, bps: int, limited: bool) -> None:
        link = self.subscriber.link
        assert link is not None
        link.on_estimate(bps, limited)

    def turn(self, name: str, on: bool) -> None:
        self.tracks[name].blocked = not on
        self.subscriber.turned(name)

    @property
    def sent(self) -> list[str]:
        stats = self.pump.worker.track_stats
        return [name for name, each in self.tracks.items() if stats(each.handle).watchers]

    async def close(self) -> None:
        self.subscriber.close()
        self.publisher.close()
        await self.services.tasks.close()
        self.pump.close()


@pytest.fixture
async def viewer() -> AsyncIterator[Viewer]:
    made = Viewer()
    await made.settle()
    yield made
    await made.close()


async def test_a_camera_that_comes_on_takes_its_place_at_once_on_a_narrow_line(viewer: Viewer) -> None:
    # given one of two cameras off, and a line for one: the other is sent, and that which is off costs nothing
    viewer.turn("pinned", on=False)
    viewer.line(2_000_000, limited=True)
    assert viewer.sent == ["pinned", "other"]
    # when it comes on, it goes first, without waiting for the next review
    viewer.turn("pinned", on=True)
    assert viewer.sent == ["pinned"]


async def test_what_is_not_watched_here_or_fits_changes_nothing(viewer: Viewer) -> None:
    viewer.line(2_000_000, limited=False)  # what goes through is not taken away
    viewer.turn("pinned", on=False)
    viewer.turn("pinned", on=True)
    assert viewer.sent == ["pinned", "other"]
    viewer.line(2_000_000, limited=True)
    assert viewer.sent == ["pinned"]
    viewer.subscriber.turned("somebody else's")
    assert viewer.sent == ["pinned"]
