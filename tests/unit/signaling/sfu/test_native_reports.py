"""Reports: sender reports that keep lip sync, receiver reports, transport-wide feedback, and what peers report."""

from __future__ import annotations

import itertools
import struct
import time
from typing import Any

import pytest
from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import TRANSPORT_CC, Events, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    AUDIO_SSRC,
    OUT_SSRC,
    VIDEO_SSRC,
    add_audio,
    add_video,
    frames,
    opus,
    subscribe,
    subscribe_audio,
)

NTP_UNIX = 2208988800


def sender_report(ssrc: int, ntp_s: float, timestamp: int) -> rtp.RtcpSrPacket:
    info = rtp.RtcpSenderInfo(ntp_timestamp=int(ntp_s * 2**32), rtp_timestamp=timestamp, packet_count=1, octet_count=1)
    return rtp.RtcpSrPacket(ssrc=ssrc, sender_info=info)


def is_report_of(ssrc: int, packets: int = 1) -> Any:
    return lambda p: isinstance(p, rtp.RtcpSrPacket) and p.ssrc == ssrc and p.sender_info.packet_count >= packets


def test_sender_reports_keep_sound_and_picture_together(publisher: Peer, subscriber: Peer) -> None:
    # given a publisher whose clock began at some odd time, and which says when sound and picture were taken
    subscribe(subscriber, add_video(publisher), ssrc=OUT_SSRC)
    subscribe_audio(subscriber, add_audio(publisher), ssrc=OUT_SSRC + 10)
    theirs = 12_345.678
    publisher.send_rtcp(
        sender_report(VIDEO_SSRC, theirs + 1.0, 500_000), sender_report(AUDIO_SSRC, theirs + 2.5, 9_000)
    )

    # when both have been forwarded
    publisher.send(*frames(VIDEO_SSRC, 2), *(opus(i) for i in range(3)))
    video = subscriber.wait_rtcp(is_report_of(OUT_SSRC, packets=4)).sender_info
    audio = subscriber.wait_rtcp(is_report_of(OUT_SSRC + 10, packets=3)).sender_info

    # then picture 500,000 and sound 9,000 are 1.5 s apart on the reports' common clock, which is ours
    def moment(info: Any, timestamp: int, rate: int) -> float:
        since = (info.rtp_timestamp - timestamp + 2**31) % 2**32 - 2**31
        return float(info.ntp_timestamp / 2**32 - since / rate)

    apart = moment(audio, 9_000, 48_000) - moment(video, 500_000, 90_000)
    assert apart == pytest.approx(1.5, abs=0.001)
    assert video.ntp_timestamp / 2**32 - NTP_UNIX == pytest.approx(time.time(), abs=5)
    assert (video.packet_count, audio.packet_count) == (4, 3)
    assert video.octet_count == 4 * 1100

    # and they name one source (RFC 3550 6.5.1: same CNAME, same clock)
    chunks = [c for p in subscriber.rtcp if isinstance(p, rtp.RtcpSdesPacket) for c in p.chunks]
    names = {c.ssrc: dict(c.items)[1] for c in chunks}
    assert names[OUT_SSRC] == names[OUT_SSRC + 10] != b""


def test_a_report_without_a_time_tells_none(publisher: Peer, subscriber: Peer) -> None:
    # given a publisher that reports before it has sent anything, and only later says what its clock shows
    subscribe(subscriber, add_video(publisher), ssrc=OUT_SSRC)
    publisher.send_rtcp(sender_report(VIDEO_SSRC, 0.0, 0))
    publisher.send(*frames(VIDEO_SSRC, 2))
    publisher.send_rtcp(sender_report(VIDEO_SSRC, 12_345.0, 500_000))

    # then the first report that is sent on is of that clock
    told = subscriber.wait_rtcp(is_report_of(OUT_SSRC, packets=4)).sender_info
    since_s = time.time() - (told.ntp_timestamp / 2**32 - NTP_UNIX)
    assert since_s == pytest.approx(0, abs=5)
    assert (told.rtp_timestamp - 500_000) % 2**32 < 5 * 90_000
    assert len([p for p in subscriber.rtcp if is_report_of(OUT_SSRC)(p)]) == 1


