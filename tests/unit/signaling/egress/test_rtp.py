"""RTP in order: what is late, lost, doubled or wrapped around."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from signaling.egress.rtp import ASKS_MAX, WAIT_MS, Ordered, Packet, Unwrapped, original, parse


def packet(sequence: int) -> Packet:
    return Packet(96, sequence % 65_536, 0, True, sequence.to_bytes(8, "big"))


def numbers(packets: list[Packet]) -> list[int]:
    return [int.from_bytes(item.payload, "big") for item in packets]


def test_a_packet_is_read_without_its_extension_and_padding() -> None:
    head = struct.pack("!BBHII", 0xB1, 0xE0, 7, 9, 11) + b"csrc" + struct.pack("!HH", 0xBEDE, 1) + b"abcd"
    assert parse(head + b"data" + b"\0\0\3") == (11, Packet(96, 7, 9, True, b"data"))


@given(st.binary(max_size=80))
def test_no_datagram_whatever_breaks_the_reader(data: bytes) -> None:
    found = parse(data)
    assert found is None or len(found[1].payload) <= len(data)


def test_what_was_sent_again_carries_its_own_number_first() -> None:
    assert original(Packet(97, 500, 1, False, b"\x01\x02rest"), 96) == Packet(96, 258, 1, False, b"rest")
    assert original(Packet(97, 500, 1, False, b"\x01\x02"), 96) is None


@given(st.permutations(range(12)), st.integers(min_value=0, max_value=70_000))
def test_what_comes_in_any_order_goes_out_in_order_and_once(order: list[int], start: int) -> None:
    ordered, out = Ordered(), []
    ordered.put(packet(start), 0)
    for step in [*order, *order]:
        ordered.put(packet(start + 1 + step), 0)
        out += ordered.take(0)
    assert numbers(out) == list(range(start, start + 13))
    assert not any(item.gap for item in out)


def test_a_missing_packet_is_asked_for_a_few_times_and_then_given_up() -> None:
    ordered = Ordered()
    ordered.put(packet(65_535), 0)
    ordered.put(packet(65_538), 0)
    assert numbers(ordered.take(0)) == [65_535]
    asked = [ordered.ask_for(now_ms) for now_ms in range(0, WAIT_MS, 10)]
    assert [item for item in asked if item] == [[0, 1]] * ASKS_MAX
    assert ordered.take(WAIT_MS - 1) == []
    late = ordered.take(WAIT_MS)
    assert numbers(late) == [65_538]
    assert late[0].gap
    assert ordered.lost == 2


def test_a_repaired_gap_leaves_no_trace() -> None:
    ordered = Ordered()
    for sequence in (1, 3, 2):
        ordered.put(packet(sequence), 0)
    assert [item.gap for item in ordered.take(0)] == [False] * 3
    assert ordered.ask_for(1_000) == []


def test_a_stream_that_begins_anew_elsewhere_is_followed_at_once() -> None:
    ordered = Ordered()
    ordered.put(packet(10), 0)
    ordered.take(0)
    ordered.put(packet(20_000), 0)
    [found] = ordered.take(0)
    assert numbers([found]) == [20_000]
    assert found.gap


@given(st.lists(st.integers(min_value=-30_000, max_value=30_000), max_size=50), st.integers(0, 65_535))
def test_counting_goes_on_where_the_field_wraps(steps: list[int], start: int) -> None:
    unwrapped, true = Unwrapped(65_536), start
    newest = unwrapped.of(start)
    for step in steps:
        value = newest + step
        assert unwrapped.of(value % 65_536) == value
        newest = max(newest, value)
        true = value
    assert true is not None
