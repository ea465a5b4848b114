"""Databases of the newest schema for tests: migrations run once for each kind, every test gets a copy."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from collab.db.engine import Database
from collab.db.migrate import upgrade
from tests.support.postgres import PostgresCluster

USES_MAX = 50  # of one database: rows that were deleted still take room, since no vacuum runs
OTHERS_END = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")

STATEMENTS_MAX = 5_000  # kept for each driver, ten times what an engine keeps: all tests of a process share it


@contextmanager
def compiled_once() -> Iterator[None]:
    """Engines of one driver share what they have compiled, as all sessions of a server do.

    A test has an engine of its own, and would compile each statement anew: a fifth of what a short one costs.  The
    cache is keyed by the dialect, so those of one class count as one: they differ in nothing here.
    """
    caches: dict[type, LRUCache[Any, Any]] = {}
    made = Engine.__init__

    def shares(engine: Engine, *arguments: Any, **options: Any) -> None:
        made(engine, *arguments, **options)
        driver = type(engine.dialect)
        engine._compiled_cache = caches.setdefault(driver, LRUCache(STATEMENTS_MAX))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", shares)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))
        yield


class SqliteDatabases:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._numbers = itertools.count(1)
        migrate(f"sqlite+aiosqlite:///{self._template}")

    def url(self) -> str:
        """DATABASE_URL of a new database."""
        path = self._folder / f"{next(self._numbers)}.db"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"


class PostgresDatabases:
    """Copies of one migrated template.  What a test is done with is emptied for the next: a copy takes 0.3 s of CPU."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self._cluster = cluster
        self._template = cluster.create_database()
        migrate(_with_driver(cluster.url(self._template)))
        self._free: list[str] = []
        self._uses: Counter[str] = Counter()

    def create(self) -> str:
        """Its name."""
        name = self._free.pop() if self._free else self._cluster.create_database(self._template)
        self._uses[name] += 1
        return name

    def url(self, name: str) -> str:
        return self._cluster.url(name)

    def drop(self, name: str) -> None:
        if self._uses[name] < USES_MAX:
            asyncio.run(_empty(_with_driver(self._cluster.url(name))))
            self._free.append(name)
        else:
            self._cluster.drop_database(name)


async def open_database(url: str) -> Database:
    """Of an SQLAlchemy URL; the engine asks for the working folder, which blocks."""
    return await asyncio.to_thread(Database, url)


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")


async def _empty(url: str) -> None:
    """As the migrations leave it (they put in no rows), and nobody else connected."""
    database = await open_database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.execute(OTHERS_END)
            tables = await connection.scalars(TABLES)
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            wipe = "".join(f"DELETE FROM {name};" for name in tables)  # noqa: S608 -- names of ours
            await driver.execute(f"SET LOCAL session_replication_role = replica; {wipe}")  # no triggers, any order
    finally:
        await database.close()


def migrate(url: str) -> None:
    async def run() -> None:
        database = await open_database(url)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run())


class QueryCount:
    """How many statements went to the database since `reset`."""

    def __init__(self, database: Database) -> None:
        self.statements: list[str] = []
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._note)

    def reset(self) -> None:
        self.statements.clear()

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split(maxsplit=1)[0] != "BEGIN":
            self.statements.append(statement)
