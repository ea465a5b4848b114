from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms.lanes import Lane
from rooms.tasks import TaskOwner
from tests.support.waiting import until


@pytest.fixture
async def tasks() -> AsyncIterator[TaskOwner]:
    tasks = TaskOwner()
    yield tasks
    await tasks.close()


async def test_things_are_done_one_after_another_in_order(tasks: TaskOwner) -> None:
    done: list[int] = []
    under_way: list[int] = []

    async def perform(number: int) -> None:
        under_way.append(number)
        await asyncio.sleep(0)
        assert under_way == [number]
        done.append(under_way.pop())

    lane = Lane[int]("test", perform, bound=100, timeout_ms=1_000)
    tasks.start(lane.run(), "lane")
    for number in range(50):
        lane.put(number)
    assert not lane.idle
    assert await lane.drained(5_000)
    assert done == list(range(50))


async def test_what_takes_too_long_is_given_up_and_the_next_is_done(tasks: TaskOwner) -> None:
    done: list[str] = []
    never = asyncio.Event()

    async def perform(item: str) -> None:
        if item == "stuck":
            await never.wait()
        done.append(item)

    lane = Lane[str]("test", perform, bound=10, timeout_ms=20)
    tasks.start(lane.run(), "lane")
    lane.put("stuck")
    lane.put("next")
    await until(lambda: done == ["next"])


async def test_failures_are_tried_again_as_often_as_said(tasks: TaskOwner) -> None:
    tries: list[str] = []

    async def perform(item: str) -> None:
        tries.append(item)
        if item == "never" or tries.count(item) < 2:
            raise ValueError("not now")

    lane = Lane[str]("test", perform, bound=10, timeout_ms=1_000, attempts=2)
    tasks.start(lane.run(), "lane")
    lane.put("never")
    lane.put("second time")
    assert await lane.drained(5_000)
    assert tries == ["never", "never", "second time", "second time"]


async def test_an_outage_is_waited_out_longer_than_a_fault(tasks: TaskOwner) -> None:
    tries: list[str] = []

    async def perform(item: str) -> None:
        tries.append(item)
        if item == "fault":
            raise ValueError("will not get better")
        if len(tries) < 5:
            raise ConnectionRefusedError("will get better")

    lane = Lane[str]("test", perform, bound=10, timeout_ms=1_000, attempts=1, attempts_away=10)
    tasks.start(lane.run(), "lane")
    lane.put("fault")
    lane.put("outage")
    assert await lane.drained(20_000)
    assert tries == ["fault"] + 4 * ["outage"]


async def test_when_full_the_oldest_is_dropped(tasks: TaskOwner) -> None:
    done: list[int] = []

    async def perform(number: int) -> None:
        done.append(number)

    lane = Lane[int]("test", perform, bound=3, timeout_ms=1_000)
    for number in range(5):
        lane.put(number)
    tasks.start(lane.run(), "lane")
    assert await lane.drained(5_000)
    assert done == [2, 3, 4]


async def test_waiting_for_a_stuck_lane_ends(tasks: TaskOwner) -> None:
    never = asyncio.Event()

    async def perform(_: int) -> None:
        await never.wait()

    lane = Lane[int]("test", perform, bound=3, timeout_ms=60_000)
    tasks.start(lane.run(), "lane")
    lane.put(1)
    assert not await lane.drained(20)
