"""Docket as the alarm clock (jobs.Alarm): jobs in streams and sorted sets of Redis, workers that retry with back-off.

One task of docket's carries all of ours, `{name, ids}`, so that an older worker that meets a newer job only logs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

from docket import Docket, ExponentialRetry, Worker

from .jobs import AlarmUnavailable, Id, Job

NAME: Final = "tongxin-jobs"
TASK: Final = "run"
PUT_MAX_S: Final = 3
TRIES: Final = 4  # of a handler that fails; then the feature's sweep comes to it
FIRST_RETRY: Final = timedelta(seconds=2)
LAST_RETRY: Final = timedelta(seconds=60)
LOOK_EVERY: Final = timedelta(seconds=2)  # for what is due later; what is due now wakes the worker at once
ONE_DEAD_AFTER: Final = timedelta(seconds=360)  # longer than any handler may take
RECONNECT: Final = timedelta(seconds=1)
DONE_KEPT: Final = timedelta(0)

Run = Callable[[str, dict[str, Id]], Awaitable[None]]


class _Worker(Worker):
    """Without docket's listener for cancelled jobs, which wakes ten times a second: none of ours is ever cancelled."""

    async def _cancellation_listener(self) -> None:
        session = self._processing_session
        if session is not None:
            session.cancellation_ready.set()
            await session.stopping.wait()


class DocketAlarm:
    """`open` before use; `close` at the end."""

    def __init__(self, url: str, name: str = NAME, concurrency: int = 8) -> None:
        self._docket = Docket(name=name, url=url, execution_ttl=DONE_KEPT)
        self._concurrency = concurrency
        self._run: Run | None = None
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        async def task(
            name: str,
            ids: dict[str, Id],
            _retry: ExponentialRetry = ExponentialRetry(TRIES, FIRST_RETRY, LAST_RETRY),  # noqa: B008 -- as docket asks
        ) -> None:
            if self._run is not None:
                await self._run(name, ids)

        self._docket.register(task, [TASK])
        await self._stack.enter_async_context(self._docket)

    async def close(self) -> None:
        await self._stack.aclose()

    async def put(self, job: Job) -> None:
        key = f"{job.name}:{job.key}"
        try:
            async with asyncio.timeout(PUT_MAX_S):
                if job.when_ms:
                    when = datetime.fromtimestamp(job.when_ms / 1_000, UTC)
                    await self._docket.replace(TASK, when, key)(job.name, job.ids)
                else:
                    await self._docket.add(TASK, key=key)(job.name, job.ids)
        except Exception as error:  # whatever the client raises: the job was not taken
            raise AlarmUnavailable(f"{type(error).__name__}: {error}") from error

    async def work(self, run: Run) -> None:
        self._run = run
        worker = _Worker(
            self._docket,
            concurrency=self._concurrency,
            redelivery_timeout=ONE_DEAD_AFTER,
            reconnection_delay=RECONNECT,
            minimum_check_interval=LOOK_EVERY,
            scheduling_resolution=LOOK_EVERY,
            schedule_automatic_tasks=False,
        )
        async with worker:
            await worker.run_forever()
