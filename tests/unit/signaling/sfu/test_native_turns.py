"""A source that turns from one codec to another in mid-stream, and one that is sent in two codecs at once."""

from __future__ import annotations

import itertools

import pytest

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import DOWN_EXTENSIONS, EXTENSIONS, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    OUT_RTX_SSRC,
    OUT_SSRC,
    VIDEO_RTX_SSRC,
    VIDEO_SSRC,
    assert_gapless,
    frames,
)
from tests.unit.signaling.sfu.test_native_recovery import nack

BACKUP_SSRC = 131
VP8 = _sfu.PayloadFormat(_sfu.CODEC_VP8, 96, 97)
H264 = _sfu.PayloadFormat(_sfu.CODEC_H264, 102, 103)
OUT_VP8 = _sfu.PayloadFormat(_sfu.CODEC_VP8, 100, 101)
OUT_H264 = _sfu.PayloadFormat(_sfu.CODEC_H264, 104, 105)


def h264(count: int, *, ssrc: int = VIDEO_SSRC, start: int, timestamp: int, payload_type: int = 102) -> list[Packet]:
    """`count` pictures of two packets; the first begins with parameter sets and is a keyframe (RFC 6184 5.6)."""
    packets = []
    for picture in range(count):
        parts = (b"\x67\x42\xe0\x1f", b"\x65\x88") if picture == 0 else (b"\x41\x9a", b"\x41\x9b")
        for part, head in enumerate(parts):
            packets.append(
                Packet(ssrc, start + 2 * picture + part, timestamp + picture * 3000, head + bytes(300),
                       payload_type=payload_type, marker=part == 1)
            )  # fmt: skip
    return packets


def add_turning(peer: Peer) -> int:
    return peer.worker.add_track(
        peer.handle, 0, _sfu.VIDEO, VP8.codec, 90_000, VP8.payload_type, VP8.rtx_payload_type, VIDEO_SSRC,
        VIDEO_RTX_SSRC, b"0", EXTENSIONS, alternatives=[H264],
    )  # fmt: skip


def subscribe(peer: Peer, track: int, *formats: _sfu.PayloadFormat) -> int:
    return peer.worker.add_subscription(
        peer.handle, track, OUT_SSRC, OUT_RTX_SSRC, 0, 0, b"v", DOWN_EXTENSIONS, formats=formats
    )


def media(peer: Peer) -> list[Packet]:
    peer.round_trip()
    return [p for p in peer.rtp if p.ssrc == OUT_SSRC]


def assert_continuous(packets: list[Packet]) -> None:
    assert_gapless(packets)
    times = [p.timestamp for p in packets]
    assert times == sorted(times)