def test_reports_go_on_while_packets_flow(publisher: Peer, subscriber: Peer) -> None:
    subscribe_audio(subscriber, add_audio(publisher))
    publisher.send_rtcp(sender_report(AUDIO_SSRC, 100.0, 0))
    number = iter(range(100_000))

    def three_reports() -> bool:
        publisher.send(opus(next(number)))
        publisher.round_trip()
        subscriber.receive()
        return len([p for p in subscriber.rtcp if is_report_of(OUT_SSRC)(p)]) >= 3

    wait_for(three_reports, "reports")
    reports = [p.sender_info for p in subscriber.rtcp if is_report_of(OUT_SSRC)(p)]
    for a, b in itertools.pairwise(reports):
        elapsed = (b.ntp_timestamp - a.ntp_timestamp) / 2**32
        assert b.rtp_timestamp - a.rtp_timestamp == pytest.approx(48_000 * elapsed, abs=2)


def test_receiver_reports_tell_the_publisher_its_losses(publisher: Peer) -> None:
    # given a publisher of whose twenty packets five were lost
    track = add_audio(publisher)
    publisher.send_rtcp(sender_report(AUDIO_SSRC, 77.5, 0))
    publisher.send(*(opus(65_530 + i) for i in range(20) if i % 4 != 2))

    # then the report says so, past the wrap of the sequence numbers
    def reported(packet: Any) -> bool:
        return isinstance(packet, rtp.RtcpRrPacket) and bool(packet.reports)

    report = publisher.wait_rtcp(reported).reports[0]
    assert report.ssrc == AUDIO_SSRC
    assert report.packets_lost == 5
    assert report.fraction_lost == 5 * 256 // 20
    assert report.highest_sequence == 65_530 + 19
    assert report.lsr == int(77.5 * 65536)
    assert 0 < report.dlsr < 2 * 65536
    assert publisher.worker.track_stats(track).lost == 5


def received_numbers(feedback: bytes) -> dict[int, bool]:
    """Transport-wide sequence -> received (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1)."""
    base, count = struct.unpack_from("!HH", feedback, 12)
    symbols: list[int] = []
    at = 20
    while len(symbols) < count:
        (chunk,) = struct.unpack_from("!H", feedback, at)
        at += 2
        if not chunk & 0x8000:
            symbols += [(chunk >> 13) & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [(chunk >> (12 - 2 * i)) & 3 for i in range(7)]
        else:
            symbols += [(chunk >> (13 - i)) & 1 for i in range(14)]
    return {(base + i) & 0xFFFF: symbol != 0 for i, symbol in enumerate(symbols[:count])}


def test_transport_wide_feedback_names_every_packet(publisher: Peer) -> None:
    # given packets with transport-wide numbers over the wrap, one of them lost
    add_video(publisher)
    for i, p in enumerate(frames(VIDEO_SSRC, 20)):
        number = struct.pack("!H", (65_520 + i) & 0xFFFF)
        if i != 7:
            publisher.send(Packet(p.ssrc, p.sequence, p.timestamp, p.payload, 96, p.marker, {TRANSPORT_CC: number}))
    statuses: dict[int, bool] = {}

    # then the feedback covers them all
    def complete() -> bool:
        publisher.receive()
        for feedback in publisher.feedback:
            statuses.update(received_numbers(feedback))
        return len(statuses) >= 40

    wait_for(complete, "feedback for 40 packets")
    assert [number for number, received in statuses.items() if not received] == [65_527]
    assert {struct.unpack_from("!I", f, 8)[0] for f in publisher.feedback} == {VIDEO_SSRC}


def remb(bps: int, *ssrcs: int) -> rtp.RtcpPsfbPacket:
    return rtp.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=rtp.pack_remb_fci(bps, list(ssrcs)))


def test_what_subscribers_report_reaches_the_statistics(publisher: Peer, subscriber: Peer) -> None:
    worker = publisher.worker
    subscription = subscribe_audio(subscriber, add_audio(publisher))
    publisher.send_rtcp(sender_report(AUDIO_SSRC, 100.0, 0))
    publisher.send(*(opus(i) for i in range(5)))
    info = subscriber.wait_rtcp(is_report_of(OUT_SSRC)).sender_info

    # when a subscriber reports loss, jitter, and half a second since our report of which it kept a quarter
    report = rtp.RtcpReceiverInfo(
        ssrc=OUT_SSRC, fraction_lost=64, packets_lost=9, highest_sequence=1, jitter=33,
        lsr=(info.ntp_timestamp >> 16) & 0xFFFFFFFF, dlsr=0,
    )  # fmt: skip
    then = time.monotonic()
    wait_for(lambda: time.monotonic() - then > 0.1)
    subscriber.send_rtcp(rtp.RtcpRrPacket(ssrc=1, reports=[report]))
    subscriber.send_rtcp(remb(800_000, OUT_SSRC))
    subscriber.round_trip()

    stats = worker.subscription_stats(subscription)
    assert (stats.remote_lost, stats.remote_jitter) == (9, 33)
    transport = worker.transport_stats(subscriber.handle)
    assert transport.remote_loss_ppm == 250_000
    assert 90_000 < transport.rtt_us < 3_000_000
    assert transport.remb_bps == 800_000


