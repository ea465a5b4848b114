from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.sfu.placement import GAIN_MIN, LOADED, WorkerLoad, place


def load(busy: float, filled: float = 0.0) -> WorkerLoad:
    return WorkerLoad(busy, filled)


def test_home_keeps_its_subscribers_while_it_has_time() -> None:
    assert place([load(LOADED - 0.01), load(0)], 0) == 0
    assert place([load(0), load(LOADED - 0.01)], 1) == 1


def test_a_loaded_home_sends_them_to_who_has_most_time() -> None:
    assert place([load(0.9), load(0.4), load(0.2)], 0) == 2
    assert place([load(0.2), load(0.9)], 1) == 0


def test_connections_count_before_they_cost() -> None:
    assert place([load(0.1, filled=0.8), load(0.1, filled=0.3)], 0) == 1


def test_a_pipe_is_not_opened_for_little() -> None:
    assert place([load(0.9), load(0.85)], 0) == 0


def test_one_worker_has_no_choice() -> None:
    assert place([load(1.0, 9.0)], 0) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2)), min_size=1, max_size=16), st.data())
def test_nobody_goes_where_it_is_worse(values: list[tuple[float, float]], data: st.DataObject) -> None:
    loads = [load(*value) for value in values]
    home = data.draw(st.integers(0, len(loads) - 1))
    chosen = place(loads, home)
    assert chosen == home or loads[home].weight - loads[chosen].weight >= GAIN_MIN
    assert loads[home].weight >= LOADED or chosen == home