def test_a_turn_shows_no_seam_to_who_can_take_both(worker: _sfu.Worker, publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber of both codecs
    track = add_turning(publisher)
    subscribe(subscriber, track, OUT_VP8, OUT_H264)
    publisher.send(*frames(VIDEO_SSRC, 5, start=1000))
    publisher.round_trip()

    # when the publisher turns
    publisher.send(*h264(5, start=1010, timestamp=105_000))
    publisher.round_trip()

    # then everything goes on, under the payload type of each
    got = media(subscriber)
    assert [p.payload_type for p in got] == [100] * 10 + [104] * 10
    assert_continuous(got)
    assert worker.track_stats(track).codec == _sfu.CODEC_H264

    # and what was sent before is sent again as what it was
    subscriber.send_rtcp(nack(got[9].sequence, got[11].sequence))
    again = subscriber.wait_rtp(2, OUT_RTX_SSRC)
    assert sorted(p.payload_type for p in again) == [101, 105]
    assert {p.payload[2:] for p in again} == {got[9].payload, got[11].payload}


def test_who_cannot_take_the_new_codec_rests_until_it_turns_back(
    worker: _sfu.Worker, publisher: Peer, subscriber: Peer
) -> None:
    track = add_turning(publisher)
    subscribe(subscriber, track, OUT_VP8)
    publisher.send(*frames(VIDEO_SSRC, 2, start=1000))
    publisher.round_trip()
    publisher.send(*h264(3, start=1004, timestamp=96_000))
    publisher.round_trip()
    assert {p.payload_type for p in media(subscriber)} == {100}
    assert worker.track_stats(track).watchers == 0

    tries = itertools.count()

    def resumed() -> bool:  # a turn too soon is not taken
        number = next(tries)
        publisher.send(*frames(VIDEO_SSRC, 2, start=1010 + 4 * number, timestamp=105_000 + 6_000 * number))
        publisher.round_trip()
        return len(media(subscriber)) > 8

    wait_for(resumed, "VP8 again")
    assert worker.track_stats(track).codec == _sfu.CODEC_VP8
    assert worker.track_stats(track).watchers > 0
    assert_gapless(media(subscriber))


def test_retransmissions_name_the_codec_of_what_was_lost(publisher: Peer, subscriber: Peer) -> None:
    track = add_turning(publisher)
    subscribe(subscriber, track, OUT_VP8, OUT_H264)
    publisher.send(*frames(VIDEO_SSRC, 2, start=1000))
    publisher.round_trip()
    pictures = h264(3, start=1004, timestamp=96_000)
    lost = pictures.pop(3)
    publisher.send(*pictures)
    publisher.round_trip()

    # when the lost packet comes as RTX of the new codec
    body = lost.sequence.to_bytes(2, "big") + lost.payload
    publisher.send(Packet(VIDEO_RTX_SSRC, 1, lost.timestamp, body, payload_type=103, marker=True))

    got = subscriber.wait_rtp(10, OUT_SSRC)
    assert_gapless(sorted(got, key=lambda p: p.sequence))
    assert {p.payload_type for p in got[4:]} == {104}
    assert lost.payload in {p.payload for p in got}


def test_an_unknown_payload_type_turns_nothing(worker: _sfu.Worker, publisher: Peer, subscriber: Peer) -> None:
    track = add_turning(publisher)
    subscribe(subscriber, track, OUT_VP8, OUT_H264)
    publisher.send(*frames(VIDEO_SSRC, 1))
    publisher.round_trip()
    publisher.send(*h264(1, start=1002, timestamp=93_000, payload_type=120))
    publisher.send(*frames(VIDEO_SSRC, 1, start=1004, timestamp=96_000))
    publisher.round_trip()
    assert [p.payload_type for p in media(subscriber)] == [100] * 4
    assert_gapless(media(subscriber))
    assert worker.track_stats(track).codec == _sfu.CODEC_VP8


def test_turns_are_bounded(worker: _sfu.Worker, publisher: Peer) -> None:
    track = add_turning(publisher)
    for number in range(6):
        publisher.send(
            *frames(VIDEO_SSRC, 1, start=1000 + 4 * number, timestamp=90_000 + 6_000 * number),
            *h264(1, start=1002 + 4 * number, timestamp=93_000 + 6_000 * number),
        )
    publisher.round_trip()
    assert worker.track_stats(track).codec == _sfu.CODEC_H264  # and stayed it


@pytest.fixture
def backed_up(publisher: Peer) -> tuple[int, int]:
    """A source in H264, with a second stream of it in VP8 in a section of its own."""
    main = publisher.worker.add_track(
        publisher.handle, 0, _sfu.VIDEO, H264.codec, 90_000, H264.payload_type, H264.rtx_payload_type, VIDEO_SSRC,
        VIDEO_RTX_SSRC, b"0", EXTENSIONS,
    )  # fmt: skip
    backup = publisher.worker.add_track(
        publisher.handle, 0, _sfu.VIDEO, VP8.codec, 90_000, VP8.payload_type, VP8.rtx_payload_type, BACKUP_SSRC, 0,
        b"5", EXTENSIONS, sibling=main,
    )  # fmt: skip
    return main, backup


def test_a_backup_is_sent_to_those_who_need_it_and_to_nobody_else(
    worker: _sfu.Worker, publisher: Peer, subscriber: Peer, backed_up: tuple[int, int]
) -> None:
    # given one subscriber who takes both, and one who takes VP8 only; both want the source
    main, backup = backed_up
    other = Peer(worker)
    subscribe(subscriber, main, OUT_H264, OUT_VP8)
    needy = subscribe(other, main, OUT_VP8)

    publisher.send(*h264(3, start=1, timestamp=1), *frames(BACKUP_SSRC, 3, start=50_000, timestamp=7))
    publisher.round_trip()

    assert {p.payload_type for p in media(subscriber)} == {104}
    assert {p.payload_type for p in media(other)} == {100}
    assert len(media(other)) == 6
    assert worker.subscription_stats(needy).track == backup
    assert all(worker.track_stats(track).watchers for track in backed_up)
    other.close()


def test_without_its_backup_a_subscription_rests_and_the_next_backup_goes_on_gapless(
    worker: _sfu.Worker, publisher: Peer, subscriber: Peer, backed_up: tuple[int, int]
) -> None:
    main, backup = backed_up
    subscribe(subscriber, main, OUT_VP8)
    publisher.send(*h264(2, start=1, timestamp=1), *frames(BACKUP_SSRC, 2, start=50_000, timestamp=7))
    publisher.round_trip()
    worker.remove_track(backup)
    publisher.send(*h264(2, start=5, timestamp=9_001))
    publisher.round_trip()
    assert len(media(subscriber)) == 4

    worker.add_track(
        publisher.handle, 0, _sfu.VIDEO, VP8.codec, 90_000, VP8.payload_type, 0, BACKUP_SSRC + 1, 0, b"6", EXTENSIONS,
        sibling=main,
    )  # fmt: skip
    publisher.send(*h264(1, start=9, timestamp=18_001), *frames(BACKUP_SSRC + 1, 2, start=7, timestamp=5))
    publisher.round_trip()
    got = media(subscriber)
    assert len(got) == 8
    assert_gapless(got)


def test_turns_and_backups_reach_another_worker(worker: _sfu.Worker, publisher: Peer) -> None:
    # given subscribers on another worker, one of both codecs and one of H264 only
    away = _sfu.Worker("127.0.0.1")
    both, single = Peer(away), Peer(away)
    track = add_turning(publisher)
    backup = worker.add_track(
        publisher.handle, 0, _sfu.VIDEO, H264.codec, 90_000, H264.payload_type, 0, BACKUP_SSRC, 0, b"5", EXTENSIONS,
        sibling=track,
    )  # fmt: skip
    pipe, inner = worker.connect(away), away.open_inner()
    for handle in (track, backup):
        worker.mirror(pipe, handle, away, inner)
    subscribe(both, track, OUT_VP8, OUT_H264)
    subscribe(single, track, OUT_H264)

    publisher.send(*frames(VIDEO_SSRC, 3, start=1000), *h264(3, ssrc=BACKUP_SSRC, start=1, timestamp=1))
    assert {p.payload_type for p in both.wait_rtp(6, OUT_SSRC)} == {100}
    assert {p.payload_type for p in single.wait_rtp(6, OUT_SSRC)} == {104}

    publisher.send(*h264(3, start=1006, timestamp=99_000))
    got = both.wait_rtp(12, OUT_SSRC)
    assert [p.payload_type for p in got] == [100] * 6 + [104] * 6
    assert_continuous(got)
    for peer in (both, single):
        peer.close()
    away.close()


def test_formats_are_checked(worker: _sfu.Worker, publisher: Peer, subscriber: Peer) -> None:
    track = add_turning(publisher)
    with pytest.raises(ValueError, match="formats"):
        subscribe(subscriber, track, *[OUT_VP8] * 5)
    with pytest.raises(ValueError, match="payload type"):
        subscribe(subscriber, track, _sfu.PayloadFormat(_sfu.CODEC_VP8, 128))
    with pytest.raises(ValueError, match="conflict"):
        worker.add_track(
            publisher.handle, 0, _sfu.VIDEO, VP8.codec, 90_000, 96, 0, 7, 0, b"9", EXTENSIONS, sibling=12_345
        )
