from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.edge.ranges import Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=100-", (100, 1_000)),
        ("bytes=-10", (990, 1_000)),
        ("bytes=990-5000", (990, 1_000)),
        ("bytes=0-0", (0, 1)),
    ],
)
def test_a_part_is_from_a_byte_to_before_another(header: str, part: tuple[int, int]) -> None:
    assert parse_range(header, 1_000) == part


@pytest.mark.parametrize(
    "header",
    ["", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "pages=1-2", "bytes=a-b", "bytes=0-999", "bytes=" + "9" * 90 + "-"],
)
def test_what_makes_no_sense_is_the_whole_file(header: str) -> None:
    assert parse_range(header, 1_000) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, 1_000)


@given(st.text(max_size=80) | st.from_regex(r"bytes=\d*-\d*", fullmatch=True), st.integers(0, 10**9))
def test_any_header_gives_bytes_of_the_file_or_none(header: str, size_bytes: int) -> None:
    try:
        part = parse_range(header, size_bytes)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= size_bytes
