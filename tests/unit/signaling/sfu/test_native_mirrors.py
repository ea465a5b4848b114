"""A room on one worker, subscribers on another: tracks mirrored through a pipe."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import EXTENSIONS, TRANSPORT_CC, Events, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    AUDIO_SSRC,
    OUT_RTX_SSRC,
    OUT_SSRC,
    VIDEO_SSRC,
    add_audio,
    add_video,
    assert_gapless,
    frames,
    opus,
    subscribe,
    subscribe_audio,
)
from tests.unit.signaling.sfu.test_native_recovery import nack, pli

PLAYOUT = 6


@pytest.fixture
def away() -> Iterator[_sfu.Worker]:
    worker = _sfu.Worker("127.0.0.1")
    yield worker
    worker.close()


@pytest.fixture
def listener(away: _sfu.Worker) -> Iterator[Peer]:
    peer = Peer(away)
    yield peer
    peer.close()


@pytest.fixture
def pipe(worker: _sfu.Worker, away: _sfu.Worker) -> int:
    return worker.connect(away)


def mirror(worker: _sfu.Worker, pipe: int, track: int, away: _sfu.Worker) -> int:
    worker.mirror(pipe, track, away, away.open_inner())
    return track  # it has the same handle there


def test_video_reaches_a_subscriber_on_another_worker(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, subscriber: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    subscribe(subscriber, track)
    subscribe(listener, mirror(worker, pipe, track, away))
    publisher.send(*frames(VIDEO_SSRC, 10))
    here, there = subscriber.wait_rtp(20), listener.wait_rtp(20)
    assert_gapless(there)
    assert [p.payload for p in there] == [p.payload for p in here]
    assert [p.timestamp for p in there] == [p.timestamp for p in here]
    assert [p.marker for p in there] == [p.marker for p in here]
    assert away.stats().packets_forwarded == 20


def test_losses_downstream_are_answered_from_the_mirrors_own_cache(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    subscribe(listener, mirror(worker, pipe, track, away))
    publisher.send(*frames(VIDEO_SSRC, 5))
    lost = listener.wait_rtp(10)[3]
    listener.send_rtcp(nack(lost.sequence))
    resent = listener.wait_rtp(1, OUT_RTX_SSRC)[0]
    assert resent.payload[2:] == lost.payload
    assert worker.track_stats(track).nacks_sent == 0


def test_wishes_for_a_keyframe_go_home_and_late_joiners_replay_there(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    here = mirror(worker, pipe, track, away)
    publisher.send(*frames(VIDEO_SSRC, 5))
    wait_for(lambda: away.track_stats(here).keyframes == 1, "the mirror has the keyframe")
    subscribe(listener, here)  # begins with what the mirror has kept
    assert_gapless(listener.wait_rtp(10))
    listener.send_rtcp(pli())
    wait_for(lambda: worker.track_stats(track).plis_sent == 1, "the publisher is asked")


def test_a_subscriber_before_the_first_packet_waits_for_the_keyframe(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    subscribe(listener, mirror(worker, pipe, track, away))
    wait_for(lambda: worker.track_stats(track).plis_sent >= 1, "the publisher is asked")
    publisher.send(*frames(VIDEO_SSRC, 4, start=500)[2:])  # the rest of a picture whose beginning nobody has
    publisher.send(*frames(VIDEO_SSRC, 3, start=508, timestamp=102_000))
    assert_gapless(listener.wait_rtp(6))


def test_a_mute_and_its_end_reach_the_mirror(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    subscribe(listener, mirror(worker, pipe, track, away))
    packets = frames(VIDEO_SSRC, 30, key_every=20)
    publisher.send(*packets[:10])
    listener.wait_rtp(10)
    worker.set_track_blocked(track, True)
    publisher.send(*packets[10:20])
    publisher.round_trip()
    worker.set_track_blocked(track, False)
    publisher.send(*packets[20:])  # 20 to 39 are deltas to what nobody saw; a keyframe begins at 40
    there = listener.wait_rtp(30)
    assert_gapless(there)
    assert [p.payload for p in there[10:]] == [p.payload for p in packets[40:]]


def test_sender_reports_are_told_of_the_same_moment(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, subscriber: Peer, listener: Peer
) -> None:
    track = add_audio(publisher)
    subscribe_audio(subscriber, track)
    subscribe_audio(listener, mirror(worker, pipe, track, away))
    publisher.send(*(opus(i) for i in range(5)))
    info = rtp.RtcpSenderInfo(ntp_timestamp=(3_900_000_000 << 32), rtp_timestamp=4 * 960, packet_count=5, octet_count=5)
    publisher.send_rtcp(rtp.RtcpSrPacket(ssrc=AUDIO_SSRC, sender_info=info))
    publisher.send(*(opus(i) for i in range(5, 8)))

    def moment(peer: Peer) -> float:
        """The time, in seconds, of RTP timestamp 0 by the peer's first sender report."""
        report = peer.wait_rtcp(lambda packet: isinstance(packet, rtp.RtcpSrPacket))
        told = report.sender_info
        return float(told.ntp_timestamp / 2**32 - told.rtp_timestamp / 48_000)

    assert abs(moment(subscriber) - moment(listener)) < 0.005


