"""Fixtures for every kind of test: real Redis, real PostgreSQL, and a loop that must not be blocked."""

from __future__ import annotations

import gc
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from blockbuster import BlockBuster, blockbuster_ctx

from tests.support.databases import compiled_once
from tests.support.postgres import PostgresCluster
from tests.support.redis_servers import RedisKind, RedisServer
from tests.support.server import Tongxin


def pytest_collection_finish() -> None:
    """All modules are there now, and stay: the collector need not look through them after every few tests."""
    gc.freeze()


@pytest.fixture(autouse=True)
def never_block_the_loop() -> Iterator[BlockBuster]:
    """A call of our code that blocks the event loop fails the test."""
    with blockbuster_ctx(["collab", "rooms", "signaling"]) as blockbuster:
        for function in blockbuster.functions.values():
            # Connections that docket makes: the driver reads its own version from disk once for each.
            function.can_block_in("redis/utils.py", "get_lib_version")
        yield blockbuster


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Our logs go to the standard logging module, where pytest captures them; tracebacks are text and read no files."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(autouse=True, scope="session")
def statements_compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for unix sockets, readable by the user that runs PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="tx-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def valkey(short_folder: Path) -> Iterator[RedisServer]:
    """One Valkey for the whole run; a test that stops it must start it again."""
    server = RedisServer(short_folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def debian_redis(short_folder: Path) -> Iterator[RedisServer]:
    """Debian's Redis 7, the second backend."""
    server = RedisServer(short_folder, RedisKind.REDIS)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(short_folder: Path) -> Iterator[PostgresCluster]:
    cluster = PostgresCluster(short_folder)
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres: PostgresCluster) -> Iterator[str]:
    """DATABASE_URL of an empty database of the test's own."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    """A whole server on free ports of 127.0.0.1, with SQLite and its own private Redis."""
    with Tongxin(tmp_path / "server") as running:
        yield running
