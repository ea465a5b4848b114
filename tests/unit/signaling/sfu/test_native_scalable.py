"""Layers inside one encoding, on streams that Chromium sent: what is forwarded goes through real decoders."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import replace

import pytest
from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu import captured_stream as captured
from tests.unit.signaling.sfu.captured_stream import DEPENDENCY_ID, Frame
from tests.unit.signaling.sfu.media_peer import Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import OUT_RTX_SSRC, OUT_SSRC, assert_gapless, vp8

DESCRIBED = ("av1_l1t3", "av1_l2t2", "av1_l3t3_key", "vp9_l1t3", "vp9_l3t3", "vp9_l3t3_key", "h264_l1t3")
EVERYTHING = 255


class Play:
    """A captured stream on its way to one subscriber."""

    def __init__(
        self, publisher: Peer, subscriber: Peer, name: str, *, described: bool = True, told: bool = True
    ) -> None:
        self.name, self.publisher, self.subscriber = name, publisher, subscriber
        self.track = captured.publish(publisher, name, described=described)
        ids = _sfu.Extensions(mid=4, dependency_descriptor=DEPENDENCY_ID if told else 0, allow_mixed=1)
        self.subscription = subscriber.worker.add_subscription(
            subscriber.handle, self.track, OUT_SSRC, OUT_RTX_SSRC, 100, 101, b"v", ids
        )
        self.pictures = captured.pictures_of(name)
        self.at = 0

    def choose(self, spatial: int = EVERYTHING, temporal: int = EVERYTHING) -> None:
        choice = _sfu.LayerChoice(self.subscription, self.track, spatial, temporal)
        self.subscriber.worker.choose_layers([choice])

    def send(self, count: int | None = None) -> None:
        """So many pictures; all that is left."""
        until = len(self.pictures) if count is None else self.at + count
        for packets in self.pictures[self.at : until]:
            self.publisher.send_as_it_is(*packets)
            self.publisher.round_trip()
        self.at = until

    def got(self) -> list[Packet]:
        self.subscriber.round_trip()
        return [packet for packet in self.subscriber.rtp if packet.ssrc == OUT_SSRC]

    def frames(self) -> list[Frame]:
        return captured.frames_of(self.got(), self.name)

    def sent(self) -> list[Frame]:
        return captured.frames_of(map(Packet.decode, captured.load(self.name)), self.name)


def assert_whole(packets: list[Packet]) -> None:
    """Sequences without a gap, and a marker on the last packet of each picture and nowhere else."""
    assert_gapless(packets)
    for packet, following in itertools.pairwise(packets):
        assert packet.marker == (packet.timestamp != following.timestamp)
    assert packets[-1].marker


def assert_satisfied(frames: list[Frame]) -> None:
    """What a frame needs came before it."""
    seen: set[int] = set()
    for frame in frames:
        assert frame.said.first
        assert {frame.number - distance for distance in frame.said.frame.distances} <= seen
        seen.add(frame.number)


def assert_decodes(play: Play, packets: list[Packet]) -> list[captured.Picture]:
    """Every layer of every picture that was sent comes out, as if nothing had been left out."""
    pictures = captured.decode(captured.codec_of(play.name), packets)
    assert len(pictures) == len(set(pictures))
    assert set(pictures) <= captured.decoded_whole(play.name)
    return pictures


def layers(name: str) -> list[tuple[int, int]]:
    first = captured.frames_of([Packet.decode(captured.load(name)[0])], name)[0]
    return list(first.said.structure.layers)


@pytest.mark.parametrize(
    ("name", "spatial", "temporal"),
    [(name, *layers(name)[at]) for name in DESCRIBED for at in (0, len(layers(name)) // 2, -1)],
)
def test_a_decode_target_is_sent_and_nothing_else(
    publisher: Peer, subscriber: Peer, name: str, spatial: int, temporal: int
) -> None:
    # given a subscriber for whom these layers are chosen
    play = Play(publisher, subscriber, name)
    play.choose(spatial, temporal)

    # when the whole stream is sent
    play.send()

    # then it gets exactly the frames of that target, and can decode them all
    got = play.got()
    target = layers(name).index((spatial, temporal))
    expected = [frame.number for frame in play.sent() if frame.said.frame.indications[target]]
    frames = play.frames()
    assert [frame.number for frame in frames] == expected
    assert_whole(got)
    assert_satisfied(frames)
    assert len(assert_decodes(play, got)) == len(expected)
    stats = subscriber.worker.subscription_stats(play.subscription)
    assert (stats.track, stats.spatial, stats.temporal) == (play.track, spatial, temporal)


def asks_for_keyframe(packet: object) -> bool:
    return isinstance(packet, rtp.RtcpPsfbPacket) and packet.fmt == rtp.RTCP_PSFB_PLI


def layer_of(frame: Frame) -> tuple[int, int]:
    return frame.said.frame.spatial, frame.said.frame.temporal


def highest(frames: list[Frame]) -> list[tuple[int, int]]:
    """Of each picture, the layer of its highest frame."""
    return [layer_of(list(group)[-1]) for _, group in itertools.groupby(frames, key=lambda frame: frame.timestamp)]


@pytest.mark.parametrize("name", ["av1_l2t2", "vp9_l3t3"])
def test_down_at_once_and_up_at_a_keyframe(publisher: Peer, subscriber: Peer, name: str) -> None:
    # given a stream whose upper layers need the lower ones, watched whole
    play = Play(publisher, subscriber, name)
    play.choose()
    play.send(8)
    top = max(layers(name))[0]

    # when the lowest is chosen, it is sent alone from the next picture on
    play.choose(0)
    play.send(8)
    assert [spatial for spatial, _ in highest(play.frames())] == [top] * 8 + [0] * 8

    # and when the highest is chosen again, a keyframe is asked for, at which it begins
    play.choose()
    publisher.wait_rtcp(asks_for_keyframe)
    play.send()
    got = play.got()
    frames = play.frames()
    key = next(number for number, frame in enumerate(play.sent()) if number and frame.said.attached)
    before = [frame for frame in frames if frame.number < play.sent()[key].number]
    assert {spatial for spatial, _ in highest(before[8 * (top + 1) :])} == {0}
    assert {spatial for spatial, _ in highest(frames[len(before) :])} == {top}
    assert_whole(got)
    assert_satisfied(frames)
    assert_decodes(play, got)


@pytest.mark.parametrize("name", ["av1_l3t3_key", "vp9_l3t3_key"])
def test_where_layers_are_apart_the_way_down_begins_with_the_lowest_rate(
    publisher: Peer, subscriber: Peer, name: str
) -> None:
    # given a stream whose layers need each other in keyframes only
    play = Play(publisher, subscriber, name)
    play.choose()
    play.send(8)

    # when a lower layer is chosen
    play.choose(1)
    publisher.wait_rtcp(asks_for_keyframe)
    play.send()

    # then the upper one goes on at its lowest rate until the keyframe, and from there on only the lower is sent
    got = play.got()
    frames = play.frames()
    key = next(at for at, frame in enumerate(frames) if at and frame.said.attached)
    waiting = [frame for frame in frames[:key] if frame.timestamp >= captured_time(play, 8)]
    assert {layer_of(frame) for frame in waiting} == {(2, 0)}
    assert {frame.said.frame.spatial for frame in frames[key:]} == {0, 1}
    assert {layer_of(frame) for frame in frames[key + 2 :]} == {(1, 0), (1, 1), (1, 2)}
    assert_whole(got)
    assert_satisfied(frames)
    assert_decodes(play, got)


def captured_time(play: Play, picture: int) -> int:
    return Packet.decode(play.pictures[picture][0]).timestamp


@pytest.mark.parametrize("name", ["av1_l1t3", "h264_l1t3"])
def test_rates_change_without_a_keyframe(publisher: Peer, subscriber: Peer, name: str) -> None:
    # given a subscriber of the lowest rate
    play = Play(publisher, subscriber, name)
    play.choose(temporal=0)
    play.send(9)
    assert {temporal for _, temporal in highest(play.frames())} == {0}

    # when all is chosen, and then the lowest again, before any other keyframe
    play.choose()
    play.send(9)
    up = highest(play.frames())
    play.choose(temporal=0)
    play.send(4)

    # then the rate rises within one round of the pattern and falls at once
    frames = play.frames()
    assert {temporal for _, temporal in up} == {0, 1, 2}
    assert {temporal for _, temporal in highest(frames)[len(up) :]} == {0}
    assert not any(frame.said.attached for frame in frames[1:])
    assert_whole(play.got())
    assert_satisfied(frames)
    assert_decodes(play, play.got())


@pytest.mark.parametrize(("name", "seed"), [(name, seed) for seed, name in enumerate(DESCRIBED)])
def test_any_series_of_choices_stays_decodable(publisher: Peer, subscriber: Peer, name: str, seed: int) -> None:
    draw = random.Random(seed)
    play = Play(publisher, subscriber, name)
    while play.at < len(play.pictures):
        play.choose(draw.choice((0, 1, 2, EVERYTHING)), draw.choice((0, 1, 2, EVERYTHING)))
        play.send(draw.randrange(1, 5))

    got = play.got()
    frames = play.frames()
    assert_whole(got)
    assert_satisfied(frames)
    assert len(assert_decodes(play, got)) == len(frames)


def test_the_receiver_is_told_which_targets_it_has(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber of two of three sizes, at the middle rate
    play = Play(publisher, subscriber, "vp9_l3t3")
    play.choose(1, 1)
    play.send(6)

    # then the keyframe's structure comes with the set of the targets within
    frames = play.frames()
    names = layers(play.name)
    within = {target for target, layer in enumerate(names) if layer in ((0, 0), (0, 1), (1, 0), (1, 1))}
    assert frames[0].said.active == sum(1 << target for target in within)
    assert all(frame.said.active is None for frame in frames[1:])
    assert frames[0].said.structure == play.sent()[0].said.structure

    # and a change is told in the frames from there on, until one of the lowest rate has told it
    play.choose(0)
    play.send(6)
    later = play.frames()[len(frames) :]
    said = [frame.said.active for frame in later]
    told = next(at for at, frame in enumerate(later) if frame.said.frame.temporal == 0)
    assert said == [0b111] * (told + 1) + [None] * (len(said) - told - 1)


def test_who_loses_a_layer_gets_the_next_with_a_keyframe(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber of the largest of three sizes that need each other in keyframes only
    play = Play(publisher, subscriber, "av1_l3t3_key")
    play.choose()
    play.send(8)
    key = next(at for at, picture in enumerate(play.pictures) if at and is_keyframe(picture[0]))
    before = len(play.frames())

    # when the publisher says that it does not send it any more
    play.pictures[8:key] = [without_layer(picture, play) for picture in play.pictures[8:key]]
    numbers = itertools.count(int.from_bytes(play.pictures[0][0][2:4], "big"))
    play.pictures = [[p[:2] + next(numbers).to_bytes(2, "big") + p[4:] for p in picture] for picture in play.pictures]
    play.send(1)
    publisher.wait_rtcp(asks_for_keyframe)
    play.send(key - play.at)

    # then nothing is sent that could not be decoded, and with the keyframe that is asked for it goes on
    assert len(play.frames()) == before
    play.send()
    assert_satisfied(play.frames())
    assert_gapless(play.got())
    assert_decodes(play, play.got())


def is_keyframe(packet: bytes) -> bool:
    element = Packet.decode(packet).extensions[DEPENDENCY_ID]
    return len(element) > 3 and bool(element[3] & 0x80)


def without_layer(picture: list[bytes], play: Play) -> list[bytes]:
    """Without the highest; the first packet says so: five flags, then a mask of nine targets."""
    frames = captured.frames_of(map(Packet.decode, itertools.chain(play.pictures[0], picture)), play.name)
    kept = [packet for frame in frames if frame.timestamp != frames[0].timestamp and frame.said.frame.spatial < 2
            for packet in frame.packets]  # fmt: skip
    element = kept[0].extensions[DEPENDENCY_ID] + (0b01000_000111111 << 2).to_bytes(2, "big")
    kept[0] = replace(kept[0], extensions={**kept[0].extensions, DEPENDENCY_ID: element})
    kept[-1] = replace(kept[-1], marker=True)
    return [packet.encode() for packet in kept]


@pytest.mark.parametrize("codec", [_sfu.CODEC_VP8, _sfu.CODEC_H264])
def test_who_needs_no_descriptor_is_sent_none(publisher: Peer, subscriber: Peer, codec: int) -> None:
    """It would be believed, and does not fit pictures that are numbered anew."""
    ids = _sfu.Extensions(mid=4, dependency_descriptor=DEPENDENCY_ID, allow_mixed=1)
    track = publisher.worker.add_track(publisher.handle, 0, _sfu.VIDEO, codec, 90_000, 96, 97, 7, 8, b"1", ids)
    subscriber.worker.add_subscription(subscriber.handle, track, OUT_SSRC, OUT_RTX_SSRC, 100, 101, b"v", ids)
    said = Packet.decode(captured.load("h264_l1t3")[0]).extensions[DEPENDENCY_ID]
    payload = vp8(keyframe=True) if codec == _sfu.CODEC_VP8 else b"\x67\x42\xe0\x1f"
    publisher.send(Packet(7, 1, 90_000, payload, marker=True, extensions={DEPENDENCY_ID: said}))

    (first,) = subscriber.wait_rtp(1, OUT_SSRC)
    subscriber.send_rtcp(rtp.RtcpRtpfbPacket(rtp.RTCP_RTPFB_NACK, 1, OUT_SSRC, lost=[first.sequence]))
    (again,) = subscriber.wait_rtp(1, OUT_RTX_SSRC)

    assert DEPENDENCY_ID not in first.extensions
    assert DEPENDENCY_ID not in again.extensions
    assert publisher.worker.track_stats(track).layers[0].bytes > 0


def test_a_stranger_to_descriptors_gets_none_and_the_same_frames(publisher: Peer, subscriber: Peer) -> None:
    play = Play(publisher, subscriber, "av1_l3t3_key", told=False)
    play.choose(1)
    play.send(12)

    got = play.got()
    assert not any(DEPENDENCY_ID in packet.extensions for packet in got)
    assert_whole(got)
    assert {height for _, height, _ in assert_decodes(play, got)} == {136, 270}


@pytest.mark.parametrize("name", ["vp9_l3t3", "vp9_l3t3_key", "vp9_l1t3"])
def test_vp9_without_a_descriptor_goes_by_its_payload(publisher: Peer, subscriber: Peer, name: str) -> None:
    # given a stream of which only the payload is understood
    play = Play(publisher, subscriber, name, described=False)
    spatial = min(1, max(layers(name))[0])
    play.choose(spatial, 1)
    play.send(12)
    play.choose(0, 0)
    play.send(6)
    play.choose()
    play.send()

    # then layers are left out at once, come back with the keyframe, and what is sent can be decoded
    got = play.got()
    assert_whole(got)
    pictures = assert_decodes(play, got)
    by_time = [list(group) for _, group in itertools.groupby(pictures, key=lambda picture: picture[0])]
    assert {len(group) for group in by_time if group[0][0] < captured_time(play, 18)} == {1, 1 + spatial}
    assert len(by_time[-1]) == 1 + max(layers(name))[0]


def test_what_was_left_out_is_never_sent_again(publisher: Peer, subscriber: Peer) -> None:
    # given a subscriber of a part of the layers
    play = Play(publisher, subscriber, "av1_l2t2")
    play.choose(0, 0)
    play.send(20)
    got = play.got()

    # when it asks for all that it was sent, once more
    wanted = [packet.sequence for packet in got]
    subscriber.send_rtcp(rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=OUT_SSRC, lost=wanted))
    again = subscriber.wait_rtp(len(wanted), OUT_RTX_SSRC)

    # then it gets those very packets
    assert {int.from_bytes(packet.payload[:2], "big"): packet.payload[2:] for packet in again} == {
        packet.sequence: packet.payload for packet in got
    }
    assert {packet.extensions[DEPENDENCY_ID] for packet in again} == {
        packet.extensions[DEPENDENCY_ID] for packet in got
    }


def test_layers_are_counted_as_they_are_sent(publisher: Peer, subscriber: Peer) -> None:
    play = Play(publisher, subscriber, "av1_l3t3_key")
    play.send(12)

    stats = publisher.worker.track_stats(play.track)
    assert [(layer.spatial, layer.temporal) for layer in stats.layers] == layers(play.name)
    assert {(layer.width, layer.height) for layer in stats.layers} == {(240, 135), (480, 270), (960, 540)}
    assert sum(layer.bytes for layer in stats.layers) == sum(
        len(packet) for picture in play.pictures[:12] for packet in picture
    )


def test_frame_numbers_run_on_when_the_source_is_another(publisher: Peer, subscriber: Peer) -> None:
    # given a publisher whose connection was made anew: another SSRC, and frames numbered from the beginning
    play = Play(publisher, subscriber, "av1_l1t3")
    play.send(20)
    before = play.frames()
    then = time.monotonic()
    wait_for(lambda: time.monotonic() - then > 1.1, "the former source to be silent")
    play.at = 0
    play.pictures = [[captured.from_source(packet, 77) for packet in picture] for picture in play.pictures]
    play.send(10)

    # then its numbers are joined to those before, so that no receiver takes the new ones for old
    frames = play.frames()
    assert len(frames) == 30
    numbers = [frame.number for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + 30))
    assert frames[len(before)].said.attached


@pytest.mark.parametrize("name", DESCRIBED)
def test_what_a_layer_needs_is_counted_as_its_target_says(publisher: Peer, subscriber: Peer, name: str) -> None:
    play = Play(publisher, subscriber, name)
    play.send()

    needed = dict.fromkeys(layers(name), 0)
    packets = iter(captured.load(name))
    for frame in play.sent():
        frame_bytes = sum(len(next(packets)) for _ in frame.packets)
        for layer, indication in zip(layers(name), frame.said.frame.indications, strict=True):
            needed[layer] += frame_bytes if indication else 0
    stats = publisher.worker.track_stats(play.track)
    assert {(layer.spatial, layer.temporal): layer.needed_bytes for layer in stats.layers} == needed
    if name.endswith("_key"):  # between keyframes layers are apart: the whole is less than the sum
        assert max(needed.values()) < sum(layer.bytes for layer in stats.layers) * 0.9
