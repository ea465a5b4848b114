"""The database as the repositories see it: `read()` and `write()` give a session in one transaction.

SQLite runs in WAL mode: readers never wait, and a writing transaction begins with BEGIN IMMEDIATE, because one that
starts as a reader and then writes fails at once when another has written (SQLITE_BUSY_SNAPSHOT), whatever the busy
timeout.  It has one writer at a time, and who waits for it asks again now and then: among many that is a lottery, in
which somebody loses for seconds.  So the writers of this process stand in line before they ask.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

import aiosqlite
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

from collab.problems import StartFailure

BUSY_TIMEOUT_MS = 5_000
WAL_ATTEMPTS = 20
LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 15_000
CONNECT_TIMEOUT_S = 5
POOL_SIZE = 8
POOL_OVERFLOW = 8
POOL_WAIT_S = 5
LAST_WORDS_S = 5.0  # of work and of threads of the driver, when the database is closed
RETURN_POLL_S = 0.01
TURN_WAIT_S = 5  # of a writer, behind the others of this process (SQLite)

# PostgreSQL, appendix A: connection exceptions, insufficient resources, operator intervention (shutdown, statement
# timeout), a lock that was not to be had in time.
AWAY_STATES = ("08", "53", "57", "55P03")

_WRITES = "tongxin_writes"


class Database:
    """Owns the engine; made once by app.py."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sqlite: weakref.WeakSet[aiosqlite.Connection] = weakref.WeakSet()
        self._threads: weakref.WeakSet[Thread] = weakref.WeakSet()
        self.engine = make_engine(url, self._opened)
        self._one_writer = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads; it is rolled back at the end."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends well.  TimeoutError when others write for too long."""
        async with self._turn(), AsyncSession(self.engine, expire_on_commit=False) as session:
            await session.connection(execution_options={_WRITES: True})
            yield session
            await _to_its_end(session.commit())

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._one_writer is None:
            yield
            return
        async with asyncio.timeout(TURN_WAIT_S):
            await self._one_writer.acquire()
        try:
            yield
        finally:
            self._one_writer.release()

    async def ping(self) -> None:
        """Raises what the driver raises when the database is away."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Once what is under way is done, LAST_WORDS_S at most: a connection that comes back to a pool that is disposed
        of stays open.  Also ends what cancelled work has left of SQLite's driver: connections that the pool never got,
        and threads that end later than who began them, and would speak to a loop that is closed.
        """
        until = time.monotonic() + LAST_WORDS_S
        while _in_use(self.engine) and time.monotonic() < until:  # noqa: ASYNC110 -- the pool tells nobody
            await asyncio.sleep(RETURN_POLL_S)
        await self.engine.dispose()
        for connection in list(self._sqlite):
            connection.stop()
        await asyncio.to_thread(_join, list(self._threads))

    def _opened(self, connection: aiosqlite.Connection) -> None:
        self._sqlite.add(connection)
        self._threads.add(connection._thread)  # noqa: SLF001 -- there is no other way to wait for it


def _in_use(engine: AsyncEngine) -> int:
    return engine.pool.checkedout() if isinstance(engine.pool, QueuePool) else 0


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Whoever is cancelled meanwhile is so afterwards: a commit that was begun is done, and its connection is whole."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    finally:
        await asyncio.wait([task])


def _join(threads: list[Thread]) -> None:
    until = time.monotonic() + LAST_WORDS_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def make_engine(url: str, opened: Callable[[aiosqlite.Connection], None] = lambda _connection: None) -> AsyncEngine:
    """`opened` is told of every connection of SQLite's driver."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StartFailure(
            "DATABASE_URL cannot be read: use postgresql://user:password@host/name or sqlite:///path."
        ) from None
    if parsed.get_backend_name() == "sqlite":

        def connect(path: str, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 -- sqlite3's own
            connection = aiosqlite.connect(path, **options)
            # As SQLAlchemy makes it: one that is stuck keeps no process alive.
            connection._thread.daemon = True  # noqa: SLF001
            opened(connection)
            return connection

        engine = create_async_engine(
            parsed,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_S,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "async_creator_fn": connect},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "password": parsed.password or "",  # given, so that none is looked for in ~/.pgpass at every connect
            "server_settings": {
                "application_name": "tongxin",
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(STATEMENT_TIMEOUT_MS),
                "timezone": "UTC",
            },
        },
    )


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", "foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    _switch_to_wal(cursor)
    cursor.close()


def _switch_to_wal(cursor: DBAPICursor) -> None:
    """A change of journal mode does not wait for the busy timeout, so processes that open a new file together collide.

    Whoever is refused waits for the writer (BEGIN IMMEDIATE does wait) and asks again.
    """
    for _ in range(WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_away(error: BaseException) -> bool:
    """Whether the database cannot be reached now, as opposed to a fault of ours."""
    if isinstance(error, OperationalError | PoolTimeout | TimeoutError | OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(AWAY_STATES)
