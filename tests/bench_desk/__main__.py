"""How long the desk's pages take with a park's years in the database.

    python -m tests.bench_desk [--database URL] [--requests 200000] [--rounds 40]

Seeds an empty database (SQLite in build/bench_desk unless told otherwise), starts a whole server on it, signs in as an
officer, an administrator and a company's person, and asks each page one after the other.  The times are the server's:
what its own histogram of requests counted, and beside it what the client waited (p50, p95).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path

from sqlalchemy import select, text, update

from collab.accounts.models import AccountRow
from collab.accounts.passwords import Passwords
from collab.db.engine import Database
from collab.db.migrate import upgrade
from collab.demo.write import Size, write_park
from collab.limits import Limits
from collab.requests.models import RequestRow, RequestTypeRow
from collab.requests.type_repository import TypeRepository
from collab.requests.types import TypeService
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from tests.support.api import PASSWORD, Browser, Park, empty_redis, open_park
from tests.support.redis_servers import RedisServer

FOLDER = Path("build/bench_desk")
LIMIT_MS = 150


async def seed(database: Database, redis: RedisStore, requests: int) -> None:
    async with database.read() as session:
        there = await session.scalar(select(RequestRow.id).limit(1))
    if there is not None:
        return
    types = TypeService(TypeRepository(database), Limits(RateLimiter(redis, Keys())))
    await types.ship()
    begin = time.perf_counter()
    await write_park(database, Size(requests=requests), time.time_ns() // 1_000_000)
    if database.engine.dialect.name == "postgresql":
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    print(f"seeded {requests} requests in {time.perf_counter() - begin:.0f} s")


async def person(park: Park, role: str, in_park: bool) -> Browser:
    """Somebody of the seeded park with a password, signed in."""
    async with park.database.write() as session:
        email = await session.scalar(
            text(
                "SELECT a.email FROM accounts a JOIN memberships m ON m.account_id = a.id "
                "JOIN organizations o ON o.id = m.organization_id WHERE m.role = :role AND (o.kind = 'park') = :park "
                "ORDER BY a.id LIMIT 1"
            ),
            {"role": role, "park": in_park},
        )
        passwords = await asyncio.to_thread(Passwords, 8)
        hashed = await passwords.hash(PASSWORD)
        await session.execute(update(AccountRow).where(AccountRow.email == email).values(password_hash=hashed))
    browser = park.browser()
    answer = await browser.sign_in(str(email))
    assert answer.status == 200, answer
    return browser


async def measure(park: Park, rounds: int) -> bool:
    officer, chief = await person(park, "officer", True), await person(park, "administrator", True)
    member = await person(park, "member", False)
    boss = await person(park, "administrator", False)
    async with park.database.read() as session:
        question = await session.scalar(select(RequestTypeRow.id).where(RequestTypeRow.key == "policy_question"))
        company = await session.scalar(select(RequestRow.organization_id).order_by(RequestRow.id).limit(1))
        middle = await session.scalar(
            select(RequestRow.id)
            .where(RequestRow.confidential.is_(False))
            .order_by(RequestRow.id)
            .offset(1_000)
            .limit(1)
        )
        number = await session.scalar(select(RequestRow.number).where(RequestRow.id == middle))
    year_ms = 365 * 86_400_000
    now_ms = time.time_ns() // 1_000_000
    pages = [
        ("officer: list", officer, "/api/requests?scope=desk"),
        ("officer: list, an old page", officer, f"/api/requests?scope=desk&before={middle}"),
        ("officer: list of open", officer, "/api/requests?scope=desk&state=submitted,taken,needs_information,reopened"),
        ("officer: list of late", officer, "/api/requests?scope=desk&late=true"),
        ("officer: list by the clock", officer, "/api/requests?scope=desk&sort=due"),
        ("officer: list of one type", officer, f"/api/requests?scope=desk&type_id={question}"),
        ("officer: list of one company", officer, f"/api/requests?scope=desk&organization_id={company}"),
        ("officer: own", officer, "/api/requests?scope=owned"),
        ("officer: own, open", officer, "/api/requests?scope=owned&state=taken"),
        ("officer: search a title", officer, "/api/requests?scope=desk&search=激光切割机"),
        ("officer: search nothing", officer, "/api/requests?scope=desk&search=nothingatall"),
        ("officer: search a number", officer, f"/api/requests?scope=desk&search={number}"),
        ("officer: one request", officer, f"/api/requests/{middle}"),
        ("officer: board", officer, "/api/requests/board"),
        ("chief: board", chief, "/api/requests/board"),
        ("officer: statistics, 90 days", officer, "/api/requests/statistics"),
        ("chief: statistics, 90 days", chief, "/api/requests/statistics"),
        ("officer: statistics, a year", officer, f"/api/requests/statistics?from_ms={now_ms - year_ms}&to_ms={now_ms}"),
        ("member: own", member, "/api/requests"),
        ("member: company", member, "/api/requests?scope=company"),
        ("boss: company", boss, "/api/requests?scope=company"),
        ("member: types", member, "/api/request-types"),
    ]
    good = True
    for name, browser, path in pages:
        taken = []
        for _ in range(rounds + 2):
            begin = time.perf_counter()
            answer = await browser.get(path)
            taken.append((time.perf_counter() - begin) * 1_000)
            assert answer.status == 200, (path, answer)
        warm = sorted(taken[2:])
        p95 = warm[int(len(warm) * 0.95) - 1]
        good = good and p95 <= LIMIT_MS
        print(f"{name:32} p50 {statistics.median(warm):6.1f} ms   p95 {p95:6.1f} ms   {len(answer.body):7} bytes")
    return good


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_desk")
    parser.add_argument("--database", default="")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    folder = await asyncio.to_thread(_folder)
    url = options.database or f"sqlite:///{folder}/park-{options.requests}.db"
    redis = await asyncio.to_thread(RedisServer, folder)
    try:
        store = RedisStore(redis.url)
        database = await asyncio.to_thread(
            Database, url.replace("sqlite://", "sqlite+aiosqlite://").replace("postgresql://", "postgresql+asyncpg://")
        )
        await upgrade(database)
        await seed(database, store, options.requests)
        await database.close()
        await store.close()
        await empty_redis(redis.url)
        async with open_park(folder / "data", url, redis.url) as park:
            return 0 if await measure(park, options.rounds) else 1
    finally:
        await asyncio.to_thread(redis.stop)


def _folder() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER.resolve()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
