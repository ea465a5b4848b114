"""Ids sort by time; codes and secrets are of chance."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from collab.clock import new_id, new_room_code, new_secret


@given(st.integers(0, 2**48 - 2), st.integers(1, 1_000))
def test_a_later_id_sorts_behind(at_ms: int, later_ms: int) -> None:
    assert new_id(at_ms) < new_id(min(at_ms + later_ms, 2**48 - 1)) or at_ms + later_ms >= 2**48


@given(st.lists(st.integers(0, 3), min_size=2, max_size=50))
def test_ids_made_one_after_the_other_sort_so_even_within_a_millisecond(steps_ms: list[int]) -> None:
    at_ms, made = 1_795_000_000_000, []
    for step_ms in steps_ms:
        at_ms += step_ms
        made.append(new_id(at_ms))
    assert made == sorted(set(made))


def test_their_forms_fit_their_columns_and_links() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch("[0-9a-z]{26}", one) for one in ids)
    codes = {new_room_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert all(re.fullmatch("[a-z]{3}-[a-z]{4}-[a-z]{3}", one) for one in codes)
    assert re.fullmatch(r"[\w-]{43}", new_secret())
