"""The publisher against a small server of the test's own, which cuts what it says into chunks of any size."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.restream import amf
from signaling.restream.flv import Tags
from signaling.restream.rtmp import HANDSHAKE_BYTES, MESSAGE_MAX_BYTES, Phase, Publisher, RtmpError

S0_TO_S2 = b"\x03" + bytes(2 * HANDSHAKE_BYTES)
CONNECTED = amf.encode("_result", 1.0, {"fmsVer": "x"}, {"level": "status", "code": "NetConnection.Connect.Success"})
CREATED = amf.encode("_result", 4.0, None, 1.0)
STARTED = amf.encode("onStatus", 0.0, None, {"level": "status", "code": "NetStream.Publish.Start"})
BAD_NAME = amf.encode("onStatus", 0.0, None, {"level": "error", "code": "NetStream.Publish.BadName"})


def said(kind: int, body: bytes, size: int = 128) -> bytes:
    head = b"\x03" + bytes(3) + len(body).to_bytes(3, "big") + bytes((kind,)) + bytes(4)
    parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    return head + b"\xc3".join(parts)


def publisher() -> Publisher:
    made = Publisher("app", "rtmp://live.example.com/app", "the-key")
    assert len(made.hello()) == 1 + HANDSHAKE_BYTES
    return made


@pytest.mark.parametrize("piece", [1, 7, 5_000])
def test_a_stream_begins_however_the_answers_are_cut(piece: int) -> None:
    one, sent = publisher(), b""
    heard = S0_TO_S2 + said(5, struct.pack("!I", 2_500_000)) + said(1, struct.pack("!I", 64))
    heard += said(20, CONNECTED, 64) + said(20, CREATED, 64) + said(20, STARTED, 64)
    for at in range(0, len(heard), piece):
        sent += one.receive(heard[at : at + piece])
    assert one.phase is Phase.LIVE
    names = [
        name for name in ("connect", "releaseStream", "FCPublish", "createStream", "publish") if name.encode() in sent
    ]
    assert len(names) == 5
    assert sent.count(b"the-key") == 3
    tag = one.tag(9, 0x01020304, b"v" * 5_000)
    assert tag[1:4] == b"\xff\xff\xff"
    assert tag[8:12] == struct.pack("<I", 1)  # the stream's number, the one field in little-endian order
    assert tag[12:16] == b"\x01\x02\x03\x04"
    assert len(tag) == 12 + 4 + 5_000 + 1 + 4


def test_a_ping_is_answered_and_what_came_is_acknowledged() -> None:
    one = publisher()
    one.receive(S0_TO_S2 + said(5, struct.pack("!I", 4_000)))
    assert one.receive(said(4, b"\0\x06" + b"time"))[-6:] == b"\0\x07time"
    assert one.receive(said(18, b"x" * 3_000))[7] == 3


@pytest.mark.parametrize(
    "answer", [BAD_NAME, amf.encode("_error", 1.0, None, {"code": "NetConnection.Connect.Rejected"})]
)
def test_no_is_told_from_nonsense(answer: bytes) -> None:
    one = publisher()
    with pytest.raises(RtmpError) as told:
        one.receive(S0_TO_S2 + said(20, answer))
    assert told.value.refused
    for nonsense in (b"HTTP/1.1 400 Bad Request\r\n" * 200, S0_TO_S2 + said(20, b"\x03\0\x05ab")):
        with pytest.raises(RtmpError) as told:
            publisher().receive(nonsense)
        assert not told.value.refused


@pytest.mark.parametrize("number", [2.0, 3.0])
def test_a_platform_that_does_not_know_the_courtesies_takes_the_stream_all_the_same(number: float) -> None:
    one = publisher()
    one.receive(S0_TO_S2 + said(20, CONNECTED))
    one.receive(said(20, amf.encode("_error", number, None, {"code": "NetConnection.Call.Failed"})))
    one.receive(said(20, CREATED) + said(20, STARTED))
    assert one.phase is Phase.LIVE


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0, 2.0**32])
def test_a_stream_with_an_impossible_number_is_nonsense(number: float) -> None:
    one = publisher()
    one.receive(S0_TO_S2 + said(20, CONNECTED))
    with pytest.raises(RtmpError, match="not RTMP"):
        one.receive(said(20, amf.encode("_result", 4.0, None, number)))


def begun(body: bytes) -> bytes:
    """The first 128 bytes of a message."""
    return said(20, body)[: 12 + 128]


def test_a_message_that_is_aborted_leaves_room_for_the_next() -> None:
    one = publisher()
    one.receive(S0_TO_S2 + begun(b"x" * 1_000))
    one.receive(b"\x02" + bytes(3) + (4).to_bytes(3, "big") + b"\x02" + bytes(4) + struct.pack("!I", 3))
    assert b"createStream" in one.receive(said(20, CONNECTED))


def test_a_message_that_shrinks_while_it_comes_is_nonsense() -> None:
    one = publisher()
    one.receive(S0_TO_S2 + begun(b"x" * 1_000))
    with pytest.raises(RtmpError, match="shorter"):
        one.receive(b"\x03" + bytes(3) + (10).to_bytes(3, "big") + b"\x14" + bytes(4) + b"y" * 10)


@given(st.binary(max_size=4_000))
def test_whatever_the_other_side_says_is_bounded(data: bytes) -> None:
    one = publisher()
    with contextlib.suppress(RtmpError):
        one.receive(S0_TO_S2)
        for at in range(0, len(data), 100):
            one.receive(data[at : at + 100])
    assert one.phase is not Phase.LIVE


def test_a_message_without_end_is_given_up() -> None:
    one = publisher()
    one.receive(S0_TO_S2)
    with pytest.raises(RtmpError):
        one.receive(b"\x03" + bytes(3) + (MESSAGE_MAX_BYTES + 1).to_bytes(3, "big") + b"\x14" + bytes(4) + b"x" * 200)


@given(st.binary(max_size=300))
def test_amf_reads_anything_or_says_no(data: bytes) -> None:
    with contextlib.suppress(amf.AmfError):
        amf.decode(data)


def test_amf_reads_what_it_wrote_and_nothing_too_deep() -> None:
    values: list[amf.Value] = ["name", 2.0, True, None, {"a": {"b": "c"}}]
    assert amf.decode(amf.encode(*values)) == values
    deep = b"\x03\0\x01a" * 40
    with pytest.raises(amf.AmfError):
        amf.decode(deep)


@pytest.mark.parametrize("piece", [1, 9, 1_000])
def test_flv_is_taken_apart_into_its_tags(piece: int) -> None:
    tags = [(18, 0, b"meta"), (9, 40, b"v" * 700), (8, 0x01000010, b"")]
    data = b"FLV\x01\x05\0\0\0\x09" + bytes(4)
    for kind, at_ms, body in tags:
        data += bytes((kind,)) + len(body).to_bytes(3, "big") + (at_ms & 0xFFFFFF).to_bytes(3, "big")
        data += bytes((at_ms >> 24,)) + bytes(3) + body + struct.pack("!I", 11 + len(body))
    found: list[tuple[int, int, bytes]] = []
    taken = Tags(lambda *tag: found.append(tag))
    for at in range(0, len(data), piece):
        taken.write(data[at : at + piece])
    assert found == tags
