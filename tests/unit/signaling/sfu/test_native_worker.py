"""The worker as such: handles, addresses, DTLS events, hostile packets, and that everything is freed."""

from __future__ import annotations

import os
import random
import resource
import select
import struct
import threading
import time
from pathlib import Path

import pytest

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import EXTENSIONS, Events, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    OUT_SSRC,
    VIDEO_SSRC,
    add_audio,
    add_video,
    frames,
    opus,
    subscribe,
    subscribe_audio,
)

HELLO = bytes([22, 254, 253]) + bytes(60)  # shaped like a DTLS record


@pytest.fixture
def peer(publisher: Peer) -> Peer:
    return publisher


# DTLS


def test_dtls_of_strangers_never_reaches_python(worker: _sfu.Worker) -> None:
    events = Events(worker)
    peer = Peer(worker, keyed=False, connected=False)
    for _ in range(100):
        peer.socket.send(HELLO)
    wait_for(lambda: worker.stats().packets_dropped >= 100)
    assert not worker.send_dtls(peer.handle, HELLO)
    assert events.all(_sfu.EVENT_DTLS) == []
    peer.close()


def test_dtls_goes_both_ways_after_a_check(worker: _sfu.Worker, peer: Peer) -> None:
    assert select.select([worker.event_fd], [], [], 1)[0]  # the check was announced
    worker.poll()
    assert not select.select([worker.event_fd], [], [], 0)[0]
    peer.socket.send(HELLO)
    assert select.select([worker.event_fd], [], [], 5)[0]
    assert worker.poll() == [_sfu.Event(_sfu.EVENT_DTLS, peer.handle, 0, HELLO)]

    assert worker.send_dtls(peer.handle, HELLO * 3)
    wait_for(lambda: HELLO * 3 in peer.others())


def test_events_nobody_reads_are_counted_not_kept(worker: _sfu.Worker, peer: Peer) -> None:
    # given two peers that flood and a reader that never comes
    worker.poll()
    record = HELLO + bytes(1900)
    for _ in range(20):
        for _ in range(100):
            peer.socket.send(record)
        peer.round_trip()

    # then the reader is told how many it has lost, by the ring's bound or the peer's own rate limit
    stats = worker.stats()
    events = worker.poll(10_000)
    lost = sum(e.value for e in events if e.kind == _sfu.EVENT_OVERFLOW)
    delivered = sum(e.kind == _sfu.EVENT_DTLS for e in events)
    assert delivered + lost + stats.packets_dropped == 2000
    assert 0 < delivered < 2000
    assert not select.select([worker.event_fd], [], [], 0)[0]


# hostile packets


