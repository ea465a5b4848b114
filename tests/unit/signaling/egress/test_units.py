"""Access units that wait: in order, bounded, and from a key on where a decoder has to go on with them."""

from __future__ import annotations

from signaling.egress.units import WAITING_MAX, Unit, Units


def unit(number: int, *, key: bool = False) -> Unit:
    return Unit(number * 40.0, number * 3_600, b"\x00\x00\x01\x65x" if key else b"\x00\x00\x01\x41x", key)


def numbers(units: list[Unit]) -> list[int]:
    return [one.timestamp // 3_600 for one in units]


def test_they_are_taken_when_their_time_has_come() -> None:
    units = Units()
    for number in range(4):
        units.put(unit(number, key=number == 0))
    assert numbers(units.take(80)) == [0, 1]
    assert numbers(units.take(80)) == []
    assert numbers(units.take(1_000)) == [2, 3]
    assert units.all() == []


def test_a_decoder_goes_on_with_what_came_since_the_last_key() -> None:
    units = Units()
    for number in range(10):
        units.put(unit(number, key=number in (2, 6)))
    units.keep(units.take(160)[2:])
    assert numbers(units.take(360)) == [4, 5, 6, 7, 8]
    assert numbers(units.all()) == [6, 7, 8, 9]
    assert not units.keeps


def test_too_many_are_given_up_and_nothing_is_decoded_without_a_key() -> None:
    units = Units()
    units.keep([unit(0, key=True)])
    for number in range(1, WAITING_MAX + 2):
        units.put(unit(number))
    assert units.all() == []
    assert len(units.take(1e9)) <= 1


def test_parameter_sets_are_those_of_the_key() -> None:
    key = Unit(0.0, 0, b"\x00\x00\x00\x01\x67abc\x00\x00\x01\x68d\x00\x00\x01\x65rest", True)
    assert key.sets == (b"\x67abc", b"\x68d")
