"""The bench itself works: it forwards, loses nothing, damages nothing, and prints its figures.  No time is asserted."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.support import namespaces

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]


async def test_a_quick_run_of_the_bench() -> None:
    bench = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench",
        "--quick",
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await bench.communicate()
    text = output.decode()
    assert bench.returncode == 0, text
    for part in ("| null forwarder", "| Tongxin |", "## Joins", "## Signalling"):
        assert part in text
