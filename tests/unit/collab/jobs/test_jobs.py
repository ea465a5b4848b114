"""Jobs over docket on a real Valkey: moved, tried again, handed to another process, and done without Redis."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from docket import Worker
from redis.asyncio import Redis

from collab.jobs.alarm import LOOK_EVERY_S, DocketAlarm
from collab.jobs.jobs import QUEUE_MAX, Job, Jobs, for_each
from tests.support.redis_servers import RedisServer
from tests.support.waiting import until


@asynccontextmanager
async def jobs_at(url: str, name: str) -> AsyncIterator[Jobs]:
    alarm = DocketAlarm(url, name)
    await alarm.open()
    try:
        yield Jobs(alarm)
    finally:
        await alarm.close()


@pytest.fixture
def name(tmp_path: Path) -> str:
    """Of a queue of the test's own."""
    return f"jobs-{tmp_path.name}"


async def test_a_job_runs_with_its_ids(valkey: RedisServer, name: str) -> None:
    done: list[tuple[str, int]] = []

    async def remind(event: str, number: int) -> None:
        done.append((event, number))

    async with jobs_at(valkey.url, name) as jobs:
        jobs.register("remind", remind)
        async with jobs.running(works=True):
            jobs.soon("remind", "a", event="weekly", number=3)
            await until(lambda: done)
    assert done == [("weekly", 3)]


async def test_who_has_worked_and_closed_is_forgotten(valkey: RedisServer, name: str) -> None:
    """Docket remembers every function that it was given; with it would stay all that the function knows."""
    done: list[int] = []

    class Feature:
        async def count(self, number: int) -> None:
            done.append(number)

    async with jobs_at(valkey.url, name) as jobs:
        feature = Feature()
        jobs.register("count", feature.count)
        async with jobs.running(works=True):
            jobs.soon("count", "a", number=1)
            await until(lambda: done)
    gone = weakref.ref(feature)
    del jobs, feature
    gc.collect()
    assert gone() is None


async def test_a_worker_listens_for_no_cancellations(valkey: RedisServer, name: str) -> None:
    """It would look ten times a second for what nobody does; docket's own name for it is overridden."""
    assert hasattr(Worker, "_cancellation_listener")
    done: list[int] = []

    async def count(number: int) -> None:
        done.append(number)

    async with Redis.from_url(valkey.url) as redis, jobs_at(valkey.url, name) as jobs:
        before = await redis.pubsub_numpat()
        jobs.register("count", count)
        async with jobs.running(works=True):
            jobs.soon("count", "a", number=1)
            await until(lambda: done)
            assert await redis.pubsub_numpat() == before


async def test_a_later_time_takes_the_place_of_an_earlier_one(valkey: RedisServer, name: str) -> None:
    done: list[int] = []

    async def ring(number: int) -> None:
        done.append(number)

    async with jobs_at(valkey.url, name) as jobs:
        jobs.register("ring", ring)
        async with jobs.running(works=True):
            at_ms = time.time_ns() // 1_000_000
            jobs.at("ring", "one", at_ms + 86_400_000, number=1)
            jobs.at("ring", "one", at_ms + 300, number=2)
            await until(lambda: done)
    assert done == [2]


async def test_what_is_due_before_the_next_look_is_not_late(valkey: RedisServer, name: str) -> None:
    # given a worker that has just looked, and knows of a job that is far away
    rang: list[float] = []

    async def ring() -> None:
        rang.append(time.monotonic())

    async with jobs_at(valkey.url, name) as jobs:
        jobs.register("ring", ring)
        async with jobs.running(works=True):
            at_ms = time.time_ns() // 1_000_000
            jobs.at("ring", "far", at_ms + 86_400_000)
            jobs.at("ring", "first", at_ms + 100)
            await until(lambda: rang)
            # when one is put that is due soon
            put = time.monotonic()
            jobs.at("ring", "soon", time.time_ns() // 1_000_000 + 300)
            await until(lambda: len(rang) == 2)
    # then it did not wait for the next look
    assert 0.3 <= rang[1] - put + 0.01 < 0.3 + LOOK_EVERY_S / 2


async def test_one_that_only_hands_on_leaves_the_work_to_another(valkey: RedisServer, name: str) -> None:
    done: list[str] = []

    async with jobs_at(valkey.url, name) as server, jobs_at(valkey.url, name) as worker:
        for jobs, label in ((server, "server"), (worker, "worker")):

            async def handle(label: str = label) -> None:
                done.append(label)

            jobs.register("work", handle)
        async with server.running(works=False), worker.running(works=True):
            server.soon("work", "k")
            await until(lambda: done)
    assert done == ["worker"]


async def test_a_handler_that_fails_is_tried_again(valkey: RedisServer, name: str) -> None:
    tries: list[int] = []

    async def fails_once() -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise ValueError("the first time")

    async with jobs_at(valkey.url, name) as jobs:
        jobs.register("fails", fails_once)
        async with jobs.running(works=True):
            jobs.soon("fails", "k")
            await until(lambda: len(tries) == 2)


async def test_without_redis_the_process_does_it_itself_and_sweeps_go_on(short_folder: Path, name: str) -> None:
    folder = short_folder / name
    folder.mkdir()
    redis = RedisServer(folder)
    done: list[str] = []
    sweeps: list[int] = []

    async def handle(which: str) -> None:
        done.append(which)

    async def sweep() -> None:
        sweeps.append(len(sweeps))

    try:
        async with jobs_at(redis.url, name) as jobs:
            jobs.register("work", handle)
            jobs.every("sweep", 0.01, sweep)
            async with jobs.running(works=True):
                jobs.soon("work", "before", which="before")
                await until(lambda: done == ["before"])
                redis.stop()
                jobs.soon("work", "during", which="during")
                await until(lambda: "during" in done)
                seen = len(sweeps)
                await until(lambda: len(sweeps) > seen)
                redis.start()
                jobs.soon("work", "after", which="after")
                await until(lambda: "after" in done)
    finally:
        redis.stop()
    assert sorted(done) == ["after", "before", "during"]


async def test_a_failing_sweep_does_not_end_the_sweeps() -> None:
    rounds: list[int] = []

    async def fails() -> None:
        rounds.append(1)
        raise ValueError("no")

    jobs = Jobs(NoAlarm())
    jobs.every("fails", 0.001, fails)
    async with jobs.running(works=True):
        await until(lambda: len(rounds) > 2)


async def test_one_thing_that_fails_holds_up_no_other() -> None:
    done: list[str] = []

    async def work(one: str) -> None:
        if one == "broken":
            raise ValueError(one)
        done.append(one)

    await for_each(["first", "broken", "last"], work)
    assert done == ["first", "last"]


def test_more_than_the_queue_holds_is_dropped_not_raised() -> None:
    async def handle() -> None: ...

    jobs = Jobs(NoAlarm())
    jobs.register("work", handle)
    for number in range(QUEUE_MAX + 5):
        jobs.soon("work", str(number))


def test_a_job_without_a_handler_is_a_mistake_of_the_code() -> None:
    with pytest.raises(LookupError):
        Jobs(NoAlarm()).soon("nobody", "k")


class NoAlarm:
    async def put(self, job: Job) -> None:
        raise AssertionError(job)

    async def work(self, run: object) -> None:
        await asyncio.Event().wait()
