"""What is to be done later or elsewhere: a name, a key and ids, given to whichever process works.

SQL is the truth.  What must happen is a row that its feature wrote in its own transaction; a job is only the alarm
clock that brings somebody to it at once.  Handlers are therefore idempotent (they claim their rows), jobs may be lost
with Redis, and every feature has a sweep (`every`) that finds what was forgotten.

The alarm clock is docket on Redis (alarm.py).  `soon` and `at` never wait and never fail: they go through a bounded
queue; what docket does not take is done by this process itself if it works, and else found by the next sweep.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog
from msgspec import Struct

from rooms.tasks import TaskOwner

QUEUE_MAX: Final = 2_000  # one more is dropped: a sweep finds what it was about
HANDLER_MAX_S: Final = 300
STOP_MAX_S: Final = 5

Id = str | int
Handler = Callable[..., Awaitable[None]]
Sweep = Callable[[], Awaitable[None]]

log = structlog.get_logger("jobs")


class Job(Struct, frozen=True):
    """`when_ms` 0: at once.  A later time for the same key takes the place of an earlier one."""

    name: str
    key: str
    when_ms: int
    ids: dict[str, Id]


async def for_each(found: Iterable[str], work: Callable[[str], Awaitable[None]]) -> None:
    """What a sweep has found, one after the other: one that fails is logged, and found again by the next sweep."""
    for one in found:
        try:
            await work(one)
        except Exception:
            log.exception("swept_work_failed", work=work.__qualname__, of=one)


class AlarmUnavailable(Exception):
    """Redis did not take the job."""


class Alarm(Protocol):
    """alarm.py; raises AlarmUnavailable."""

    async def put(self, job: Job) -> None: ...

    async def work(self, run: Callable[[str, dict[str, Id]], Awaitable[None]]) -> None:
        """Run what is due until cancelled; goes on by itself when Redis comes back."""


class Jobs:
    """`register` and `every` before `running`."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._handlers: dict[str, Handler] = {}
        self._sweeps: list[tuple[str, float, Sweep]] = []
        self._queue: asyncio.Queue[Job] = asyncio.Queue(QUEUE_MAX)
        self._tasks = TaskOwner()
        self._works = False

    def register(self, name: str, handler: Handler) -> None:
        """`handler(**ids)` must bear being called twice, and with ids of what is gone."""
        if name in self._handlers:
            raise ValueError(f"two handlers for {name}")
        self._handlers[name] = handler

    def every(self, name: str, seconds: float, sweep: Sweep) -> None:
        """In every process that works, so the sweep claims its rows.  The first one runs at the start."""
        self._sweeps.append((name, seconds, sweep))

    def soon(self, name: str, key: str, **ids: Id) -> None:
        """While a job of this name waits under this key, there is no second one."""
        self._put(Job(name, key, 0, ids))

    def at(self, name: str, key: str, when_ms: int, **ids: Id) -> None:
        """By the clock of the wall.  Again with the same key: moved."""
        self._put(Job(name, key, when_ms, ids))

    def _put(self, job: Job) -> None:
        if job.name not in self._handlers:
            raise LookupError(f"no handler for {job.name}")
        try:
            self._queue.put_nowait(job)
        except asyncio.QueueFull:
            log.warning("job_dropped", job=job.name, key=job.key)

    @asynccontextmanager
    async def running(self, *, works: bool) -> AsyncIterator[None]:
        """`works`: do jobs and sweeps here; otherwise only hand them on."""
        self._works = works
        self._tasks.start(self._hand_on(), "jobs")
        if works:
            self._tasks.start(self._alarm.work(self.run), "job worker")
            for name, seconds, sweep in self._sweeps:
                self._tasks.start(self._sweep(name, seconds, sweep), f"sweep {name}")
        try:
            yield
        finally:
            await self._tasks.close()

    async def run(self, name: str, ids: dict[str, Id]) -> None:
        """Raises what the handler raises."""
        handler = self._handlers.get(name)
        if handler is None:  # of another release
            log.warning("job_unknown", job=name)
            return
        async with asyncio.timeout(HANDLER_MAX_S):
            await handler(**ids)

    async def _hand_on(self) -> None:
        away = False
        while True:
            job = await self._queue.get()
            try:
                await self._alarm.put(job)
                away = False
            except AlarmUnavailable as error:
                if not away:
                    log.warning("jobs_away", cause=repr(error))
                away = True
                if self._works and not job.when_ms:
                    await self._run_here(job)

    async def _run_here(self, job: Job) -> None:
        try:
            await self.run(job.name, job.ids)
        except Exception:
            log.exception("job_failed", job=job.name, key=job.key)

    @staticmethod
    async def _sweep(name: str, seconds: float, sweep: Sweep) -> None:
        while True:
            try:
                async with asyncio.timeout(HANDLER_MAX_S):
                    await sweep()
            except Exception:
                log.exception("sweep_failed", sweep=name)
            await asyncio.sleep(seconds)
