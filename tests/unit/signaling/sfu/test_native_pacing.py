"""What a peer gets whose line has shown a limit: pictures spread, sound at once, repairs within a budget."""

from __future__ import annotations

import pytest
from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.layered_source import LayeredSource, Vp8
from tests.unit.signaling.sfu.media_peer import Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    OUT_SSRC,
    VIDEO_SSRC,
    add_audio,
    add_video,
    assert_gapless,
    frames,
    opus,
)
from tests.unit.signaling.sfu.narrow_line import EXTENSIONS, NarrowLine, number_of, subscribe_reporting

LINE_BPS = 400_000
PARTS = 12  # packets of a picture
SOUND_SSRC = 7001
FIRST = 1_000  # sequence


class Camera:
    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.handle = add_video(peer)
        self.packets = 0  # sent so far
        self._picture = 0

    def send(self, parts: int = PARTS, *sound: Packet) -> None:
        """The next picture, and sound behind it, in one burst."""
        start, timestamp = FIRST + self.packets, 90_000 + self._picture * 3_000
        picture = frames(VIDEO_SSRC, 1, start=start, timestamp=timestamp, per_frame=parts)
        self.packets += parts
        self._picture += 1
        self.peer.send(*picture, *sound)
        self.peer.round_trip()


@pytest.fixture
def camera(publisher: Peer) -> Camera:
    return Camera(publisher)


def narrow(camera: Camera, subscriber: Peer) -> None:
    """Until the estimate has come down to the line's speed."""
    line = NarrowLine(subscriber, LINE_BPS)

    def felt() -> bool:
        camera.send()
        line.report()
        return 0 < subscriber.worker.transport_stats(subscriber.handle).estimate_bps < LINE_BPS

    wait_for(felt, "the line to be felt")


def pictures(peer: Peer) -> list[Packet]:
    peer.receive()
    return [p for p in peer.rtp if p.ssrc == OUT_SSRC]


def sounds(peer: Peer) -> list[Packet]:
    peer.receive()
    return [p for p in peer.rtp if p.ssrc == SOUND_SSRC]


def listen(publisher: Peer, subscriber: Peer) -> None:
    track = add_audio(publisher)
    subscriber.worker.add_subscription(subscriber.handle, track, SOUND_SSRC, 0, 120, 0, b"a", EXTENSIONS)


def test_sound_passes_the_pictures_that_wait_for_a_narrow_line(
    camera: Camera, publisher: Peer, subscriber: Peer
) -> None:
    # given a peer whose line was felt, and nothing waits for it
    listen(publisher, subscriber)
    subscribe_reporting(subscriber, camera.handle, OUT_SSRC)
    narrow(camera, subscriber)
    wait_for(lambda: len(pictures(subscriber)) == camera.packets, "all pictures")
    before = len(pictures(subscriber))

    # when a large picture comes, and sound right behind it
    camera.send(20, opus(1))

    # then the sound leaves among the picture's first packets, and the picture comes whole and in order
    wait_for(lambda: len(pictures(subscriber)) == before + 20, "the picture")
    sound, picture = number_of(sounds(subscriber)[0]), [number_of(p) for p in pictures(subscriber)[before:]]
    assert picture == sorted(picture)
    assert sound < picture[10]
    assert_gapless(pictures(subscriber))


def test_a_peer_whose_line_was_never_felt_gets_everything_at_once(
    camera: Camera, publisher: Peer, subscriber: Peer
) -> None:
    listen(publisher, subscriber)
    subscribe_reporting(subscriber, camera.handle, OUT_SSRC)
    camera.send(20, opus(1))
    wait_for(lambda: sounds(subscriber), "the sound")
    assert len(pictures(subscriber)) == 20
    assert number_of(sounds(subscriber)[0]) > number_of(pictures(subscriber)[-1])


@pytest.mark.parametrize("limited", [False, True])
def test_repairs_take_a_share_of_a_narrow_line(camera: Camera, subscriber: Peer, limited: bool) -> None:
    # given pictures that were sent
    subscription = subscribe_reporting(subscriber, camera.handle, OUT_SSRC)
    if limited:
        narrow(camera, subscriber)
    for _ in range(4):
        camera.send()
    wait_for(lambda: len(pictures(subscriber)) == camera.packets, "all pictures")

    # when the peer misses the last 40 packets
    lost = [p.sequence for p in pictures(subscriber)[-40:]]
    subscriber.send_rtcp(rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=OUT_SSRC, lost=lost))
    subscriber.round_trip()

    # then all come again, or as many as the line bears at once
    again = subscriber.worker.subscription_stats(subscription).retransmitted
    assert (again < 10) if limited else (again == 40)


def test_while_a_long_queue_stands_only_the_lowest_rate_goes_on(publisher: Peer, subscriber: Peer) -> None:
    # given a camera with three temporal layers, sent whole
    source = LayeredSource(publisher, rids=("q",))
    source.send(1, keyframe=True)
    subscribe_reporting(subscriber, source["q"], OUT_SSRC)
    line = NarrowLine(subscriber, 30_000)

    # when the peer's reports tell of a queue of half a second
    def spared() -> bool:
        source.send(4)
        line.report()
        newest = [Vp8.read(p.payload).temporal_id for p in pictures(subscriber)[-4:]]
        return len(pictures(subscriber)) > 20 and newest == [0, 0, 0, 0]

    # then two frames in a row are of the lowest layer
    wait_for(spared, "the lowest rate")
    assert_gapless(pictures(subscriber))


def test_a_narrow_line_waits_for_a_silent_encoding_instead_of_a_better_one(publisher: Peer, subscriber: Peer) -> None:
    # given a peer whose line was felt, and a camera of which only the best encoding is sent
    source = LayeredSource(publisher)
    source.send(1, rids=("f",), keyframe=True)
    subscription = subscribe_reporting(subscriber, source["f"], OUT_SSRC)
    line = NarrowLine(subscriber, 30_000)

    def felt() -> bool:
        source.send(4, rids=("f",))
        line.report()
        return 0 < subscriber.worker.transport_stats(subscriber.handle).estimate_bps < 100_000

    wait_for(felt, "the line to be felt")

    # when it comes back from a pause to the lowest
    subscriber.worker.set_active([subscription], False)
    subscriber.worker.choose_layers([_sfu.LayerChoice(subscription, source["q"], 255, 255)])
    subscriber.worker.set_active([subscription], True)
    worker = subscriber.worker
    wait_for(lambda: len(pictures(subscriber)) == worker.subscription_stats(subscription).packets, "what waited")
    before = len(pictures(subscriber))
    source.send(4, rids=("f",), keyframe=True)

    # then it is sent nothing until that one comes
    assert {Vp8.read(p.payload).encoding for p in pictures(subscriber)[before:]} == set()
    source.send(3, rids=("q", "f"), keyframe=True)
    wait_for(lambda: len(pictures(subscriber)) > before, "the lowest encoding")
    assert {Vp8.read(p.payload).encoding for p in pictures(subscriber)[before:]} == {"q"}
