"""Forwarding by the media worker: what subscribers get, gaplessly, whatever the publisher and the room do."""

from __future__ import annotations

import itertools
import struct
import time

import pytest

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import AUDIO_LEVEL, KEY_BYTES, MID, Events, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    AUDIO_SSRC,
    OUT_SSRC,
    VIDEO_RTX_SSRC,
    VIDEO_SSRC,
    add_audio,
    add_video,
    assert_gapless,
    frames,
    opus,
    subscribe,
    subscribe_audio,
    vp8,
)


@pytest.mark.parametrize("profile", KEY_BYTES)
def test_video_reaches_subscribers_rewritten(worker: _sfu.Worker, profile: int) -> None:
    # given a publisher and three subscribers of one track
    publisher, *subscribers = (Peer(worker, profile=profile) for _ in range(4))
    track = add_video(publisher)
    for number, peer in enumerate(subscribers):
        subscribe(peer, track, ssrc=OUT_SSRC + 10 * number)
    sent = frames(VIDEO_SSRC, 30, per_frame=3)

    # when it sends thirty frames
    publisher.send(*sent)

    # then each gets all of them under its own numbers, with the same times, marks and bytes
    for number, peer in enumerate(subscribers):
        got = peer.wait_rtp(len(sent))
        assert_gapless(got)
        assert {p.ssrc for p in got} == {OUT_SSRC + 10 * number}
        assert {p.payload_type for p in got} == {100}
        assert [p.payload for p in got] == [p.payload for p in sent]
        assert [p.timestamp for p in got] == [p.timestamp for p in sent]
        assert [p.marker for p in got] == [p.marker for p in sent]
        assert got[0].extensions == {4: b"v"}
    for peer in (publisher, *subscribers):
        peer.close()


def test_sizes_that_differ_by_bytes_leave_even(publisher: Peer, subscriber: Peer) -> None:
    # given packets of one frame as encoders split it: sizes a byte or two apart
    subscribe(subscriber, add_video(publisher))
    sizes = [1101, 1100, 1102, 1100, 1101, 400]
    burst = [
        Packet(VIDEO_SSRC, 50 + i, 9000, vp8(True, size, first=i == 0), 96, i == 5) for i, size in enumerate(sizes)
    ]

    publisher.send(*burst)

    # then padding may even them out, and the payloads are what was sent
    got = subscriber.wait_rtp(6)
    assert [p.payload for p in got] == [p.payload for p in burst]
    assert all(p.padding <= 16 for p in got)


def test_extensions_are_mapped_and_foreign_ones_left_out(publisher: Peer, subscriber: Peer) -> None:
    track = add_audio(publisher)
    subscribe_audio(subscriber, track)

    publisher.send(
        Packet(AUDIO_SSRC, 7, 960, b"opus", 111, extensions={MID: b"1", AUDIO_LEVEL: b"\x85", 9: b"unknown"})
    )

    assert subscriber.wait_rtp(1)[0].extensions == {4: b"a", 5: b"\x85"}


def test_sequences_stay_gapless_over_pause_and_resume(publisher: Peer, subscriber: Peer) -> None:
    # given a subscription that has got something
    track = add_video(publisher)
    subscription = subscribe(subscriber, track)
    first, rest = frames(VIDEO_SSRC, 10), frames(VIDEO_SSRC, 10, start=1060, timestamp=90_000 + 40 * 3000)
    publisher.send(*first)
    subscriber.wait_rtp(20)

    # when it is paused, misses twenty frames, and resumes before a keyframe
    publisher.worker.set_active([subscription], False)
    publisher.send(*frames(VIDEO_SSRC, 20, start=1020, timestamp=90_000 + 10 * 3000, key_every=100)[2:])
    publisher.round_trip()
    publisher.worker.set_active([subscription], True)
    publisher.send(*rest)

    # then nothing of the pause was sent, and the numbers show no gap
    got = subscriber.wait_rtp(40)
    assert_gapless(got)
    assert [p.payload for p in got[20:]] == [p.payload for p in rest]
    assert all(a.timestamp <= b.timestamp for a, b in itertools.pairwise(got))


