"""`tongxin worker`: does the desk's jobs and nothing else, beside servers on the same Redis and database."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable

import structlog

from rooms.core.codes import Code
from rooms.store.bus import RedisBus
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.presence import RedisPresence
from rooms.store.rate import RateLimiter
from rooms.store.sessions import SessionStore

from .accounts.connections import ConnectionsOfAllNodes
from .accounts.remembered import RememberedSessions
from .accounts.repository import AccountRepository
from .clock import now_ms
from .config import Settings
from .desk import Desk, open_jobs, open_ways
from .directory.engine import remind_by
from .files.store import Files, open_store
from .health.engine import health_of
from .imports.engine import imports_of
from .limits import Limits
from .maintenance import open_database
from .notices.live import NoSockets, PagesOfAllNodes
from .personal.engine import personal_work
from .problems import StartFailure
from .requests.engine import requests_of
from .symposiums.engine import symposiums_of

log = structlog.get_logger("worker")


class _NoConnections:
    """People are connected to servers."""

    def close_identity(self, identity_id: str, code: Code, sign_in: str = "") -> int:
        return 0


async def work(settings: Settings, tell: Callable[[], None]) -> None:
    """Until SIGTERM or SIGINT.  Raises StartFailure."""
    if not settings.redis_url:
        raise StartFailure("A worker needs the Redis of its servers: set REDIS_URL, for them and for it.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    node = f"{settings.node or 'worker'}-{secrets.token_hex(4)}"
    async with (
        open_database(settings) as database,
        open_jobs(settings.redis_url) as jobs,
        open_ways(settings) as ways,
    ):
        store, bus = RedisStore(settings.redis_url), RedisBus(node, settings.redis_url, Keys())
        try:
            presence = RedisPresence(store, Keys(), now_ms)
            pages = PagesOfAllNodes(NoSockets(), presence, bus)
            desk = Desk(settings, database, jobs, ways, pages)
            store_of_files = open_store(settings.files_url, settings.data_dir / "files", settings.files_endpoint)
            files = Files(store_of_files, database)
            limits = Limits(RateLimiter(store, Keys()))
            accounts = AccountRepository(database)
            requests = requests_of(desk, accounts, files, limits)
            health_of(desk, requests, limits)
            symposiums_of(desk, accounts, requests)
            imports_of(desk, files, limits)
            remind_by(desk)
            sessions = RememberedSessions(SessionStore(store, Keys(), now_ms), now_ms)
            personal_work(desk, files, sessions, ConnectionsOfAllNodes(_NoConnections(), sessions, presence, bus))
            await bus.start()
            async with jobs.running(works=True):
                log.info("working", node=node)
                tell()
                await stop.wait()
                log.info("stopping")
        finally:
            await bus.close()
            await store.close()
