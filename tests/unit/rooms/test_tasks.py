from __future__ import annotations

import asyncio

import pytest

from rooms.tasks import TaskOwner
from tests.support.waiting import until


async def test_closing_ends_every_task() -> None:
    owner, ended = TaskOwner(), []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    started = [owner.start(work(name), name) for name in ("a", "b")]
    await asyncio.sleep(0)
    await owner.close()
    assert sorted(ended) == ["a", "b"]
    assert all(task.cancelled() for task in started)


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again() -> None:
    owner = TaskOwner()
    swallowed = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.Event().wait()

    owner.start(work(), "stubborn")
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await owner.close()
    assert swallowed.is_set()


async def test_one_failure_is_logged_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    owner, never = TaskOwner(), asyncio.Event()

    async def fail() -> None:
        raise ValueError("ours")

    async def wait() -> None:
        await never.wait()

    failing, waiting = owner.start(fail(), "failing"), owner.start(wait(), "waiting")
    await until(failing.done)
    assert not waiting.done()
    assert "task_failed" in caplog.text
    await owner.close()


async def test_a_task_started_while_closing_ends_too() -> None:
    owner = TaskOwner()
    second: list[asyncio.Task[None]] = []

    async def wait() -> None:
        await asyncio.Event().wait()

    async def starts_another() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            second.append(owner.start(wait(), "second"))

    owner.start(starts_another(), "first")
    await asyncio.sleep(0)
    await owner.close()
    assert second[0].cancelled()
