from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from signaling.egress import rtp as received
from signaling.egress.payloads import H264Assembler, Picture
from signaling.ingest.rtp import PAYLOAD_MAX_BYTES, UNITS_MAX, H264Packets, RtpStream, units_of

START = b"\0\0\0\1"
SPS, PPS = b"\x67\x42\xe0\x1f\x8c", b"\x68\xce\x3c\x80"
IDR, SLICE, SEI, AUD = b"\x65" + b"\xab" * 4_000, b"\x41\x9a" + b"\xcd" * 300, b"\x06\x05\x10", b"\x09\x10"


def sent(packets: H264Packets, stream: RtpStream, picture: bytes, at_ms: float) -> list[bytes]:
    _, payloads = packets.payloads(picture)
    return [
        stream.packet(payload, at_ms, marker=number == len(payloads))[1] for number, payload in enumerate(payloads, 1)
    ]


def test_what_is_sent_is_put_together_again_on_the_other_side() -> None:
    packets, stream, assembler = H264Packets(), RtpStream(98, 90_000), H264Assembler()
    pictures: list[Picture] = []
    for number, units in enumerate(([AUD, SPS, PPS, SEI, IDR], [AUD, SLICE], [IDR])):
        for data in sent(packets, stream, b"".join(START + unit for unit in units), number * 40.0):
            assert len(data) <= PAYLOAD_MAX_BYTES + 12
            parsed = received.parse(data)
            assert parsed is not None
            assert parsed[0] == stream.ssrc
            pictures += [found] if (found := assembler.put(parsed[1])) is not None else []
    together = [list(units_of(picture.data)) for picture in pictures]
    assert together == [[SPS, PPS, IDR], [SLICE], [SPS, PPS, IDR]]  # the sets come again with every key picture
    assert [picture.key for picture in pictures] == [True, False, True]


def test_times_of_one_stream_never_go_back() -> None:
    stream = RtpStream(111, 48_000)
    times = [stream.advance(at_ms) for at_ms in (1_000.0, 1_020.0, 400.0, 1_040.0)]
    assert times == sorted(times)
    assert len(set(times)) == 4


def test_a_report_names_the_time_of_the_same_moment() -> None:
    stream = RtpStream(98, 90_000)
    stream.packet(b"x" * 10, 5_000.0, marker=True)
    data = stream.report(5_000.0, 1_700_000_000_500.0)
    assert (data[1], int.from_bytes(data[4:8], "big")) == (200, stream.ssrc)
    seconds = int.from_bytes(data[8:16], "big") / (1 << 32) - 2_208_988_800
    assert abs(seconds - 1_700_000_000.5) < 0.001
    assert int.from_bytes(data[16:20], "big") == stream.timestamp(5_000.0)


@given(st.binary(max_size=3_000))
def test_whatever_comes_is_no_more_than_what_came(data: bytes) -> None:
    packets = H264Packets()
    _, payloads = packets.payloads(data)
    assert sum(map(len, payloads)) <= len(data) + 2 * len(payloads)
    assert all(payloads)


def test_a_picture_of_very_many_units_is_cut() -> None:
    assert sum(1 for _ in units_of((b"\0\0\1" + b"\x41\x01") * (UNITS_MAX + 500))) <= UNITS_MAX
    noise = random.Random(1).randbytes(100_000)
    assert len(list(units_of(noise))) <= UNITS_MAX
