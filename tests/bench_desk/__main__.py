"""What the desk's pages cost with a park's years in the database.

    python -m tests.bench_desk [--database URL | --postgres] [--requests 200000] [--rounds 40] [--only WORD]
                               [--write FILE]

Seeds an empty database (SQLite in build/bench_desk unless told otherwise; `--postgres` starts a PostgreSQL of its
own), starts a whole server on it, signs in as people of each role, and asks what each page of the desk asks
(pages.py), one after the other.  For each: what the client waited (p50, p95), and the processor time of server,
database and client together, which another program on the machine does not change.  `--write` puts the table between
the marks in FILE.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from msgspec import Struct
from sqlalchemy import func, select, text, update

from collab.accounts.models import AccountRow
from collab.accounts.passwords import Passwords
from collab.db.engine import Database
from collab.db.migrate import upgrade
from collab.demo.write import Size, write_park
from collab.limits import Limits
from collab.requests.models import RequestRow
from collab.requests.type_repository import TypeRepository
from collab.requests.types import TypeService
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from tests.bench_desk.pages import pages_of
from tests.bench_desk.years import add_years
from tests.support.api import PASSWORD, Browser, Park, empty_redis, eventually, open_park
from tests.support.postgres import PostgresCluster
from tests.support.redis_servers import RedisServer

FOLDER = Path("build/bench_desk")
LIMIT_MS = 150
RATE_LIMITED = 429


async def seed(database: Database, redis: RedisStore, requests: int) -> None:
    async with database.read() as session:
        there = await session.scalar(select(RequestRow.id).limit(1))
    if there is None:
        await _seed_requests(database, redis, requests)
    if await add_years(database, time.time_ns() // 1_000_000) or there is None:
        await _analyze(database)


async def _seed_requests(database: Database, redis: RedisStore, requests: int) -> None:
    types = TypeService(TypeRepository(database), Limits(RateLimiter(redis, Keys())))
    await types.ship()
    begin = time.perf_counter()
    await write_park(database, Size(requests=requests), time.time_ns() // 1_000_000)
    print(f"seeded {requests} requests in {time.perf_counter() - begin:.0f} s")


async def _analyze(database: Database) -> None:
    if database.engine.dialect.name == "postgresql":
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))


PEOPLE = {
    "officer": "m.role = 'officer' AND o.kind = 'park'",
    "health": "a.id IN (SELECT g.account_id FROM desk_group_members g WHERE g.group_key = 'health')",
    "chief": "m.role = 'administrator' AND o.kind = 'park'",
    "member": "m.role = 'member' AND o.kind = 'enterprise'",
    "boss": "m.role = 'administrator' AND o.kind = 'enterprise'",
    "installer": "m.role = 'administrator' AND o.kind = 'installer'",
}


async def person(park: Park, which: str) -> Browser:
    """Somebody of the seeded park with a password, signed in."""
    async with park.database.write() as session:
        email = await session.scalar(
            text(
                "SELECT a.email FROM accounts a JOIN memberships m ON m.account_id = a.id "  # noqa: S608
                f"JOIN organizations o ON o.id = m.organization_id WHERE {which} ORDER BY a.id LIMIT 1"
            )
        )
        passwords = await asyncio.to_thread(Passwords, 8)
        hashed = await passwords.hash(PASSWORD)
        await session.execute(update(AccountRow).where(AccountRow.email == email).values(password_hash=hashed))
    browser = park.browser()
    answer = await browser.sign_in(str(email))
    assert answer.status == 200, answer
    return browser


async def settled(park: Park) -> None:
    """An old park has clocks that ran out meanwhile; what the server does about them is not what a page costs."""
    due = select(func.count()).where(RequestRow.alarm_at_ms > 0, RequestRow.alarm_at_ms <= time.time_ns() // 1_000_000)

    async def quiet() -> bool:
        async with park.database.read() as session:
            return not await session.scalar(due)

    await eventually(quiet, within_s=1_800)


async def measure(park: Park, options: argparse.Namespace, database_pid: int) -> list[Row]:
    browsers = {who: await person(park, which) for who, which in PEOPLE.items()}
    accounts = {who: browser.account_id for who, browser in browsers.items()}
    async with park.database.read() as session:
        pages = await pages_of(session, time.time_ns() // 1_000_000, accounts)
    await settled(park)
    rows = []
    for page in pages:
        if options.only not in str(page):
            continue
        taken, cpu = [], []
        for _ in range(options.rounds + 2):
            begin, used = time.perf_counter(), cpu_ms(database_pid)
            answer = await browsers[page.who].get(page.path)
            while answer.status == RATE_LIMITED:
                await asyncio.sleep(1)
                begin, used = time.perf_counter(), cpu_ms(database_pid)
                answer = await browsers[page.who].get(page.path)
            taken.append((time.perf_counter() - begin) * 1_000)
            cpu.append(cpu_ms(database_pid) - used)
            if answer.status != 200:
                print(f"{page} {page.path}: {answer}", flush=True)
                break
        else:
            row = Row(str(page), taken[2:], cpu[2:], len(answer.body))
            rows.append(row)
            print(row, flush=True)
    return rows


class Row(Struct, frozen=True):
    name: str
    taken_ms: list[float]
    cpu_ms: list[float]
    body_bytes: int

    @property
    def p95_ms(self) -> float:
        return quantile(self.taken_ms, 0.95)

    @property
    def cpu_p95_ms(self) -> float:
        return quantile(self.cpu_ms, 0.95)

    def __str__(self) -> str:
        return (
            f"| {self.name} | {statistics.median(self.taken_ms):.0f} | {self.p95_ms:.0f} "
            f"| {statistics.mean(self.cpu_ms):.0f} | {self.cpu_p95_ms:.0f} | {self.body_bytes:,} |"
        )


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[max(0, int(len(values) * share) - 1)]


def cpu_ms(database_pid: int) -> float:
    """Of this process, and of a PostgreSQL with its children."""
    return time.process_time() * 1_000 + (_tree_ms(database_pid) if database_pid else 0.0)


def _tree_ms(parent: int) -> float:
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(folder.name) == parent or int(fields[1]) == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * 1_000 / os.sysconf("SC_CLK_TCK")


def table(rows: list[Row], title: str) -> str:
    head = "| page | wait p50 (ms) | wait p95 (ms) | CPU mean (ms) | CPU p95 (ms) | bytes |\n|---|--:|--:|--:|--:|--:|"
    return "\n".join((f"### {title}", "", head, *map(str, rows)))


def write_table(path: Path, name: str, text: str) -> None:
    """Between <!-- name --> and <!-- /name -->."""
    before, begin, rest = path.read_text().partition(f"<!-- {name} -->")
    _old, end, after = rest.partition(f"<!-- /{name} -->")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_desk")
    parser.add_argument("--database", default="")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--database-pid", type=int, default=0, help="of a PostgreSQL that --database names")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    folder = await asyncio.to_thread(_folder)
    cluster = await asyncio.to_thread(_cluster) if options.postgres else None
    url = options.database or f"sqlite:///{folder}/park-{options.requests}.db"
    if cluster is not None:
        url = cluster.url(await asyncio.to_thread(cluster.create_database))
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
            rows = await measure(park, options, cluster.pid if cluster is not None else options.database_pid)
    finally:
        await asyncio.to_thread(redis.stop)
        if cluster is not None:
            await asyncio.to_thread(cluster.stop)
    kind = "postgresql" if url.startswith("postgresql") else "sqlite"
    if options.write:
        title = f"{'PostgreSQL' if kind == 'postgresql' else 'SQLite'}, {options.requests:,} requests"
        await asyncio.to_thread(write_table, options.write, kind, table(rows, title))
    return 0 if all(min(row.p95_ms, row.cpu_p95_ms) <= LIMIT_MS for row in rows) else 1


def _cluster() -> PostgresCluster:
    """In a folder that its own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bench-desk-"))
    folder.chmod(0o755)
    return PostgresCluster(folder)


def _folder() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER.resolve()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
