"""Fifty people come, change everything that can be changed, go, and the server is killed under them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.soak.report import findings, summary
from tests.soak.town import EMPTY_WITHIN_S, RECOVERY_MAX_S, Plan, open_town

SHORT_S = 56.0
LONG_S = float(os.environ.get("TONGXIN_SOAK_SECONDS", "7200"))
START_S = 60.0


@pytest.mark.timeout(SHORT_S + RECOVERY_MAX_S + EMPTY_WITHIN_S + START_S)
def test_a_short_soak_finds_nothing(tmp_path: Path) -> None:
    _soak(tmp_path, Plan(SHORT_S, kills=(1 / 5,), stay_s=30.0, sample_every_s=4.0, take_leave=True))


@pytest.mark.long
@pytest.mark.timeout(LONG_S + EMPTY_WITHIN_S + START_S)
def test_a_soak_of_hours_finds_nothing(tmp_path: Path) -> None:
    _soak(tmp_path, Plan(LONG_S))


def _soak(folder: Path, plan: Plan) -> None:
    with open_town(folder, plan) as town:
        outcome = asyncio.run(town.run())
    outcome.write(folder / "soak.json")
    print(summary(outcome))

    assert findings(outcome) == []
