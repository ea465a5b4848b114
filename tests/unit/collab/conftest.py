"""A database of the newest schema, once as SQLite and once as PostgreSQL, and people to fill it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from collab.config import read_settings
from collab.db.engine import Database
from tests.support.databases import PostgresDatabases, QueryCount, SqliteDatabases, open_database
from tests.support.postgres import PostgresCluster
from tests.unit.collab.people import People


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(postgres: PostgresCluster) -> PostgresDatabases:
    return PostgresDatabases(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """DATABASE_URL of a new database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_databases").url()
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    name = databases.create()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    settings = read_settings({"DATABASE_URL": database_url, "TONGXIN_DATA_DIR": str(tmp_path)})
    opened = await open_database(settings.effective_database_url)
    yield opened
    await opened.close()


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


@pytest.fixture
def queries(database: Database) -> QueryCount:
    return QueryCount(database)
