"""A server of the test's own, once on SQLite and once on PostgreSQL, on a real and empty Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.accounts import passwords
from tests.support.api import Browser, Park, empty_redis, open_park
from tests.support.database_fixtures import database_url, postgres_databases, sqlite_databases
from tests.support.redis_servers import RedisServer

__all__ = ["database_url", "postgres_databases", "sqlite_databases"]


@pytest.fixture(autouse=True)
def small_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id of 64 KiB: a fifth of what these tests cost was hashes, of which unit tests prove the real size."""
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)


@pytest.fixture
async def redis_url(valkey: RedisServer) -> str:
    url = f"{valkey.url}?db=5"
    await empty_redis(url)
    return url


@pytest.fixture
async def park(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Park]:
    async with open_park(tmp_path / "data", database_url, redis_url) as opened:
        yield opened


@pytest.fixture
async def admin(park: Park) -> Browser:
    """The first administrator of the park, signed in."""
    return await park.administrator()
