"""Whose words they are: by who was the loudest when they were said."""

from __future__ import annotations

from signaling.captions.speakers import KEPT, LATE_MS, Speakers
from signaling.captions.wire import Heard, Piece


def heard(*pieces: tuple[float, str]) -> Heard:
    text = "".join(word for _, word in pieces).strip()
    return Heard(0, text, pieces[0][0], pieces[-1][0] + 400, final=True, pieces=tuple(Piece(*one) for one in pieces))


def speakers(*changes: tuple[float, str]) -> Speakers:
    found = Speakers()
    for at_ms, name in changes:
        found.note(at_ms, name)
    return found


def test_an_utterance_belongs_to_who_was_the_loudest() -> None:
    told = speakers((0, ""), (1_000 + LATE_MS, "Li"), (5_000 + LATE_MS, ""), (9_000 + LATE_MS, "Wang"))
    assert told.at(1_000) == told.at(3_000) == "Li"
    assert told.at(7_000) == "Li"  # the engine hears the end of a word when it is quiet already
    assert told.at(9_500) == "Wang"
    assert told.split(heard((1_200, "光"), (1_500, "源"))) == [("Li", "光源", 1_200, 1_900)]


def test_an_utterance_of_two_is_two_lines() -> None:
    told = speakers((LATE_MS, "Li"), (3_000 + LATE_MS, "Wang"))
    words = heard((1_000, " is"), (1_400, " it"), (2_000, " ready"), (3_100, " not"), (3_600, " yet"))
    assert told.split(words) == [("Li", "is it ready", 1_000, 3_100), ("Wang", "not yet", 3_100, 4_000)]


def test_a_cough_takes_nobodys_words() -> None:
    told = speakers((LATE_MS, "Li"), (2_000 + LATE_MS, "Wang"), (2_200 + LATE_MS, "Li"))
    assert told.at(2_100) == "Li"
    told = speakers((LATE_MS, "Li"), (2_000 + LATE_MS, "Wang"), (3_000 + LATE_MS, "Li"))
    words = heard((1_000, " one"), (1_500, " two"), (2_500, " three"), (3_500, " four"), (3_900, " five"))
    assert [name for name, *_ in told.split(words)] == ["Li", "Li"]


def test_nobody_is_known_at_first_and_memory_is_bounded() -> None:
    told = Speakers()
    assert told.split(heard((0, "a"), (1, "b"))) == [("", "ab", 0, 401)]
    for number in range(KEPT * 2):
        told.note(number * 1_000, f"{number}")
    assert len(told._changes) == KEPT
