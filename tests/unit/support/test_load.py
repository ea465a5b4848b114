"""What others take of the processors is told apart from what we take ourselves."""

from __future__ import annotations

import asyncio

from tests.support.load import Ticks, look, others


def test_others_are_what_is_used_and_not_ours() -> None:
    before = Ticks(passed=1_000, used=400, ours=100)
    assert others(before, Ticks(passed=1_200, used=540, ours=200)) == 0.2
    assert others(before, Ticks(passed=1_200, used=500, ours=210)) == 0.0


async def test_what_our_own_programs_take_is_ours() -> None:
    before = await look()
    burn = await asyncio.create_subprocess_exec("/bin/sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
    assert await burn.wait() == 0
    after = await look()
    assert after.ours > before.ours
    assert after.passed > before.passed
