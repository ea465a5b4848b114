from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.nameplates.fields import Line, read_fields


def placed(text: str, x: float, y: float, *, tilt: float = 0.0, score: float = 0.98) -> Line:
    """A run of text 40 pixels high whose upper left corner is at (x, y), on a plate that is turned about (0, 0)."""
    right = x + 20.0 * len(text)
    cos, sin = math.cos(tilt), math.sin(tilt)
    corners = [(x, y), (right, y), (right, y + 40.0), (x, y + 40.0)]
    a, b, c, d = [(px * cos - py * sin, px * sin + py * cos) for px, py in corners]
    return Line(text, (a, b, c, d), score)


@pytest.mark.parametrize("tilt", [0.0, 0.15, -0.3, 1.5])
def test_a_plate_in_two_languages_is_read_at_any_tilt(tilt: float) -> None:
    texts = [
        "光纤激光切割机",
        "型号 MODEL LX-3015H",
        "出厂编号 S/N HL2024-00871",
        "功率 POWER 3000 W",
        "制造商北方激光设备有限公司",
    ]
    lines = [placed(text, 200, 60 * number, tilt=tilt) for number, text in enumerate(texts)]
    plate = read_fields(list(reversed(lines)))
    assert (plate.make, plate.model, plate.serial) == ("北方激光设备有限公司", "LX-3015H", "HL2024-00871")
    assert list(plate.lines) == texts


def test_a_value_may_stand_beside_or_below_its_label() -> None:
    beside = [placed("MODEL NO.:", 0, 0), placed("TX-9", 400, 4), placed("Serial No", 0, 60), placed("00-17", 400, 58)]
    plate = read_fields(beside)
    assert (plate.model, plate.serial) == ("TX-9", "00-17")
    below = [placed("MODEL", 0, 0), placed("TX-9", 0, 60), placed("SN", 0, 120), placed("00-17", 0, 180)]
    plate = read_fields(below)
    assert (plate.model, plate.serial) == ("TX-9", "00-17")


def test_a_label_without_a_value_takes_no_other_line() -> None:
    plate = read_fields([placed("型号", 0, 0), placed("出厂编号", 0, 60), placed("功率 3 kW", 0, 120)])
    assert (plate.make, plate.model, plate.serial) == ("", "", "")


def test_what_only_looks_like_a_label_is_none() -> None:
    plate = read_fields([placed("SNAKE TYPEWRITER", 0, 0), placed("MODELLING 3", 0, 60), placed("MAKER", 0, 120)])
    assert (plate.make, plate.model, plate.serial) == ("", "", "")


def test_the_first_says_it_and_what_is_blurred_says_nothing() -> None:
    plate = read_fields([placed("型号: A-1", 0, 0), placed("型号: B-2", 0, 60), placed("S/N: 77", 0, 120, score=0.2)])
    assert (plate.model, plate.serial) == ("A-1", "")
    assert read_fields([]).lines == ()


@given(st.lists(st.tuples(st.text(max_size=30), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), max_size=12))
def test_no_text_makes_it_fail(texts: list[tuple[str, float, float]]) -> None:
    plate = read_fields([placed(text, x, y) for text, x, y in texts])
    assert len(plate.lines) <= len(texts)
    assert max(map(len, (plate.make, plate.model, plate.serial))) <= 80
