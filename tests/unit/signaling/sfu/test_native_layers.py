"""Simulcast and temporal layers: one encoding and some of its layers for each subscriber, seamlessly."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from aiortc import rtp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.layered_source import RIDS, SIZES, TICKS, LayeredSource, Vp8
from tests.unit.signaling.sfu.media_peer import Events, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import OUT_RTX_SSRC, OUT_SSRC, assert_gapless, subscribe


def media(peer: Peer) -> list[Packet]:
    peer.round_trip()
    return [p for p in peer.rtp if p.ssrc == OUT_SSRC]


def choose(peer: Peer, subscription: int, track: int, *, spatial: int = 255, temporal: int = 255) -> None:
    peer.worker.choose_layers([_sfu.LayerChoice(subscription, track, spatial, temporal)])


def distance(a: int, b: int, bits: int) -> int:
    """a - b modulo 2^bits, as a signed number."""
    half = 1 << bits - 1
    return (a - b + half) % (1 << bits) - half


def assert_seamless(packets: list[Packet]) -> None:
    """What a decoder needs: no gap in sequences, time that runs forward, pictures numbered on one by one, every picture
    from a place where its encoding and layer can be decoded."""
    assert_gapless(packets)
    pictures = [(p, Vp8.read(p.payload)) for p in packets]
    encoding = ""
    for (before, was), (after, now) in itertools.pairwise([(packets[0], pictures[0][1]), *pictures]):
        ahead = distance(after.timestamp, before.timestamp, 32)
        assert ahead >= 0
        if now.first and after is not packets[0]:
            assert ahead > 0
            assert distance(now.picture_id, was.picture_id, 15) == 1
            assert distance(now.tl0picidx, was.tl0picidx, 8) == (now.temporal_id == 0)
        else:
            assert now.picture_id == was.picture_id
        if now.encoding != encoding:
            assert now.keyframe
            encoding = now.encoding


def let_keyframes_age() -> None:
    """One that has just come is taken at once; after a while a new one has to be asked for."""
    then = time.monotonic()
    wait_for(lambda: time.monotonic() - then > 0.35, "the keyframe to age")


@pytest.fixture
def source(publisher: Peer) -> LayeredSource:
    return LayeredSource(publisher)


def test_encodings_are_known_by_their_rid(source: LayeredSource, worker: _sfu.Worker) -> None:
    # given a publisher whose offer told no SSRCs
    source.send(8, keyframe=True)

    # then each encoding has its own packets, sizes and layers counted
    for rid in RIDS:
        stats = worker.track_stats(source[rid])
        assert stats.packets == 16
        assert [(layer.spatial, layer.temporal) for layer in stats.layers] == [(0, 0), (0, 1), (0, 2)]
        assert {(layer.width, layer.height) for layer in stats.layers} == {SIZES[rid]}
        assert sum(layer.bytes for layer in stats.layers) == stats.bytes
        assert stats.layers[2].bytes == 2 * stats.layers[1].bytes


def test_a_subscriber_gets_only_the_encoding_it_was_given(source: LayeredSource, subscriber: Peer) -> None:
    source.send(1, keyframe=True)
    subscription = subscribe(subscriber, source["h"])

    source.send(5)

    got = media(subscriber)
    assert len(got) == 12
    assert {Vp8.read(p.payload).encoding for p in got} == {"h"}
    assert_seamless(got)
    assert subscriber.worker.subscription_stats(subscription).track == source["h"]


@pytest.mark.parametrize("reports", [False, True])
@pytest.mark.parametrize(("low", "high"), [("q", "f"), ("f", "q"), ("h", "f")])
def test_a_change_waits_for_the_keyframe_and_shows_no_seam(
    source: LayeredSource, subscriber: Peer, low: str, high: str, reports: bool
) -> None:
    # given a subscriber of one encoding
    source.send(1, keyframe=True)
    subscription = subscribe(subscriber, source[low])
    source.send(4)
    if reports:
        source.report(1_000_000.0)

    # when another is chosen
    let_keyframes_age()
    choose(subscriber, subscription, source[high])

    # then its keyframe is asked for, and until it comes the old one goes on
    wait_for(lambda: source.asked_for_keyframe(high), "a PLI")
    source.send(4)
    assert {Vp8.read(p.payload).encoding for p in media(subscriber)} == {low}
    assert subscriber.worker.subscription_stats(subscription).track == source[low]

    # and with the keyframe it takes over, numbers and times running on
    source.send(1, keyframe=True)
    source.send(6)
    got = media(subscriber)
    assert_seamless(got)
    begin = next(i for i, p in enumerate(got) if Vp8.read(p.payload).encoding == high)
    assert {Vp8.read(p.payload).encoding for p in got[begin:]} == {high}
    assert len(got[begin:]) == 14
    assert subscriber.worker.subscription_stats(subscription).track == source[high]
    if reports:
        times = {Vp8.read(p.payload).capture: p.timestamp for p in got}
        first = min(times)
        for capture, timestamp in times.items():  # within a tick: one capture of two encodings must not have one time
            assert abs(distance(timestamp, times[first], 32) - (capture - first) * TICKS) <= 1


def test_on_the_way_down_only_the_base_layer_is_sent(source: LayeredSource, subscriber: Peer) -> None:
    subscription = subscribe(subscriber, source["f"])
    source.send(4, keyframe=True)
    let_keyframes_age()
    choose(subscriber, subscription, source["q"])
    before = len(media(subscriber))

    source.send(8)

    later = [Vp8.read(p.payload) for p in media(subscriber)[before:]]
    assert {v.temporal_id for v in later} == {0}
    assert {v.encoding for v in later} == {"f"}


@pytest.mark.parametrize("limit", [0, 1])
def test_temporal_layers_are_left_out_at_once_and_come_back(
    source: LayeredSource, subscriber: Peer, limit: int
) -> None:
    subscription = subscribe(subscriber, source["q"])
    source.send(8, keyframe=True)
    choose(subscriber, subscription, source["q"], temporal=limit)
    source.send(16)
    reduced = [Vp8.read(p.payload) for p in media(subscriber)][16:]
    choose(subscriber, subscription, source["q"])
    source.send(16)

    got = media(subscriber)
    assert_seamless(got)
    assert {v.temporal_id for v in reduced} == set(range(limit + 1))
    restored = [Vp8.read(p.payload).temporal_id for p in got[16 + len(reduced) :]]
    assert set(restored) == {0, 1, 2}
    assert len(restored) >= 2 * 13
    assert not source.asked_for_keyframe("q")


def test_a_retransmission_is_what_was_sent_first(source: LayeredSource, subscriber: Peer) -> None:
    # given a subscriber who was sent parts of two encodings with changing layers
    subscription = subscribe(subscriber, source["q"])
    source.send(8, keyframe=True)
    choose(subscriber, subscription, source["q"], temporal=1)
    source.send(8)
    let_keyframes_age()
    choose(subscriber, subscription, source["f"])
    wait_for(lambda: source.asked_for_keyframe("f"), "a PLI")
    source.send(1, keyframe=True)
    source.send(4)
    got = media(subscriber)
    assert {Vp8.read(p.payload).encoding for p in got} == {"q", "f"}

    # when it asks for all of them again
    numbers = [p.sequence for p in got]
    subscriber.send_rtcp(rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=OUT_SSRC, lost=numbers))

    # then each comes under its number, with the same bytes, time and mark
    again = subscriber.wait_rtp(len(got), OUT_RTX_SSRC)
    first = {p.sequence: (p.payload, p.timestamp, p.marker) for p in got}
    second = {int.from_bytes(p.payload[:2], "big"): (p.payload[2:], p.timestamp, p.marker) for p in again}
    assert second == first


def test_a_late_packet_of_a_layer_left_out_fills_its_place_with_nothing(
    source: LayeredSource, publisher: Peer, subscriber: Peer
) -> None:
    # given a subscriber of the base layer, and a picture of another layer that is lost on the way to us
    subscription = subscribe(subscriber, source["q"])
    source.send(4, rids="q", keyframe=True)
    choose(subscriber, subscription, source["q"], temporal=0)
    source.send(1, rids="q")
    lost = source.frame("q")
    source.capture += 1
    source.send(6, rids="q")

    # when it comes after all
    publisher.send(*lost)
    publisher.round_trip()

    # then its numbers, which had to be left free, are filled with padding
    got = sorted(media(subscriber), key=lambda p: distance(p.sequence, media(subscriber)[0].sequence, 16))
    assert_gapless(got)
    assert sum(1 for p in got if not p.payload) == len(lost)


def test_an_encoding_that_falls_silent_is_replaced_until_it_returns(source: LayeredSource, subscriber: Peer) -> None:
    # given a subscriber of the highest encoding
    subscription = subscribe(subscriber, source["f"])
    source.send(4, keyframe=True)

    # when the publisher sends it no more
    then = time.monotonic()

    def replaced() -> bool:
        source.send(1, rids=("q", "h"), keyframe=source.asked_for_keyframe("h"))
        return subscriber.worker.subscription_stats(subscription).track == source["h"]

    wait_for(replaced, "the next lower encoding")

    # then the next lower takes its place within a second, and it comes back with its keyframe
    assert time.monotonic() - then < 3
    source.send(2)
    wait_for(lambda: source.asked_for_keyframe("f"), "a PLI")
    source.send(1, keyframe=True)
    source.send(3)
    assert subscriber.worker.subscription_stats(subscription).track == source["f"]
    assert_seamless(media(subscriber))


def test_an_encoding_that_was_left_out_is_asked_for_nothing(source: LayeredSource, subscriber: Peer) -> None:
    """On a line that has become narrow: one keyframe of it would bring one of each (libvpx)."""
    # given an encoding that its publisher has left out while others go on
    source.send(1, keyframe=True)
    subscription = subscribe(subscriber, source["q"])
    then = time.monotonic()

    def silent() -> bool:
        source.send(1, rids=("q", "h"))
        return time.monotonic() - then > 0.6

    wait_for(silent, "the highest to be silent")
    source.asked_for_keyframe("f")

    # when somebody wants it, and the application too
    let_keyframes_age()
    choose(subscriber, subscription, source["f"])
    subscriber.worker.request_keyframe(source["f"])
    source.send(4, rids=("q", "h"))
    source.peer.round_trip()

    # then nothing is asked of it until it comes again, which is when it is asked: it did not begin with a keyframe
    assert not source.asked_for_keyframe("f")
    source.send(1)
    wait_for(lambda: source.asked_for_keyframe("f"), "a PLI")


def test_who_waits_for_an_encoding_that_is_not_sent_gets_another_at_once(
    source: LayeredSource, subscriber: Peer
) -> None:
    subscribe(subscriber, source["f"])

    source.send(3, rids="q", keyframe=True)

    assert {Vp8.read(p.payload).encoding for p in media(subscriber)} == {"q"}


def test_an_encoding_that_is_removed_leaves_its_subscribers_to_another(source: LayeredSource, subscriber: Peer) -> None:
    source.send(1, keyframe=True)
    subscription = subscribe(subscriber, source["f"])
    source.send(4)

    subscriber.worker.remove_track(source["f"])
    source.send(1, rids=("q", "h"), keyframe=True)
    source.send(3, rids=("q", "h"))

    got = media(subscriber)
    assert {Vp8.read(p.payload).encoding for p in got} == {"f", "h"}
    assert subscriber.worker.subscription_stats(subscription).track == source["h"]
    for rid in ("h", "q"):
        subscriber.worker.remove_track(source[rid])
    with pytest.raises(KeyError):
        subscriber.worker.subscription_stats(subscription)


def test_a_paused_subscription_resumes_in_the_encoding_chosen_meanwhile(
    source: LayeredSource, subscriber: Peer
) -> None:
    subscription = subscribe(subscriber, source["q"])
    source.send(4, keyframe=True)
    let_keyframes_age()
    subscriber.worker.set_active([subscription], False)
    choose(subscriber, subscription, source["f"])
    source.send(8)
    subscriber.worker.set_active([subscription], True)
    source.send(4)

    # then the newest group of pictures of the other comes out of the cache, and what follows
    got = media(subscriber)
    assert [Vp8.read(p.payload).encoding for p in got] == ["q"] * 8 + ["f"] * 32
    assert_seamless(got)


def test_it_is_told_which_encodings_are_watched(source: LayeredSource, worker: _sfu.Worker, subscriber: Peer) -> None:
    events = Events(worker)

    def told() -> dict[int, bytes]:
        """Of these two: on a slow machine the one between them is tried for a moment."""
        ours = (source["q"], source["f"])
        return {event.value: event.data for event in events.all(_sfu.EVENT_WATCHED) if event.value in ours}

    # given a subscriber of the lowest encoding, which is watched then
    source.send(1, keyframe=True)
    subscription = subscribe(subscriber, source["q"])
    assert told() == {source["q"]: b"\x01"}

    # when it changes to the highest, both are watched until it has changed over
    let_keyframes_age()
    choose(subscriber, subscription, source["f"])
    assert told() == {source["q"]: b"\x01", source["f"]: b"\x01"}
    source.send(1, keyframe=True)
    assert told() == {source["q"]: b"\x00", source["f"]: b"\x01"}

    # and when it is paused, none is
    subscriber.worker.set_active([subscription], False)
    assert told() == {source["q"]: b"\x00", source["f"]: b"\x00"}
    subscriber.worker.set_active([subscription], True)
    assert told()[source["f"]] == b"\x01"
    subscriber.worker.remove_subscription(subscription)
    assert told() == {source["q"]: b"\x00", source["f"]: b"\x00"}
    assert worker.track_stats(source["f"]).watchers == 0


def test_choices_are_made_all_or_none(source: LayeredSource, publisher: Peer, subscriber: Peer) -> None:
    # given two sources and a subscription to one of them
    other = LayeredSource(publisher, mid=b"9")
    subscription = subscribe(subscriber, source["q"])
    good = _sfu.LayerChoice(subscription, source["f"], 0, 0)

    # then a choice of the other, or of something unknown, is refused with all that came with it
    with pytest.raises(ValueError, match="layer choice"):
        subscriber.worker.choose_layers([good, _sfu.LayerChoice(subscription, other["f"])])
    with pytest.raises(KeyError):
        subscriber.worker.choose_layers([good, _sfu.LayerChoice(subscription, 999_999)])
    source.send(5, keyframe=True)
    assert {Vp8.read(p.payload).encoding for p in media(subscriber)} == {"q"}
    assert {Vp8.read(p.payload).temporal_id for p in media(subscriber)} == {0, 1, 2}


def test_a_source_has_a_bounded_number_of_encodings_with_names_of_their_own(
    source: LayeredSource, publisher: Peer
) -> None:
    def add(rid: bytes) -> int:
        return publisher.worker.add_track(
            publisher.handle, 0, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, 96, 97, 0, 0, b"0", _sfu.Extensions(), rid=rid
        )

    with pytest.raises(ValueError, match="conflict"):
        add(b"q")
    add(b"4")
    add(b"5")
    with pytest.raises(ValueError, match="conflict"):
        add(b"6")


def test_constant_timestamps_stay_as_published(source: LayeredSource, subscriber: Peer) -> None:
    subscription = subscriber.worker.add_subscription(
        subscriber.handle, source["q"], OUT_SSRC, 0, 100, 0, b"v", _sfu.Extensions(mid=4), constant_timestamps=True
    )
    source.send(3, keyframe=True)
    let_keyframes_age()
    subscriber.worker.set_active([subscription], False)
    choose(subscriber, subscription, source["f"])
    subscriber.worker.set_active([subscription], True)
    source.send(1, keyframe=True)

    got = media(subscriber)
    published = {p.payload[6:]: p.timestamp & 0xFFFFFFFF for e in source.encodings.values() for p in e.sent}
    assert {Vp8.read(p.payload).encoding for p in got} == {"q", "f"}
    assert all(p.timestamp == published[p.payload[6:]] for p in got)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), steps=st.lists(st.integers(0, 2**16), min_size=5, max_size=60))
def test_any_series_of_choices_is_seamless(seed: int, steps: list[int]) -> None:
    """Random choices on random streams: numbers, times and pictures always go on."""
    worker = _sfu.Worker("127.0.0.1")
    publisher, subscriber = Peer(worker), Peer(worker)
    try:
        source = LayeredSource(publisher, seed=seed)
        subscription = subscribe(subscriber, source["q"])
        source.send(1, keyframe=True)
        for step in steps:
            draw = random.Random(step)
            action = draw.randrange(6)
            if action == 0:
                choose(subscriber, subscription, source[draw.choice(RIDS)], temporal=draw.choice((0, 1, 2, 255)))
            elif action == 1:
                source.report(1_000_000 + source.capture / 30, skew_s=draw.choice((0, 0, -3, 0.01)))
            elif action == 2:
                source.send(1, keyframe=True)
            else:
                source.send(draw.randrange(1, 6))
        packets = media(subscriber)
        assert packets
        assert_seamless(packets)
    finally:
        publisher.close()
        subscriber.close()
        worker.close()
