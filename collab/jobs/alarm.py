"""Docket as the alarm clock (jobs.Alarm): jobs in streams and sorted sets of Redis, workers that retry with back-off.

One task of docket's carries all of ours, `{name, ids}`, so that an older worker that meets a newer job only logs it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import structlog
from docket import Docket, ExponentialRetry, Worker
from docket._redis import RedisClient
from docket.worker import _stream_due_tasks  # its script; the version of docket is locked

from .jobs import AlarmUnavailable, Id, Job

NAME: Final = "tongxin-jobs"
TASK: Final = "run"
PUT_MAX_S: Final = 3
CONCURRENCY: Final = 16
TRIES: Final = 4  # of a handler that fails; then the feature's sweep comes to it
FIRST_RETRY: Final = timedelta(seconds=2)
LAST_RETRY: Final = timedelta(seconds=60)
LOOK_EVERY_S: Final = 5.0  # for what another process has put for sooner than that; what is due now wakes at once
RETRY_IS_PUT_S: Final = 0.5
LOOK_AGAIN_S: Final = 0.05  # at least between two looks
LISTEN_FOR: Final = timedelta(seconds=4)  # at a time; also how long it waits when all its hands are full
BEAT_EVERY: Final = timedelta(seconds=60)  # tells who works; nothing of ours asks that
ONE_DEAD_AFTER: Final = timedelta(seconds=360)  # longer than any handler may take
RECONNECT: Final = timedelta(seconds=1)
DONE_KEPT: Final = timedelta(0)

log = structlog.get_logger("jobs")

Run = Callable[[str, dict[str, Id]], Awaitable[None]]


_run: ContextVar[Run] = ContextVar("run")


async def _task(
    name: str,
    ids: dict[str, Id],
    _retry: ExponentialRetry = ExponentialRetry(TRIES, FIRST_RETRY, LAST_RETRY),  # noqa: B008 -- as docket asks
) -> None:
    """Knows nothing of who works, because docket never forgets a function that it has seen."""
    await _run.get()(name, ids)


class DocketAlarm:
    """`open` before use; `close` at the end."""

    def __init__(self, url: str, name: str = NAME, concurrency: int = CONCURRENCY) -> None:
        self._docket = Docket(name=name, url=url, execution_ttl=DONE_KEPT, heartbeat_interval=BEAT_EVERY)
        self._concurrency = concurrency
        self._sooner = asyncio.Event()
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        self._docket.register(_task, [TASK])
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
                    self._sooner.set()
                else:
                    await self._docket.add(TASK, key=key)(job.name, job.ids)
        except Exception as error:  # whatever the client raises: the job was not taken
            raise AlarmUnavailable(f"{type(error).__name__}: {error}") from error

    async def work(self, run: Run) -> None:
        async def run_or_again(name: str, ids: dict[str, Id]) -> None:
            try:
                await run(name, ids)
            except Exception:
                # Docket puts the next try, which is due later, when this has ended.
                asyncio.get_running_loop().call_later(RETRY_IS_PUT_S, self._sooner.set)
                raise

        _run.set(run_or_again)  # for what the worker starts from here
        worker = _QuietWorker(self._docket, self._sooner, concurrency=self._concurrency)
        async with worker:
            await worker.run_forever()


class _QuietWorker(Worker):
    """Docket's asks ten times a second whether somebody has cancelled a job, and every so often whether one is due: in

    an idle server more work than all the rest.  Nobody cancels ours (they are moved, or find their rows changed), and
    when the next one is due is known.  `sooner` is set when this process puts one that is due later.
    """

    def __init__(self, docket: Docket, sooner: asyncio.Event, *, concurrency: int) -> None:
        super().__init__(
            docket,
            concurrency=concurrency,
            redelivery_timeout=ONE_DEAD_AFTER,
            reconnection_delay=RECONNECT,
            minimum_check_interval=LISTEN_FOR,
            schedule_automatic_tasks=False,
        )
        self._sooner = sooner

    async def _cancellation_listener(self) -> None:
        if (session := self._processing_session) is not None:
            session.cancellation_ready.set()  # the worker begins when it is told that this listens

    async def _scheduler_loop(self, redis: object) -> None:
        session = self._processing_session
        if session is None:
            return
        stopping = asyncio.create_task(session.stopping.wait())
        try:
            while not stopping.done():
                self._sooner.clear()
                try:
                    wait_s = await self._bring_what_is_due(cast(RedisClient, redis))
                except Exception as error:  # noqa: BLE001 -- whatever the client raises; the loop that reads connects anew
                    log.warning("jobs_due_unknown", cause=repr(error))
                    wait_s = RECONNECT.total_seconds()
                sooner = asyncio.create_task(self._sooner.wait())
                await asyncio.wait((stopping, sooner), timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                sooner.cancel()
        finally:
            stopping.cancel()

    async def _bring_what_is_due(self, redis: RedisClient) -> float:
        """For how many seconds there is nothing more to do, as far as is known here."""
        await _stream_due_tasks(
            redis,
            queue_key=self.docket.queue_key,
            stream_key=self.docket.stream_key,
            now_timestamp=time.time(),
            docket_prefix=self.docket.prefix,
        )
        first = await redis.zrange(self.docket.queue_key, 0, 0, withscores=True)
        if not first:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(LOOK_AGAIN_S, float(first[0][1]) - time.time()))
