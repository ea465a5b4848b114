"""Losses: what the worker asks of publishers, what it answers subscribers, and the limits on both."""

from __future__ import annotations

import time
from typing import Any

from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    AUDIO_SSRC,
    OUT_RTX_SSRC,
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
)


def nack(*lost: int, ssrc: int = OUT_SSRC) -> rtp.RtcpRtpfbPacket:
    return rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=ssrc, lost=[n & 0xFFFF for n in lost])


def pli(ssrc: int = OUT_SSRC) -> rtp.RtcpPsfbPacket:
    return rtp.RtcpPsfbPacket(fmt=rtp.RTCP_PSFB_PLI, ssrc=1, media_ssrc=ssrc)


def is_pli(packet: Any) -> bool:
    return isinstance(packet, rtp.RtcpPsfbPacket) and packet.fmt == rtp.RTCP_PSFB_PLI


def is_nack(packet: Any) -> bool:
    return isinstance(packet, rtp.RtcpRtpfbPacket) and packet.fmt == rtp.RTCP_RTPFB_NACK


def as_rtx(packet: Packet, sequence: int) -> Packet:
    """RFC 4588 4."""
    payload = packet.sequence.to_bytes(2, "big") + packet.payload
    return Packet(VIDEO_RTX_SSRC, sequence, packet.timestamp, payload, 97, packet.marker)