def test_what_a_receiver_says_of_its_line_may_be_a_limit(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber without transport-wide reports, that is sent some 900 kbit/s and could use more
    subscribe(subscriber, add_video(publisher))
    worker = publisher.worker
    events = Events(worker)
    worker.set_target(subscriber.handle, 900_000, 2_000_000)
    numbers = itertools.count()
    pictures = iter(frames(VIDEO_SSRC, 5_000, key_every=5_000))

    def told(bps: int, wanted: tuple[int, bytes], *ssrcs: int) -> None:
        """One REMB after the other, while pictures flow, until that is what Python knows."""

        def last() -> bool:
            publisher.send(next(pictures), next(pictures))
            if next(numbers) % 10 == 0:
                subscriber.send_rtcp(remb(bps, *ssrcs))
            subscriber.receive()
            seen = events.all(_sfu.EVENT_ESTIMATE)
            return bool(seen) and (seen[-1].value, seen[-1].data) == wanted

        wait_for(last, f"{bps} is taken for {wanted}")

    # then what names none of its streams says nothing, and what names it, by either number, is tried beyond
    subscriber.send_rtcp(remb(100_000, 77), remb(100_000))
    subscriber.round_trip()
    assert worker.transport_stats(subscriber.handle).remb_bps == 0
    assert not events.all(_sfu.EVENT_ESTIMATE)
    told(10_000_000, (30_000_000, b"\0"), OUT_SSRC, 77)
    # until it says less than it is sent: that limits it, until all that is wanted fits
    told(70_000, (70_000, b"\1"), OUT_SSRC + 1)
    told(1_500_000, (1_500_000, b"\1"), OUT_SSRC)
    told(4_000_000, (12_000_000, b"\0"), OUT_SSRC)


def test_what_is_said_of_each_stream_adds_up(publisher: Peer, subscriber: Peer) -> None:
    worker = publisher.worker
    subscribe(subscriber, add_video(publisher))
    one = subscribe_audio(subscriber, add_audio(publisher), ssrc=OUT_SSRC + 10)

    def told(*packets: rtp.RtcpPsfbPacket) -> int:
        subscriber.send_rtcp(*packets)
        subscriber.round_trip()
        return worker.transport_stats(subscriber.handle).remb_bps

    assert told(remb(400_000, OUT_SSRC), remb(80_000, OUT_SSRC + 10)) == 480_000
    assert told(remb(300_000, OUT_SSRC)) == 380_000
    assert told(remb(600_000, OUT_SSRC, OUT_SSRC + 10)) == 600_000
    worker.remove_subscription(one)
    assert told(remb(500_000, OUT_SSRC, OUT_SSRC + 10)) == 500_000
    assert told(*(remb(bps * 1_000, OUT_SSRC) for bps in range(100, 140))) == 139_000


def test_transport_wide_reports_know_better(publisher: Peer) -> None:
    # given a subscriber whose transport-wide reports have come
    peer = Peer(publisher.worker)
    worker = publisher.worker
    extensions = _sfu.Extensions(mid=4, transport_cc=TRANSPORT_CC)
    worker.add_subscription(peer.handle, add_video(publisher), OUT_SSRC, 0, 100, 0, b"v", extensions)
    publisher.send(*frames(VIDEO_SSRC, 10))
    peer.wait_rtp(20)
    chunk = struct.pack("!H", 1 << 13 | 20)  # a run of 20 packets that came, each 1 ms after the other
    fci = struct.pack("!HHI", 0, 20, 100 << 8) + chunk + bytes([4] * 20) + bytes(2)
    words = (12 + len(fci)) // 4 - 1
    peer.send_rtcp(struct.pack("!BBHII", 0x80 | 15, rtp.RTCP_RTPFB, words, 1, OUT_SSRC) + fci)
    peer.round_trip()

    # then what it says beside them changes nothing
    peer.send_rtcp(remb(50_000, OUT_SSRC))
    peer.round_trip()
    assert worker.transport_stats(peer.handle).remb_bps == 50_000
    assert worker.transport_stats(peer.handle).estimate_bps == 0
    peer.close()
