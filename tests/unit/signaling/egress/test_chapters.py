"""Chapters begin with who takes the floor, or with an item of the run list."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from msgspec.structs import replace

from rooms.core.model import RoomView, Source
from rooms.core.stage_model import RunItem, StageView
from signaling.egress.chapters import BEFORE_S, HELD_S, INTERJECTION_S, MINIMUM_S, Begun, Chapters
from tests.unit.signaling.egress.test_scene import person, room

STEP_S = 0.25
PEOPLE = room(person(1, Source.MICROPHONE), person(2, Source.MICROPHONE), person(3, Source.MICROPHONE))


def told(spoken: Iterable[tuple[str, float]], view: RoomView = PEOPLE) -> list[tuple[str, float]]:
    """(title, when it began) of a talk of (who, for how many seconds); "" is silence."""
    chapters, now_s, found = Chapters(), 0.0, []
    for who, lasts_s in spoken:
        until_s = now_s + lasts_s
        while now_s < until_s:
            if (begun := chapters.look(view, (who,) if who else (), now_s)) is not None:
                found.append((begun.title, now_s - begun.ago_s))
            now_s += STEP_S
    return found


def test_who_holds_the_floor_names_a_chapter_from_where_they_began() -> None:
    assert told([("", 5), ("p1", 60), ("p2", 60)]) == [
        ("Name 1", 5),
        ("Name 2", 65 + INTERJECTION_S),
    ]


def test_interjections_and_silences_change_nothing() -> None:
    talk = [("p1", 30), ("p2", 2), ("p1", 30), ("", 20), ("p1", 30)]
    assert told(talk) == [("Name 1", 0)]


def test_a_lively_talk_is_one_chapter() -> None:
    talk = [(f"p{1 + turn % 3}", HELD_S - 2) for turn in range(40)]
    assert told(talk) == []
    longer = [(f"p{1 + turn % 3}", 20.0) for turn in range(12)]
    begun = [at for _, at in told(longer)]
    assert all(after - before >= MINIMUM_S for before, after in itertools.pairwise(begun))


def test_nobody_who_has_left_names_a_chapter() -> None:
    assert told([("p9", 60)]) == []


def test_items_of_the_run_list_are_chapters_at_once_and_once() -> None:
    stage = StageView("live", run=(RunItem("a", "Opening", "", 5), RunItem("b", "Pitches", "", 20)))
    chapters, found = Chapters(), []
    for item in ("", "a", "a", "b", "", "b"):
        view = replace(PEOPLE, stage=replace(stage, item_id=item))
        if (begun := chapters.look(view, ("p1",), 0.0)) is not None:
            found.append(begun.title)
    assert found == ["Opening", "Pitches", "Pitches"]


def test_an_item_that_is_on_before_the_film_is_its_beginning() -> None:
    stage = StageView("live", run=(RunItem("a", "Opening", "", 5), RunItem("b", "Pitches", "", 20)), item_id="a")
    chapters = Chapters()
    first = chapters.look(replace(PEOPLE, stage=stage), (), 0.0)
    second = chapters.look(replace(PEOPLE, stage=replace(stage, item_id="b")), (), 1.0)
    assert first == Begun("Opening", BEFORE_S)
    assert second == Begun("Pitches", 0.0)