def test_rubbish_does_nothing(worker: _sfu.Worker, peer: Peer) -> None:
    # given a call, and a stranger as well as a member who send all kinds of broken packets
    subscriber = Peer(worker)
    subscribe(subscriber, add_video(peer))
    chance = random.Random(7)
    good = [p.encode() for p in frames(VIDEO_SSRC, 2)] + [bytes(peer.request())] + [HELLO]
    protected = [peer.protect(p) for p in frames(VIDEO_SSRC, 3, start=5000)]
    stranger = peer.open_socket()
    for number in range(3000):
        data = bytearray(chance.choice(good + protected))
        kind = number % 4
        if kind == 0:
            data = data[: chance.randrange(len(data))]
        elif kind == 1:
            for _ in range(chance.randrange(1, 20)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        elif kind == 2:
            data = bytearray(chance.randbytes(chance.randrange(1, 1500)))
        (stranger if number % 2 else peer.socket).send(bytes(data))
        if number % 100 == 0:
            peer.round_trip()

    # then the call goes on
    peer.send(*frames(VIDEO_SSRC, 5, start=6000, timestamp=900_000))
    got = subscriber.wait_rtp(10)
    assert [p.payload for p in got[-10:]] == [p.payload for p in frames(VIDEO_SSRC, 5)]
    assert worker.transport_stats(peer.handle).srtp_failures > 0
    stranger.close()
    subscriber.close()


def test_authenticated_rubbish_does_nothing(worker: _sfu.Worker, peer: Peer) -> None:
    # given a member who encrypts broken RTP, RED, RTX and RTCP with good keys
    track = worker.add_track(
        peer.handle, 0, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, 96, 97, VIDEO_SSRC, VIDEO_SSRC + 1, b"0", EXTENSIONS,
        red_payload_type=63,
    )  # fmt: skip
    subscriber = Peer(worker)
    subscribe(subscriber, track)
    chance = random.Random(11)
    for number in range(2000):
        payload = chance.randbytes(chance.choice([0, 1, 2, 3, 10, 1000]))
        ssrc = chance.choice([VIDEO_SSRC, VIDEO_SSRC + 1, 777])
        extensions = {i: chance.randbytes(chance.randrange(1, 9)) for i in chance.sample(range(1, 15), 3)}
        peer.send(Packet(ssrc, number, number, payload, chance.choice([96, 97, 63, 13]), False, extensions, number % 7))
        body = chance.randbytes(4 * chance.randrange(1, 30))
        header = struct.pack("!BBH", 0x80 | chance.randrange(32), chance.randrange(200, 208), chance.randrange(40))
        peer.socket.send(peer._protect.protect_rtcp(header + body))
        if number % 50 == 0:
            peer.round_trip()
    peer.round_trip()
    assert worker.stats().tracks == 1
    subscriber.close()


def test_packets_under_a_wrong_key_are_counted_and_dropped(worker: _sfu.Worker, peer: Peer) -> None:
    subscriber = Peer(worker)
    subscribe_audio(subscriber, add_audio(peer))
    wrong = Peer(worker)
    for i in range(10):
        peer.socket.send(wrong.protect(opus(i)))
    peer.round_trip()
    peer.send(opus(100))
    subscriber.wait_rtp(1)
    stats = worker.transport_stats(peer.handle)
    assert (stats.srtp_failures, stats.packets_received) == (10, 1)
    subscriber.close()
    wrong.close()


def test_replayed_packets_are_dropped(worker: _sfu.Worker, peer: Peer) -> None:
    subscriber = Peer(worker)
    subscribe_audio(subscriber, add_audio(peer))
    data = peer.protect(opus(1))
    for _ in range(5):
        peer.socket.send(data)
    peer.round_trip()
    subscriber.round_trip()
    assert len(subscriber.rtp) == 1
    assert worker.transport_stats(peer.handle).srtp_failures == 4
    subscriber.close()


# handles and memory


def test_unknown_handles_are_key_errors(worker: _sfu.Worker, peer: Peer) -> None:
    track = add_audio(peer)
    subscription = subscribe_audio(peer, track)
    worker.remove_track(track)
    for call in (
        lambda: worker.remove_track(track),
        lambda: worker.track_stats(track),
        lambda: worker.subscription_stats(subscription),  # went with its track
        lambda: worker.set_active([subscription], True),
        lambda: worker.close_transport(track),
        lambda: worker.close_room(peer.handle),
        lambda: worker.send_dtls(99, HELLO),
        lambda: worker.request_keyframe(-1),
        lambda: worker.set_track_blocked(0, True),
        lambda: worker.set_track_apart(0, True),
    ):
        with pytest.raises(KeyError):
            call()


def test_values_out_of_range_are_value_errors(worker: _sfu.Worker, peer: Peer) -> None:
    track = add_audio(peer)
    subscribe_audio(peer, track)
    for call in (
        lambda: worker.set_srtp(peer.handle, _sfu.PROFILE_AEAD_AES_128_GCM, bytes(28), bytes(28)),  # keyed already
        lambda: worker.set_srtp(worker.open_transport(b"abcd", b"x" * 24), 7, bytes(27), bytes(28)),
        lambda: worker.set_srtp(worker.open_transport(b"abce", b"x" * 24), 99, bytes(28), bytes(28)),
        lambda: worker.open_transport(b"abcd", b"taken ufrag, 24 letters"),
        lambda: worker.open_transport(b"", b"x" * 24),
        lambda: add_audio(peer),  # the SSRC is taken
        lambda: subscribe_audio(peer, track),
        lambda: worker.add_subscription(peer.handle, track, 1, 0, 200, 0, b"", EXTENSIONS),
        lambda: worker.add_subscription(peer.handle, track, 1, 0, 100, 0, b"m" * 17, EXTENSIONS),
        lambda: worker.add_subscription(peer.handle, track, 1, 0, 100, 0, b"m", _sfu.Extensions(mid=15)),
        lambda: worker.send_dtls(peer.handle, b""),
        lambda: _sfu.Worker("not an address"),
    ):
        with pytest.raises((ValueError, OSError)):
            call()


def test_a_port_in_use_is_an_os_error(worker: _sfu.Worker) -> None:
    with pytest.raises(OSError, match="in use"):
        _sfu.Worker("127.0.0.1", worker.port)


def test_a_closed_worker_says_so() -> None:
    worker = _sfu.Worker("127.0.0.1")
    worker.close()
    worker.close()
    with pytest.raises(ValueError, match="closed"):
        worker.poll()


def test_handles_are_never_used_again(worker: _sfu.Worker) -> None:
    seen = set()
    for i in range(50):
        handle = worker.open_transport(b"user%d" % i, b"x" * 24)
        seen.add(handle)
        worker.close_transport(handle)
    assert len(seen) == 50


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_thousand_joins_and_leaves_leave_nothing_behind(worker: _sfu.Worker) -> None:
    def join_and_leave(count: int) -> None:
        for number in range(count):
            room = worker.open_room()
            handles = []
            for side in range(2):
                handle = worker.open_transport(f"{number}-{side}".encode(), b"password of 24 letters..")
                worker.set_srtp(handle, _sfu.PROFILE_AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
                handles.append(handle)
            for i, kind in enumerate((_sfu.AUDIO, _sfu.VIDEO)):
                codec = _sfu.CODEC_OPUS if kind == _sfu.AUDIO else _sfu.CODEC_VP8
                track = worker.add_track(
                    handles[0], room, kind, codec, 90_000, 96 + i, 0, 10 + i, 0, b"%d" % i, EXTENSIONS
                )
                worker.add_subscription(handles[1], track, 20 + i, 30 + i, 96 + i, 98 + i, b"%d" % i, EXTENSIONS)
            worker.close_transport(handles[number % 2])
            worker.close_transport(handles[1 - number % 2])
            worker.close_room(room)

    join_and_leave(100)  # what the allocator keeps
    before = rss_bytes()
    join_and_leave(1000)
    stats = worker.stats()
    assert (stats.transports, stats.tracks, stats.subscriptions, stats.native_bytes) == (0, 0, 0, 0)
    assert rss_bytes() - before < 2 << 20


def test_control_calls_stay_quick_under_load(worker: _sfu.Worker, peer: Peer) -> None:
    # given a publisher that never stops and fifty subscribers
    subscribers = [Peer(worker) for _ in range(5)]
    track = add_audio(peer)
    for i in range(50):
        subscribe_audio(subscribers[i % 5], track, ssrc=OUT_SSRC + i)
    stop = threading.Event()

    def flood() -> None:
        sequence = 0
        while not stop.is_set():
            peer.send(opus(sequence & 0xFFFF, size=900))
            sequence += 1

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        # then thousands of calls get through, in turn with the packets
        took = []
        for _ in range(3000):
            began = time.perf_counter()
            worker.track_stats(track)
            took.append(time.perf_counter() - began)
    finally:
        stop.set()
        thread.join()
    assert worker.stats().packets_forwarded > 0
    assert sorted(took)[len(took) * 99 // 100] < 0.25  # a batch is some milliseconds; the rest is a busy machine's
    for subscriber in subscribers:
        subscriber.close()