def test_a_new_video_subscriber_begins_at_the_cached_keyframe(publisher: Peer, subscriber: Peer) -> None:
    # given a track that sent a keyframe and frames after it a moment ago
    track = add_video(publisher)
    sent = frames(VIDEO_SSRC, 12)
    publisher.send(*sent)
    publisher.round_trip()
    then = time.monotonic()
    wait_for(lambda: time.monotonic() - then > 0.4, "the keyframe to age")

    # when someone subscribes
    subscribe(subscriber, track)

    # then the whole group of pictures comes at once, times squeezed towards the newest frame, and no PLI is needed
    got = subscriber.wait_rtp(24)
    assert [p.payload for p in got] == [p.payload for p in sent]
    assert got[-1].timestamp == sent[-1].timestamp
    assert 0 < got[-1].timestamp - got[0].timestamp <= 11 * 3000 // 32 + 1
    assert publisher.worker.track_stats(track).plis_sent == 0

    # and live packets follow on
    publisher.send(*frames(VIDEO_SSRC, 2, start=1022, timestamp=90_000 + 11 * 3000)[2:])
    assert_gapless(subscriber.wait_rtp(26)[:26])


def test_without_a_keyframe_the_publisher_is_asked_and_nothing_is_sent_before_it(
    publisher: Peer, subscriber: Peer
) -> None:
    # given a track whose packets so far cannot be decoded from
    track = add_video(publisher)
    publisher.send(*frames(VIDEO_SSRC, 5)[2:])
    publisher.round_trip()

    subscribe(subscriber, track)
    publisher.wait_rtcp(lambda p: getattr(p, "fmt", 0) == 1 and p.media_ssrc == VIDEO_SSRC)
    publisher.send(*frames(VIDEO_SSRC, 3, start=1010, timestamp=200_000)[2:])
    publisher.round_trip()
    subscriber.receive()
    assert subscriber.rtp == []

    # when the keyframe comes
    key = frames(VIDEO_SSRC, 3, start=1016, timestamp=300_000)
    publisher.send(*key)

    assert [p.payload for p in subscriber.wait_rtp(6)] == [p.payload for p in key]


def test_padding_probes_leave_no_gap(publisher: Peer, subscriber: Peer) -> None:
    # given a publisher that probes with padding between its frames, also late ones, and with RTX padding
    subscribe(subscriber, add_video(publisher))
    key = frames(VIDEO_SSRC, 1, start=65530)
    probes = [Packet(VIDEO_SSRC, 65532 + i, 90_000, b"", 96, padding=200) for i in range(5)]
    more = frames(VIDEO_SSRC, 5, start=65535, timestamp=93_000)[2:]
    rtx_probe = Packet(VIDEO_RTX_SSRC, 5, 90_000, b"", 97, padding=200)

    publisher.send(*key, *probes[:3], rtx_probe, *probes[3:], *more)

    got = subscriber.wait_rtp(10)
    publisher.round_trip()
    subscriber.receive()
    assert [p.payload for p in got] == [p.payload for p in key + more]
    assert_gapless(subscriber.rtp)


def test_reordered_packets_keep_their_places(publisher: Peer, subscriber: Peer) -> None:
    subscribe(subscriber, add_video(publisher))
    sent = frames(VIDEO_SSRC, 6)
    order = [0, 1, 3, 2, 5, 4, 6, 9, 8, 7, 11, 10]

    publisher.send(*(sent[i] for i in order))

    got = sorted(subscriber.wait_rtp(12), key=lambda p: (p.sequence - subscriber.rtp[0].sequence) & 0xFFFF)
    assert [p.payload for p in got] == [p.payload for p in sent]
    assert_gapless(got)


