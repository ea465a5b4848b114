"""Pictures out of packets: what Chromium sent, decoded whole; with packets lost, nothing that decoders choke on."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.egress import rtp, wire
from signaling.egress.payloads import ASSEMBLERS, Assembler, PayloadError, leb128, read_leb128
from signaling.egress.pictures import PictureSource
from tests.unit.signaling.sfu import captured_stream

TYPES = {"av1": wire.AV1_TYPE, "vp9": wire.VP9_TYPE, "h264": wire.H264_TYPE}
STREAMS = ("av1_l1t3", "av1_l2t2", "av1_l3t3_key", "h264_l1t3", "vp9_l1t3", "vp9_l3t3", "vp9_l3t3_key")


def packets_of(name: str) -> list[rtp.Packet]:
    found = [rtp.parse(data) for data in captured_stream.load(name)]
    kind = TYPES[captured_stream.codec_of(name)]
    return [item[1]._replace(payload_type=kind) for item in found if item is not None]


@pytest.mark.parametrize("name", STREAMS)
def test_every_picture_of_a_captured_stream_is_decoded_without_a_fault(name: str) -> None:
    source = PictureSource()
    packets = packets_of(name)
    pictures = {packet.timestamp for packet in packets if packet.marker}
    for number, packet in enumerate(packets):
        source.put(packet, number)
    assert source.faults == 0
    assert not source.wants_key
    assert source.decoded >= len(pictures) - 2  # decoders of AV1 may keep one back


@pytest.mark.parametrize("name", ["av1_l1t3", "h264_l1t3", "vp9_l3t3"])
def test_after_a_loss_nothing_comes_until_a_picture_that_needs_no_other(name: str) -> None:
    packets = packets_of(name)
    assembler = ASSEMBLERS[packets[0].payload_type]()
    starts = [number for number, packet in enumerate(packets) if packet.marker]
    cut = starts[len(starts) // 3] + 1  # the first packet of a picture in the middle
    whole = [assembler.put(packet) for packet in packets[:cut]]
    assert sum(picture is not None for picture in whole) > 1

    after = [assembler.put(packet._replace(gap=number == 0)) for number, packet in enumerate(packets[cut + 1 :])]
    came = [picture for picture in after if picture is not None]
    assert not came or came[0].key
    assert assembler.wants_key is not bool(came)


def test_h264_parameter_sets_that_came_once_are_put_before_later_key_pictures() -> None:
    assembler = ASSEMBLERS[wire.H264_TYPE]()
    sets = b"\x18" + b"\x00\x03\x67\x42\x00" + b"\x00\x02\x68\x01"
    assert assembler.put(_h264(sets, 1, marker=False)) is None
    first = assembler.put(_h264(b"\x65\x88\x11", 1))
    second = assembler.put(_h264(b"\x65\x88\x22", 2))
    assert first is not None
    assert second is not None
    assert first.data.endswith(b"\x00\x00\x00\x01\x65\x88\x11")
    assert second.data == b"\x00\x00\x00\x01\x67\x42\x00\x00\x00\x00\x01\x68\x01\x00\x00\x00\x01\x65\x88\x22"
    assert second.key


def test_h264_fragments_are_one_unit_and_a_lost_one_spoils_the_picture() -> None:
    assembler = ASSEMBLERS[wire.H264_TYPE]()
    parts = (b"\x7c\x85ab", b"\x7c\x05cd", b"\x7c\x45ef")
    found = [assembler.put(_h264(part, 1, marker=part == parts[-1])) for part in parts]
    assert found[-1] is not None
    assert found[-1].data == b"\x00\x00\x00\x01\x65abcdef"

    assembler.put(_h264(parts[0], 2, marker=False))
    assert assembler.put(_h264(parts[2], 2)._replace(gap=True)) is None
    assert assembler.wants_key


def test_vp8_key_pictures_are_known_and_descriptors_of_any_length_are_left_out() -> None:
    assembler = ASSEMBLERS[wire.VP8_TYPE]()
    head = b"\x90\xf0\x81\x23\x07\x45"  # X, S; I L T K; picture id of 15 bits, TL0PICIDX, TID and KEYIDX
    picture = assembler.put(rtp.Packet(wire.VP8_TYPE, 1, 1, True, head + b"\x10rest"))
    assert picture is not None
    assert picture.key
    assert picture.data == b"\x10rest"
    assert assembler.put(rtp.Packet(wire.VP8_TYPE, 2, 2, True, b"\x10\x11more")) is not None


@given(
    kind=st.sampled_from(sorted(ASSEMBLERS)), payloads=st.lists(st.binary(max_size=60), max_size=30), seed=st.integers()
)
@settings(max_examples=200, deadline=None)
def test_no_payload_whatever_breaks_an_assembler(kind: int, payloads: list[bytes], seed: int) -> None:
    assembler: Assembler = ASSEMBLERS[kind]()
    chance = random.Random(seed)
    for number, payload in enumerate(payloads):
        assembler.put(
            rtp.Packet(kind, number, chance.randrange(3), chance.random() < 0.4, payload, chance.random() < 0.1)
        )


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_leb128_is_read_as_it_was_written(value: int) -> None:
    assert read_leb128(b"x" + leb128(value), 1) == (value, 1 + len(leb128(value)))


def test_a_leb128_without_an_end_is_refused() -> None:
    with pytest.raises(PayloadError):
        read_leb128(b"\xff" * 8, 0)


def _h264(payload: bytes, timestamp: int, *, marker: bool = True) -> rtp.Packet:
    return rtp.Packet(wire.H264_TYPE, 0, timestamp, marker, payload)
