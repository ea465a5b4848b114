"""Transactions behave alike on both databases, and nobody waits without a bound."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database, is_away, make_engine
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.problems import StartFailure
from tests.support.databases import open_database


def organization(name: str) -> OrganizationRow:
    return OrganizationRow(id=new_id(), name=name, kind=OrganizationKind.ENTERPRISE, created_at_ms=1)


async def names(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(OrganizationRow.name).order_by(OrganizationRow.name)))


async def test_a_write_commits_and_a_failed_one_leaves_nothing(database: Database) -> None:
    async with database.write() as session:
        session.add(organization("Laser"))

    async def fail_after_a_write() -> None:
        async with database.write() as session:
            session.add(organization("Robots"))
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_a_write()
    assert await names(database) == ["Laser"]


async def test_a_read_changes_nothing(database: Database) -> None:
    async with database.read() as session:
        session.add(organization("Chips"))
        await session.flush()
    assert await names(database) == []


async def test_many_writers_at_once_all_get_through(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write() as session:
            session.add(organization(f"Company {number:02}"))

    await asyncio.gather(*(write(number) for number in range(24)))
    assert len(await names(database)) == 24


async def test_no_thread_of_sqlites_driver_outlives_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is cancelled while a connection is opened leaves a thread that ends later, and tells its loop then."""
    threads: list[threading.Thread] = []
    begun, may_open = threading.Event(), threading.Event()
    opens = sqlite3.connect

    def slow(*arguments: Any, **options: Any) -> sqlite3.Connection:
        threads.append(threading.current_thread())
        begun.set()
        may_open.wait()
        connection: sqlite3.Connection = opens(*arguments, **options)
        return connection

    monkeypatch.setattr(sqlite3, "connect", slow)
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/left.db")
    ping = asyncio.create_task(database.ping())
    await asyncio.to_thread(begun.wait)
    ping.cancel()
    await asyncio.wait([ping])

    closing = asyncio.create_task(database.close())
    done, _ = await asyncio.wait([closing], timeout=0.05)
    may_open.set()
    await closing

    assert not done
    assert [thread.is_alive() for thread in threads] == [False]


async def test_what_is_under_way_ends_before_the_database_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[sqlite3.Connection] = []
    opens = sqlite3.connect

    def kept(*arguments: Any, **options: Any) -> sqlite3.Connection:
        made.append(opens(*arguments, **{**options, "check_same_thread": False}))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", kept)
    path = f"sqlite+aiosqlite:///{tmp_path}/late.db"
    database = await open_database(path)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE late (name TEXT)"))
        closing = asyncio.create_task(database.close())
        done, _ = await asyncio.wait([closing], timeout=0.05)
        await session.execute(text("INSERT INTO late VALUES ('Li')"))
    await closing

    assert not done
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    again = await open_database(path)
    async with again.read() as session:
        assert await session.scalar(text("SELECT name FROM late")) == "Li"
    await again.close()


async def test_sqlite_serves_its_writers_in_the_order_in_which_they_came(tmp_path: object) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/line.db")
    served: list[int] = []

    async def write(number: int) -> None:
        async with database.write() as session:
            await session.execute(text("CREATE TABLE IF NOT EXISTS line (number INTEGER)"))
            served.append(number)

    await asyncio.gather(*(write(number) for number in range(24)))

    assert served == list(range(24))
    await database.close()


async def test_a_write_that_is_cancelled_leaves_a_whole_connection(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def write(number: int) -> None:
        async with database.write() as session:
            session.add(organization(f"Company {number:02}"))

    # given a write that is cancelled at each of its steps, whichever the event loop makes of them
    for steps in range(60):
        task = asyncio.create_task(write(steps))
        for _ in range(steps):
            await asyncio.wait([task], timeout=0.0001)
        task.cancel()
        await asyncio.wait([task])

    # then nothing was said of broken connections, and they can be used
    assert [record.message for record in caplog.records if record.name.startswith("sqlalchemy.pool")] == []
    await asyncio.gather(*(write(60 + number) for number in range(16)))


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(
                text("INSERT INTO memberships (account_id, organization_id, role, since_ms) VALUES ('a', 'b', 'c', 1)")
            )


async def test_the_same_row_goes_in_once(database: Database) -> None:
    async with database.write() as session:
        values = {"id": new_id(), "name": "Bank", "kind": OrganizationKind.INSTITUTION, "created_at_ms": 1}
        assert await insert_once(session, OrganizationRow, **values)
        assert not await insert_once(session, OrganizationRow, **values)
    assert await names(database) == ["Bank"]


async def test_sqlite_keeps_what_was_committed_and_lets_readers_through(tmp_path: object) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/settings.db")
    async with database.engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
    await database.close()
    assert found == ["wal", 1, 2, 5_000]


async def test_postgresql_waits_have_bounds(postgres_url: str) -> None:
    database = await open_database(postgres_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with database.engine.connect() as connection:
        found = [
            (await connection.execute(text(f"SHOW {name}"))).scalar()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        ]
    await database.close()
    assert found == ["5s", "15s", "15s"]


async def test_an_unreachable_database_counts_as_away(tmp_path: object) -> None:
    database = await open_database(f"postgresql+asyncpg://nobody@/nothing?host={tmp_path}")
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- is_away shall know whatever it is
        await database.ping()
    await database.close()
    assert is_away(caught.value)
    assert not is_away(ValueError("a fault of ours"))


def test_an_unreadable_url_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(StartFailure, match="DATABASE_URL"):
        make_engine("not a url")
