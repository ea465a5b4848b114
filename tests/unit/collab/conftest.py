"""A database of the newest schema, once as SQLite and once as PostgreSQL, and people to fill it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.config import read_settings
from collab.db.engine import Database
from tests.support.database_fixtures import database_url, postgres_databases, sqlite_databases
from tests.support.databases import QueryCount, open_database
from tests.unit.collab.people import People

__all__ = ["database_url", "postgres_databases", "sqlite_databases"]


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
