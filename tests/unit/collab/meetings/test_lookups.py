from __future__ import annotations

import asyncio

import pytest

from collab.meetings.lookups import SharedLookup


class Table:
    """Reads wait at a gate; `rows` is what a read finds when it begins."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {"a": 1, "b": 2}
        self.reads: list[str] = []
        self.gate = asyncio.Semaphore(0)
        self.begun = asyncio.Event()
        self.lookup = SharedLookup(self.read)

    async def read(self, key: str) -> int:
        self.reads.append(key)
        found = self.rows[key]
        self.begun.set()
        await self.gate.acquire()
        return found


async def test_all_who_ask_while_a_read_is_under_way_share_the_next_one() -> None:
    table = Table()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(table.lookup.get("a"))
        await table.begun.wait()
        table.rows["a"] = 7  # committed before the others ask: none of them may get the old row
        others = [tasks.create_task(table.lookup.get("a")) for _ in range(50)]
        other_key = tasks.create_task(table.lookup.get("b"))
        for _ in range(3):
            table.gate.release()
    assert (first.result(), {one.result() for one in others}, other_key.result()) == (1, {7}, 2)
    assert sorted(table.reads) == ["a", "a", "b"]


async def test_what_a_read_raises_is_raised_to_all_and_the_next_question_is_asked_anew() -> None:
    table = Table()
    table.rows.clear()
    found = await asyncio.gather(*(table.lookup.get("a") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [KeyError] * 3
    table.rows["a"] = 3
    table.gate.release()
    assert await table.lookup.get("a") == 3


@pytest.mark.parametrize("begun", [False, True])
async def test_somebody_else_reads_when_the_one_who_was_to_is_cancelled(begun: bool) -> None:
    table = Table()
    async with asyncio.TaskGroup() as tasks:
        under_way = tasks.create_task(table.lookup.get("a"))
        await table.begun.wait()
        reader = tasks.create_task(table.lookup.get("a"))
        await asyncio.sleep(0)
        follower = tasks.create_task(table.lookup.get("a"))
        await asyncio.sleep(0)
        if begun:
            table.begun.clear()
            table.gate.release()
            await table.begun.wait()
        reader.cancel()
        for _ in range(2):
            table.gate.release()
    assert reader.cancelled()
    assert (under_way.result(), follower.result()) == (1, 1)
