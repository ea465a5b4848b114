"""The migrations make exactly the tables that the models describe, once, whoever runs them at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from collab.config import read_settings
from collab.db.engine import Database
from collab.db.migrate import migrate_or_fail, pending, upgrade
from collab.db.migrations import versions
from collab.db.tables import metadata
from collab.problems import StartFailure
from tests.support.databases import open_database

FILES = sorted(path.name[:4] for path in Path(versions.__file__).parent.glob("[0-9]*.py"))
REVISIONS = [f"{number:04d}" for number in range(1, len(FILES) + 1)]


def test_revisions_are_numbered_one_after_the_other() -> None:
    assert FILES == REVISIONS


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    environment = {"TONGXIN_DATA_DIR": str(tmp_path)}
    if request.param == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    database = await open_database(read_settings(environment).effective_database_url)
    yield database
    await database.close()


async def test_migrations_and_models_agree(empty_database: Database) -> None:
    await upgrade(empty_database)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with empty_database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_upgrade_has_nothing_to_do(empty_database: Database) -> None:
    assert await pending(empty_database)
    assert await upgrade(empty_database) == REVISIONS
    assert await upgrade(empty_database) == []
    assert not await pending(empty_database)


async def test_processes_that_start_together_migrate_once(empty_database: Database) -> None:
    url = empty_database.engine.url.render_as_string(hide_password=False)
    others = [await open_database(url) for _ in range(3)]
    applied = await asyncio.gather(*(upgrade(one) for one in (empty_database, *others)))
    for one in others:
        await one.close()
    assert sorted(applied) == [
        [],
        [],
        [],
        REVISIONS,
    ]


async def test_a_database_of_a_newer_release_is_refused_and_left_alone(empty_database: Database) -> None:
    await upgrade(empty_database)
    async with empty_database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartFailure, match="9999"):
        await upgrade(empty_database)
    async with empty_database.engine.connect() as connection:
        assert "accounts" in await connection.run_sync(lambda sync: inspect(sync).get_table_names())


async def test_a_database_that_is_away_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    database = await open_database(f"postgresql+asyncpg://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StartFailure, match="DATABASE_URL"):
        await migrate_or_fail(database)
    await database.close()


async def test_meetings_from_before_encryption_stay_as_they_were(empty_database: Database) -> None:
    await upgrade(empty_database)
    async with empty_database.write() as session:  # as release 1 wrote them
        await session.execute(
            text(
                "INSERT INTO meetings (id, code, title, lobby_enabled, guests_allowed, phase, created_at_ms, "
                "started_at_ms, ended_at_ms, trashed_at_ms) VALUES ('m', 'old', 'Old', false, true, 'open', 1, 0, 0, 0)"
            )
        )
    async with empty_database.read() as session:
        assert not await session.scalar(text("SELECT encrypted FROM meetings"))
