"""Fixtures for a conftest.py to import: a new database for each test, once as SQLite and once as PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.postgres import PostgresCluster


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
