"""The connection to Redis (7 or later) or Valkey: every wait has a bound and there is one exception for "not now"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from rooms.ports import StoreUnavailable

CONNECTIONS_MAX = 32
CONNECT_TIMEOUT_MS = 2_000
ANSWER_TIMEOUT_MS = 2_000
POOL_WAIT_MS = 2_000  # for a free connection; then StoreUnavailable
DRIVER = DriverInfo()  # made once: it reads the version of redis-py from disk, which must not happen on the loop

Arguments = Sequence[str | bytes | int]


class Script:
    """One file of scripts/*.lua; sent whole only to a server that does not know it yet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = (files(__package__) / "scripts" / f"{name}.lua").read_text(encoding="utf-8")


class RedisStore:
    """Commands and scripts over a bounded pool.  All raise StoreUnavailable when Redis cannot answer in time."""

    def __init__(self, url: str, tries: int = 2) -> None:
        """`url`: redis://, rediss:// or unix:// as redis-py reads it.

        `tries`: the second one goes over a fresh connection, as the server may have been restarted since the last use.
        """
        self.url = url
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=POOL_WAIT_MS / 1_000,
            socket_connect_timeout=CONNECT_TIMEOUT_MS / 1_000,
            socket_timeout=ANSWER_TIMEOUT_MS / 1_000,
            driver_info=DRIVER,
            retry=Retry(NoBackoff(), tries - 1),
            retry_on_error=[RedisConnectionError],
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._known: dict[str, str] = {}

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """The client, with its errors turned into StoreUnavailable."""
        try:
            yield self._redis
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[Pipeline]:
        """Commands that go out together; `execute` is the caller's.  Not a transaction."""
        async with self.client() as redis, redis.pipeline(transaction=False) as pipeline:
            yield pipeline

    async def ping(self) -> None:
        async with self.client() as redis:
            await redis.ping()

    async def get(self, key: str) -> bytes | None:
        async with self.client() as redis:
            value = await redis.get(key)
        return value if isinstance(value, bytes) else None

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The strings under these keys in one round trip."""
        if not keys:
            return []
        async with self.client() as redis:
            values = await redis.mget(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    async def members_from(self, key: str, score: int) -> list[str]:
        """Of a sorted set, those with this score or a higher one."""
        async with self.client() as redis:
            members = await redis.zrangebyscore(key, score, "+inf")
        return [member.decode() for member in members if isinstance(member, bytes)]

    async def run(self, script: Script, keys: Sequence[str], arguments: Arguments) -> object:
        (answer,) = await self.run_many(script, [(keys, arguments)])
        return answer

    async def run_many(self, script: Script, calls: Sequence[tuple[Sequence[str], Arguments]]) -> list[object]:
        """The same script several times in one round trip; answers in the order of the calls."""
        async with self.client() as redis:
            if script.name not in self._known:
                self._known[script.name] = await redis.script_load(script.source)
            try:
                return await self._evaluate(redis, script, calls)
            except NoScriptError:  # the server was restarted or its script cache flushed
                self._known[script.name] = await redis.script_load(script.source)
                return await self._evaluate(redis, script, calls)

    async def _evaluate(
        self, redis: Redis, script: Script, calls: Sequence[tuple[Sequence[str], Arguments]]
    ) -> list[object]:
        async with redis.pipeline(transaction=False) as pipeline:
            for keys, arguments in calls:
                pipeline.evalsha(self._known[script.name], len(keys), *keys, *arguments)
            return list(await pipeline.execute())
