"""A flood of packets that prove nothing takes nothing from a call that runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.flood.measure import measure

# A tenth of what is measured by hand (python -m tests.flood): the machine of a test run has other things to do.
PER_SECOND = 20_000
LOSS_MAX = 0.01
JOIN_MAX_MS = 5_000


@pytest.mark.network_namespaces
@pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")
@pytest.mark.parametrize("kinds", ["jbsdrc", "b"])
def test_a_flood_from_everywhere_leaves_a_call_unharmed(tmp_path: Path, kinds: str) -> None:
    found = measure(tmp_path, per_second=PER_SECOND, window_s=3.0, receivers=5, kinds=kinds)

    assert found.calm.received > 0
    assert found.flooded.loss < LOSS_MAX, found
    assert found.flooded.received > (1 - LOSS_MAX) * found.calm.received, found
    assert found.flooded.bad == 0
    assert found.flooded.join_ms < JOIN_MAX_MS, found
