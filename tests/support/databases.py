"""Databases of the newest schema for tests: migrations run once for each kind, every test gets a copy."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from pathlib import Path

from sqlalchemy import event

from collab.db.engine import Database
from collab.db.migrate import upgrade
from tests.support.postgres import PostgresCluster


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
    """Copies of one migrated template."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self._cluster = cluster
        self._template = cluster.create_database()
        migrate(cluster.url(self._template).replace("postgresql://", "postgresql+asyncpg://"))

    def create(self) -> str:
        """Its name."""
        return self._cluster.create_database(self._template)

    def url(self, name: str) -> str:
        return self._cluster.url(name)

    def drop(self, name: str) -> None:
        self._cluster.drop_database(name)


async def open_database(url: str) -> Database:
    """Of an SQLAlchemy URL; the engine asks for the working folder, which blocks."""
    return await asyncio.to_thread(Database, url)


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