def test_a_nack_is_answered_by_rtx(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber who got ten packets
    subscription = subscribe(subscriber, add_video(publisher))
    publisher.send(*frames(VIDEO_SSRC, 5))
    got = subscriber.wait_rtp(10)

    # when it reports two of them lost, twice in a row
    subscriber.send_rtcp(nack(got[3].sequence, got[8].sequence))
    subscriber.send_rtcp(nack(got[3].sequence, got[8].sequence))

    # then each comes once more, under the RTX SSRC and payload type, naming its number
    again = subscriber.wait_rtp(2, OUT_RTX_SSRC)
    subscriber.round_trip()
    assert len([p for p in subscriber.rtp if p.ssrc == OUT_RTX_SSRC]) == 2
    for repeated, original in zip(again, (got[3], got[8]), strict=True):
        assert repeated.payload == original.sequence.to_bytes(2, "big") + original.payload
        assert (repeated.payload_type, repeated.timestamp) == (101, original.timestamp)
        assert repeated.marker == original.marker
    assert_gapless(again)
    stats = publisher.worker.subscription_stats(subscription)
    assert (stats.retransmitted, stats.nacks_received) == (2, 4)


def test_without_rtx_the_same_packet_is_sent_again(publisher: Peer, subscriber: Peer) -> None:
    subscribe_audio(subscriber, add_audio(publisher))
    publisher.send(*(opus(i) for i in range(5)))
    got = subscriber.wait_rtp(5)

    subscriber.send_rtcp(nack(got[2].sequence))

    # libsrtp takes a repeated index for a replay, so what counts is that a byte-identical packet came
    def repeated() -> list[bytes]:
        return [d for d in subscriber.datagrams() if d[2:4] == got[2].sequence.to_bytes(2, "big")]

    assert len(wait_for(repeated, "the packet again")) == 1


def test_nacks_for_what_was_never_sent_do_nothing(publisher: Peer, subscriber: Peer) -> None:
    subscription = subscribe(subscriber, add_video(publisher))
    publisher.send(*frames(VIDEO_SSRC, 2))
    got = subscriber.wait_rtp(4)

    subscriber.send_rtcp(nack(*(got[-1].sequence + i for i in range(1, 50))))
    subscriber.send_rtcp(nack(*(got[0].sequence - i for i in range(50, 0, -1))))
    subscriber.send_rtcp(nack(got[0].sequence, ssrc=VIDEO_SSRC))
    subscriber.round_trip()

    assert publisher.worker.subscription_stats(subscription).retransmitted == 0


def test_retransmission_is_limited(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber that asks for everything again and again
    subscription = subscribe(subscriber, add_video(publisher))
    publisher.send(*frames(VIDEO_SSRC, 100))
    numbers = [p.sequence for p in subscriber.wait_rtp(200)]
    began = time.monotonic()
    for _ in range(100):
        subscriber.send_rtcp(nack(*numbers))
        subscriber.round_trip()
    took = time.monotonic() - began

    # then it gets the burst and the rate of its bucket at most
    assert publisher.worker.subscription_stats(subscription).retransmitted <= 500 + 1000 * (took + 0.1)


def test_what_the_publisher_lost_is_asked_and_filled_in(publisher: Peer, subscriber: Peer) -> None:
    # given a track of which one packet in the middle never came
    track = add_video(publisher)
    subscribe(subscriber, track)
    sent = frames(VIDEO_SSRC, 10)
    publisher.send(*sent[:7], *sent[8:])

    # when the worker asks for it
    asked = publisher.wait_rtcp(is_nack)
    assert (asked.media_ssrc, asked.lost) == (VIDEO_SSRC, [sent[7].sequence])
    publisher.send(as_rtx(sent[7], 1))

    # then the subscriber gets it in its place, and nobody asks again
    got = subscriber.wait_rtp(20)
    assert got[-1].payload == sent[7].payload
    assert_gapless(sorted(got, key=lambda p: (p.sequence - got[0].sequence) & 0xFFFF))
    publisher.round_trip()
    stats = publisher.worker.track_stats(track)
    assert stats.nacks_sent == 1
    assert stats.lost == 1


def test_reordering_is_not_loss(publisher: Peer) -> None:
    track = add_video(publisher)
    sent = frames(VIDEO_SSRC, 10)
    for i in range(0, 20, 2):
        publisher.send(sent[i + 1], sent[i])
    publisher.round_trip()
    assert publisher.worker.track_stats(track).nacks_sent <= 1  # none unless this machine paused in between
    assert publisher.worker.track_stats(track).lost == 0


def test_a_packet_that_never_comes_is_given_up_for_a_keyframe(publisher: Peer) -> None:
    track = add_video(publisher)
    sent = frames(VIDEO_SSRC, 10)
    publisher.send(*sent[:7], *sent[8:])

    publisher.wait_rtcp(is_pli)

    asked = [p for p in publisher.rtcp if is_nack(p)]
    assert 2 <= len(asked) <= 2 * 10  # each request is made twice where so much is lost
    assert publisher.worker.track_stats(track).plis_sent >= 1


def test_a_large_hole_is_not_asked_packet_by_packet(publisher: Peer) -> None:
    add_video(publisher)
    publisher.send(*frames(VIDEO_SSRC, 1), *frames(VIDEO_SSRC, 3, start=1400, timestamp=200_000)[2:])

    publisher.wait_rtcp(is_pli)

    publisher.round_trip()
    assert not any(is_nack(p) for p in publisher.rtcp)


def test_keyframe_wishes_are_coalesced(worker: _sfu.Worker, publisher: Peer) -> None:
    # given ten subscribers that watch
    track = add_video(publisher)
    peers = [Peer(worker) for _ in range(10)]
    for peer in peers:
        subscribe(peer, track)
    publisher.send(*frames(VIDEO_SSRC, 2))
    for peer in peers:
        peer.wait_rtp(4)
    before = worker.track_stats(track).plis_sent

    # when all of them ask for a keyframe, again and again for a second
    deadline = time.monotonic() + 1.0
    number = iter(range(1, 100_000))

    def asked_for_a_second() -> bool:
        for peer in peers:
            peer.send_rtcp(pli())
        frame = next(number)
        publisher.send(*frames(VIDEO_SSRC, 2, start=1000 + 2 * frame, timestamp=90_000 + 3000 * frame)[2:])
        publisher.round_trip()
        return time.monotonic() > deadline

    wait_for(asked_for_a_second)

    # then the publisher was asked at most every 500 ms
    assert 1 <= worker.track_stats(track).plis_sent - before <= 3
    for peer in peers:
        peer.close()


def test_the_application_may_ask_for_a_keyframe(publisher: Peer) -> None:
    track = add_video(publisher)
    for _ in range(5):
        publisher.worker.request_keyframe(track)
    publisher.wait_rtcp(is_pli)
    assert publisher.worker.track_stats(track).plis_sent == 1


def test_full_intra_requests_count_as_keyframe_wishes(publisher: Peer, subscriber: Peer) -> None:
    subscription = subscribe(subscriber, add_video(publisher))
    publisher.send(*frames(VIDEO_SSRC, 2))
    subscriber.wait_rtp(4)
    fci = OUT_SSRC.to_bytes(4, "big") + bytes([1, 0, 0, 0])
    subscriber.send_rtcp(rtp.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=fci))
    # a PLI alone does not tell: the subscription's own start may have asked for one
    wait_for(lambda: publisher.worker.subscription_stats(subscription).plis_received == 1, "the request counted")
    publisher.wait_rtcp(is_pli)


def test_audio_losses_are_asked_only_where_negotiated(publisher: Peer) -> None:
    worker = publisher.worker
    track = worker.add_track(
        publisher.handle, 0, _sfu.AUDIO, _sfu.CODEC_OPUS, 48_000, 111, 0, AUDIO_SSRC, 0, b"1", _sfu.Extensions(),
        nack=False,
    )  # fmt: skip
    publisher.send(*(opus(i) for i in range(10) if i != 5))
    publisher.wait_rtcp(lambda p: isinstance(p, rtp.RtcpRrPacket))
    assert worker.track_stats(track).nacks_sent == 0
    assert worker.track_stats(track).lost == 1
