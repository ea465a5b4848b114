"""A room of sixty microphones: what a join costs those who are there.  Real rooms and offers; nobody sends media."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms.core.model import Source
from signaling.messages import Offer, PublishedMedia
from signaling.sfu.directory import DIRECT_MICROPHONES_MAX
from signaling.sfu.plane import PlaneSettings, SfuPlane
from signaling.webrtc import sdp
from tests.contract.test_media_plane import ROOM, grant, until

CROWD = 60
CAPTURED = Path(__file__).parents[1] / "unit/signaling/webrtc/captured"
OFFER = (CAPTURED / "chromium_publish.sdp").read_text()
VIEWING_OFFER = (CAPTURED / "chromium_view.sdp").read_text()


@pytest.fixture
async def plane() -> AsyncIterator[SfuPlane]:
    made = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
    yield made
    await made.close()


class Page:
    """Answers each offer at once, as a page does."""

    def __init__(self, plane: SfuPlane, name: str) -> None:
        self.plane = plane
        self.name = name
        self.offers: list[Offer] = []
        self.unanswered: list[Offer] = []
        plane.attach(ROOM, name, grant(name), self._on_offer, lambda _: None)

    def _on_offer(self, offer: Offer) -> None:
        self.offers.append(offer)
        self.unanswered.append(offer)

    async def answer(self) -> None:
        while self.unanswered:
            offer = self.unanswered.pop(0)
            await self.plane.answer(ROOM, self.name, offer.revision, answer_to(offer.sdp))

    async def publish(self) -> None:
        media = (PublishedMedia("0", Source.MICROPHONE),)
        await self.plane.publish(ROOM, self.name, OFFER, media)
        self.plane.tracks_known(ROOM, self.name)


def answer_to(text: str) -> str:
    offered = sdp.parse(text)
    lines = ["v=0", "o=- 99 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(media.mid for media in offered.media))
    for media in offered.media:
        payloads = " ".join(str(entry.payload_type) for entry in media.formats)
        direction = "recvonly" if media.direction is sdp.Direction.SENDONLY else "inactive"
        lines += [f"m={media.kind} 9 UDP/TLS/RTP/SAVPF {payloads}", f"a=mid:{media.mid}", f"a={direction}"]
        lines += ["a=rtcp-mux", "a=setup:active", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789abcdef01234567"]
        lines.append("a=fingerprint:sha-256 " + ":".join(["CD"] * 32))
        for entry in media.formats:
            channels = f"/{entry.channels}" if entry.channels > 1 else ""
            lines.append(f"a=rtpmap:{entry.payload_type} {entry.name}/{entry.clock_rate}{channels}")
            lines += [f"a=fmtp:{entry.payload_type} {entry.parameters}"] if entry.parameters else []
    return "\r\n".join(lines) + "\r\n"


def heard(page: Page) -> list[str]:
    return [track.track_id for track in page.offers[-1].tracks]


async def test_a_crowd_hears_voices_and_a_join_costs_nobody_an_offer(plane: SfuPlane) -> None:
    pages: list[Page] = []
    settled = 0

    async def all_answered() -> None:
        for page in pages:
            await page.answer()

    for number in range(CROWD):
        pages.append(Page(plane, f"p{number:02}"))
        await pages[-1].publish()
        await until(lambda: bool(pages[-1].offers))
        await all_answered()
        if number == DIRECT_MICROPHONES_MAX + 4:
            await until(lambda: all(len(heard(page)) == 5 or page.unanswered for page in pages))
            await all_answered()
            await until(lambda: all(len(heard(page)) == 5 for page in pages))
            await all_answered()
            settled = sum(len(page.offers) for page in pages)
    late = len(pages) - DIRECT_MICROPHONES_MAX - 5
    await until(lambda: all(heard(page) == [f"voice-{n}" for n in range(5)] for page in pages))

    # those who came later cost their own first offers, and nobody else any
    assert sum(len(page.offers) for page in pages) <= settled + 2 * late
    assert max(len(page.offers) for page in pages) <= DIRECT_MICROPHONES_MAX + 6
    assert len(pages[-1].offers[-1].sdp) < 8_000
    assert {track.participant_id for track in pages[0].offers[-1].tracks} == {""}

    # and when most have left, people are heard one by one again
    for page in pages[DIRECT_MICROPHONES_MAX // 2 :]:
        await plane.close_participant(ROOM, page.name)
    left = pages[: DIRECT_MICROPHONES_MAX // 2]

    def direct() -> bool:
        return all(
            {t.participant_id for t in p.offers[-1].tracks} == {o.name for o in left if o is not p} for p in left
        )

    await until(direct)


async def test_a_viewer_has_one_sound_of_a_room_that_becomes_a_crowd_and_is_none_again(plane: SfuPlane) -> None:
    pages = [Page(plane, f"p{number:02}") for number in range(DIRECT_MICROPHONES_MAX + 1)]
    present = list(pages)

    async def settled(sounds: int) -> None:
        """Each page has so many, and the viewer one."""
        async with asyncio.timeout(30):
            while sum(worker.subscriptions for worker in plane.stats()) != len(present) * sounds + 1:
                for page in present:
                    await page.answer()
                await asyncio.sleep(0.01)

    # given somebody who speaks, and a viewer with one section for sound
    await pages[0].publish()
    await plane.view(ROOM, "tv", grant("tv"), VIEWING_OFFER)

    # when the room becomes a crowd, then the viewer gets one sound in place of the other
    for page in pages[1:]:
        await page.publish()
    await settled(5)

    # and so it is when half have left
    del present[DIRECT_MICROPHONES_MAX // 2 :]
    for page in pages[DIRECT_MICROPHONES_MAX // 2 :]:
        await plane.close_participant(ROOM, page.name)
    await settled(len(present) - 1)
