"""Stores of one test on the shared server: a prefix of its own keeps tests apart."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from tests.support.redis_servers import RedisServer


@pytest.fixture
def keys() -> Keys:
    return Keys(f"test-{secrets.token_hex(6)}:")


@pytest.fixture
async def store(valkey: RedisServer) -> AsyncIterator[RedisStore]:
    store = RedisStore(valkey.url)
    yield store
    await store.close()


@pytest.fixture
def own_redis(short_folder: Path) -> Iterator[RedisServer]:
    """A server of the test's own, to be stopped and started."""
    folder = short_folder / secrets.token_hex(4)
    folder.mkdir()
    server = RedisServer(folder)
    yield server
    server.stop()