def test_a_blocked_track_is_silent_and_its_gap_is_not_seen(publisher: Peer, subscriber: Peer) -> None:
    track = add_audio(publisher)
    subscribe_audio(subscriber, track)
    publisher.send(*(opus(i) for i in range(5)))
    subscriber.wait_rtp(5)

    # when the host mutes, the publisher goes on sending, and may speak again
    publisher.worker.set_track_blocked(track, True)
    publisher.send(*(opus(i) for i in range(5, 15)))
    publisher.round_trip()
    publisher.worker.set_track_blocked(track, False)
    publisher.send(*(opus(i) for i in range(15, 20)))

    got = subscriber.wait_rtp(10)
    assert [p.timestamp // 960 for p in got] == [*range(5), *range(15, 20)]
    assert_gapless(got)


def test_unblocked_video_waits_for_a_keyframe(publisher: Peer, subscriber: Peer) -> None:
    track = add_video(publisher)
    subscribe(subscriber, track)
    publisher.send(*frames(VIDEO_SSRC, 3))
    subscriber.wait_rtp(6)
    publisher.worker.set_track_blocked(track, True)
    publisher.send(*frames(VIDEO_SSRC, 3, start=1006, timestamp=100_000)[2:])
    publisher.round_trip()

    # when unblocked in the middle of a group of pictures: neither that nor the old keyframe will do
    publisher.worker.set_track_blocked(track, False)
    publisher.send(*frames(VIDEO_SSRC, 3, start=1012, timestamp=110_000)[2:])
    publisher.wait_rtcp(lambda p: getattr(p, "fmt", 0) == 1)
    key = frames(VIDEO_SSRC, 2, start=1018, timestamp=120_000)
    publisher.send(*key)

    got = subscriber.wait_rtp(10)
    assert [p.payload for p in got[6:]] == [p.payload for p in key]
    assert_gapless(got)


def test_tracks_are_found_by_mid_when_ssrcs_were_not_signalled(publisher: Peer, subscriber: Peer) -> None:
    first, second = (add_video(publisher, ssrc=0, rtx_ssrc=0, mid=mid) for mid in (b"7", b"8"))
    subscribe(subscriber, first, ssrc=OUT_SSRC)
    subscribe(subscriber, second, ssrc=OUT_SSRC + 10)

    def named(ssrc: int, mid: bytes) -> list[Packet]:
        return [Packet(p.ssrc, p.sequence, p.timestamp, p.payload, 96, p.marker, {MID: mid}) for p in frames(ssrc, 1)]

    publisher.send(*named(900, b"8"), *named(901, b"7"), *named(902, b"9"))

    assert len(subscriber.wait_rtp(2, OUT_SSRC)) == 2
    assert len(subscriber.wait_rtp(2, OUT_SSRC + 10)) == 2
    publisher.round_trip()
    assert publisher.worker.stats().packets_dropped == 2  # MID 9 is nobody's


def test_a_new_ssrc_under_the_same_mid_continues_the_track(publisher: Peer, subscriber: Peer) -> None:
    # given audio that came under one SSRC and has been silent for over a second
    track = add_audio(publisher, ssrc=0)
    subscribe_audio(subscriber, track)

    def at(ssrc: int, sequence: int, timestamp: int) -> Packet:
        return Packet(ssrc, sequence, timestamp, b"opus", 111, extensions={MID: b"1"})

    publisher.send(*(at(40, 100 + i, 960 * i) for i in range(3)))
    subscriber.wait_rtp(3)

    # when another source takes over (while the first is active it may not)
    number = iter(range(30_000, 60_000))

    def taken_over() -> bool:
        sequence = next(number)
        publisher.send(at(41, sequence, 7_000_000 + 960 * (sequence - 30_000)))
        publisher.round_trip()
        subscriber.receive()
        return len(subscriber.rtp) >= 5

    wait_for(taken_over, "second source")

    got = subscriber.rtp[:5]
    assert_gapless(got)
    jump = got[3].timestamp - got[2].timestamp
    assert 0.9 * 48_000 < jump < 5 * 48_000  # about the silence, in samples


def test_red_is_unwrapped_for_those_without_it(publisher: Peer, worker: _sfu.Worker) -> None:
    # given an audio track in RED and two subscribers, of whom one negotiated it
    plain, redundant = Peer(worker), Peer(worker)
    track = add_audio(publisher, red=63)
    subscribe_audio(plain, track)
    subscribe_audio(redundant, track, red=121)
    old, new = b"old opus frame", b"new opus"
    red = struct.pack("!I", 0x80 << 24 | 111 << 24 | 960 << 10 | len(old)) + bytes([111]) + old + new

    publisher.send(Packet(AUDIO_SSRC, 5, 4800, red, 63))

    got = plain.wait_rtp(1)[0]
    assert (got.payload, got.payload_type) == (new, 120)
    got = redundant.wait_rtp(1)[0]
    assert (got.payload, got.payload_type) == (red, 121)
    plain.close()
    redundant.close()


def test_an_ssrc_used_again_never_repeats_an_index(publisher: Peer, subscriber: Peer) -> None:
    track = add_audio(publisher)
    seen: set[int] = set()
    for turn in range(3):
        subscription = subscribe_audio(subscriber, track)
        publisher.send(*(opus(10 * turn + i) for i in range(10)))
        subscriber.wait_rtp(10 * (turn + 1))
        publisher.worker.remove_subscription(subscription)
    seen = {p.sequence for p in subscriber.rtp}
    assert len(seen) == 30


def test_everyone_hears_everyone(worker: _sfu.Worker) -> None:
    peers = [Peer(worker) for _ in range(5)]
    tracks = [add_audio(peer, ssrc=AUDIO_SSRC + i) for i, peer in enumerate(peers)]
    for i, peer in enumerate(peers):
        for j, track in enumerate(tracks):
            if i != j:
                subscribe_audio(peer, track, ssrc=OUT_SSRC + j)
    for sequence in range(20):
        for i, peer in enumerate(peers):
            peer.send(opus(sequence, ssrc=AUDIO_SSRC + i))

    for i, peer in enumerate(peers):
        peer.wait_rtp(80)
        for j in range(5):
            if i != j:
                assert_gapless(peer.wait_rtp(20, OUT_SSRC + j))
        peer.close()
    assert worker.stats().packets_forwarded == 400


def test_speakers_are_announced_when_they_change(worker: _sfu.Worker) -> None:
    # given two microphones in one room
    events = Events(worker)
    room = worker.open_room()
    peers = [Peer(worker), Peer(worker)]
    tracks = [add_audio(peer, ssrc=AUDIO_SSRC + i, room=room) for i, peer in enumerate(peers)]
    number = iter(range(100_000))

    def talk(levels: tuple[int, int]) -> None:
        sequence = next(number)
        for i, peer in enumerate(peers):
            peer.send(opus(sequence, levels[i], ssrc=AUDIO_SSRC + i))

    def announced(levels: tuple[int, int], expected: list[int]) -> bool:
        talk(levels)
        last = events.all(_sfu.EVENT_SPEAKERS)[-1:]
        return bool(last) and list(struct.unpack(f"<{len(last[0].data) // 8}q", last[0].data)) == expected

    # then the one who speaks is announced, then both, louder first
    wait_for(lambda: announced((20, 127), [tracks[0]]), "first speaker")
    wait_for(lambda: announced((127, 15), [tracks[1], tracks[0]]), "second speaker")
    assert {e.value for e in events.all(_sfu.EVENT_SPEAKERS)} == {room}

    # and a blocked one is not heard
    worker.set_track_blocked(tracks[1], True)
    wait_for(lambda: announced((20, 5), [tracks[0]]), "only the first")

    # and nor is one who is back stage, until they come on it
    worker.set_track_blocked(tracks[1], False)
    wait_for(lambda: announced((20, 5), [tracks[1], tracks[0]]), "both again")
    worker.set_track_apart(tracks[1], True)
    wait_for(lambda: announced((20, 5), [tracks[0]]), "only who is on stage")
    worker.set_track_apart(tracks[1], False)
    wait_for(lambda: announced((20, 5), [tracks[1], tracks[0]]), "both on stage")
    worker.close_room(room)
    for peer in peers:
        peer.close()
