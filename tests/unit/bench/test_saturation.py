"""The search for the rate that one processor can forward, on servers whose limit is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bench.saturation import FIRST_PER_SECOND, GROWTH, Step, search


def server(limit: float, client_limit: float = 1e9) -> tuple[list[float], Callable[[float], Step]]:
    tried: list[float] = []

    def step(rate: float) -> Step:
        tried.append(rate)
        sent = min(rate, client_limit)
        forwarded = min(sent, limit)
        return Step(forwarded, 1 - forwarded / sent, 0.0, min(1.0, forwarded / limit))

    return tried, step


@pytest.mark.parametrize("limit", [40_000.0, 67_890.0, 650_000.0, 2_000_000.0])
def test_what_holds_is_found_within_one_growth(limit: float) -> None:
    _, step = server(limit)
    best = search(step)
    assert best is not None
    assert best.holds
    assert limit / GROWTH <= best.forwarded_per_second <= limit


def test_the_search_starts_near_the_limit() -> None:
    tried, step = server(1_000_000.0)
    search(step)
    assert len(tried) < 12


def test_a_client_at_its_end_ends_the_search() -> None:
    _, step = server(1_000_000.0, client_limit=600_000.0)
    best = search(step)
    assert best is not None
    assert best.forwarded_per_second == 600_000.0


def test_a_server_that_cannot_take_the_first_rate_has_none() -> None:
    _, step = server(FIRST_PER_SECOND / 2)
    assert search(step) is None


def test_queues_that_grow_are_loss_put_off() -> None:
    assert Step(1.0, 0.0, 0.0, 0.5).holds
    assert not Step(1.0, 0.0, 0.02, 0.5).holds
    assert not Step(1.0, 0.002, 0.0, 0.5).holds