def test_voices_are_mirrored_and_nobody_is_sent_their_own(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    room = worker.open_room(1)
    extensions = EXTENSIONS
    mine = worker.add_track(
        publisher.handle, room, _sfu.AUDIO, _sfu.CODEC_OPUS, 48_000, 111, 0, AUDIO_SSRC, 0, b"1", extensions, seat=7
    )
    voice = mirror(worker, pipe, worker.open_voices(room)[0], away)
    other = Peer(away)
    for peer, seat in ((listener, 8), (other, 7)):
        away.add_subscription(peer.handle, voice, OUT_SSRC, 0, 120, 0, b"", EXTENSIONS, seat=seat)
    publisher.send(*(opus(i, 20) for i in range(20)))
    assert_gapless(listener.wait_rtp(20))
    other.round_trip()
    assert len(other.rtp) <= 1  # the very first may be on its way when the mirror learns who speaks
    assert mine
    other.close()


def test_teardown_in_any_order(worker: _sfu.Worker, publisher: Peer) -> None:
    """Tracks, mirrors, transports, pipes and workers go at random while packets flow."""
    chance = random.Random(5)
    for turn in range(8):
        away = _sfu.Worker("127.0.0.1")
        listener = Peer(away)
        pipe = worker.connect(away)
        tracks = [add_video(publisher, ssrc=1000 + n, rtx_ssrc=2000 + n, mid=f"{turn}{n}".encode()) for n in range(4)]
        inner = [away.open_inner() for _ in tracks]
        for n, track in enumerate(tracks):
            worker.mirror(pipe, track, away, inner[n])
        for n, here in enumerate(tracks):
            subscribe(listener, here, ssrc=OUT_SSRC + 2 * n)
        ends = [
            *((worker.remove_track, (track,)) for track in tracks),
            *((away.remove_track, (here,)) for here in tracks[:2]),
            *((away.close_transport, (handle,)) for handle in inner[2:]),
            (worker.disconnect, (pipe,)),
            (away.close_transport, (listener.handle,)),
        ]
        chance.shuffle(ends)
        at = chance.randrange(len(ends))
        for number, (end, arguments) in enumerate(ends):
            for n in range(4):
                publisher.send(*frames(1000 + n, 3, start=100 * number + 10))
            if number == at and turn % 2:
                away.close()
            if turn % 2 and number >= at and end.__self__ is away:  # type: ignore[attr-defined]
                continue
            end(*arguments)
        publisher.round_trip()
        listener.close()
        away.close()
    assert worker.stats().tracks == 0


def test_many_times_what_a_pipe_holds_passes_through_it(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    """The ring of 4 MiB goes round and round; every packet comes out once, in order."""
    track = add_video(publisher)
    subscribe(listener, mirror(worker, pipe, track, away))
    packets = frames(VIDEO_SSRC, 5_000, key_every=500)
    received = 0
    for first in range(0, len(packets), 50):
        publisher.send(*packets[first : first + 50])
        for packet in listener.wait_rtp(50):
            assert packet.payload == packets[received].payload
            received += 1
        listener.rtp.clear()
    assert received == len(packets)
    assert worker.stats().busy_us > 0


def test_wrong_uses_are_refused(worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer) -> None:
    track = add_video(publisher)
    inner = away.open_inner()
    worker.mirror(pipe, track, away, inner)
    third = _sfu.Worker("127.0.0.1")
    with pytest.raises(ValueError, match="set"):
        worker.mirror(pipe, track, away, inner)
    with pytest.raises(ValueError, match="mirror"):
        worker.mirror(pipe, track, third, third.open_inner())
    with pytest.raises(ValueError, match="pipe"):
        worker.connect(worker)
    with pytest.raises(KeyError):
        worker.mirror(pipe, 999, away, inner)
    with pytest.raises(KeyError):
        worker.mirror(pipe, add_audio(publisher), away, 999)
    worker.stop_mirror(pipe, track)
    with pytest.raises(KeyError):
        worker.stop_mirror(pipe, track)
    worker.disconnect(pipe)
    with pytest.raises(KeyError):
        worker.disconnect(pipe)
    third.close()


def test_what_is_lost_on_the_way_home_holds_pictures_back_everywhere(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = add_video(publisher)
    extensions = _sfu.Extensions(mid=4, transport_cc=TRANSPORT_CC, playout_delay=PLAYOUT)
    settings = (OUT_SSRC, OUT_RTX_SSRC, 100, 101, b"v", extensions)
    away.add_subscription(listener.handle, mirror(worker, pipe, track, away), *settings)
    packets = frames(VIDEO_SSRC, 2_000, key_every=50)
    publisher.send(*packets[:20])
    assert not any(PLAYOUT in p.extensions for p in listener.wait_rtp(20))
    at = iter(range(20, len(packets), 20))

    def asked(peer: Peer) -> bool:
        """Every fourth packet is lost on the way home; the newest sent on is to be held back at least 10 ms."""
        first = next(at)
        publisher.send(*(packet for number, packet in enumerate(packets[first : first + 20]) if number % 4 != 3))
        publisher.round_trip()
        peer.receive()
        return bool(peer.rtp) and peer.rtp[-1].extensions.get(PLAYOUT, b"") >= b"\0\x10\0"

    wait_for(lambda: asked(listener), "the mirror's subscriber is asked")
    # and a mirror that is made later learns of it at once
    third = _sfu.Worker("127.0.0.1")
    late = Peer(third)
    third.add_subscription(late.handle, mirror(worker, worker.connect(third), track, third), *settings)
    wait_for(lambda: asked(late), "so is that of a later one")
    late.close()
    third.close()


def test_events_of_a_mirror_stay_at_home(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    at_home, elsewhere = Events(worker), Events(away)
    track = add_audio(publisher)
    subscribe_audio(listener, mirror(worker, pipe, track, away))
    publisher.send(opus(1))
    packet: Packet = listener.wait_rtp(1)[0]
    assert packet.payload_type == 120
    at_home.wait(_sfu.EVENT_TRACK_STARTED)
    assert not elsewhere.all(_sfu.EVENT_TRACK_STARTED)


def test_who_watches_a_mirror_counts_at_home(
    worker: _sfu.Worker, away: _sfu.Worker, pipe: int, publisher: Peer, listener: Peer
) -> None:
    track = mirror(worker, pipe, add_video(publisher), away)
    assert worker.track_stats(track).watchers == 0
    subscription = subscribe(listener, track)
    wait_for(lambda: worker.track_stats(track).watchers == 1, "watched")
    away.set_active([subscription], False)
    wait_for(lambda: worker.track_stats(track).watchers == 0, "paused")
    away.set_active([subscription], True)
    wait_for(lambda: worker.track_stats(track).watchers == 1, "watched again")
    worker.stop_mirror(pipe, track)
    assert worker.track_stats(track).watchers == 0
