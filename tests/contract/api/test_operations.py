"""What operators see: liveness, readiness with its reasons, metrics, the doctor; also while Redis is away."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.api import Browser, Park, eventually, open_park
from tests.support.databases import SqliteDatabases
from tests.support.postgres import PostgresCluster
from tests.support.redis_servers import RedisServer


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """Who asks which database is the business of the other files."""
    return sqlite_databases.url()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One that may be stopped."""
    server = RedisServer(Path(tmp_path_factory.mktemp("r")))
    yield server
    server.stop()


@pytest.fixture
def own_postgres() -> Iterator[PostgresCluster]:
    """One that may be stopped."""
    with TemporaryDirectory(prefix="tx-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        cluster = PostgresCluster(Path(name))
        yield cluster
        cluster.stop()


@pytest.fixture
async def fragile(tmp_path: Path, sqlite_databases: SqliteDatabases, own_redis: RedisServer) -> AsyncIterator[Park]:
    async with open_park(tmp_path / "data", sqlite_databases.url(), own_redis.url) as opened:
        yield opened


async def test_a_healthy_server(park: Park) -> None:
    browser = park.browser()
    assert (await browser.get("/healthz")).json == {"status": "alive", "degraded": []}
    assert (await browser.get("/readyz")).json == {"status": "ready", "degraded": []}


async def test_without_redis_it_lives_says_what_is_degraded_and_recovers(fragile: Park, own_redis: RedisServer) -> None:
    admin = await fragile.administrator()
    meeting = await admin.meeting()
    host = await admin.join(meeting["code"])
    own_redis.stop()
    browser = fragile.browser()
    assert (await browser.get("/healthz")).status == 200
    ready = await browser.get("/readyz")
    assert (ready.status, ready.json) == (503, {"status": "degraded", "degraded": ["redis"]})
    assert (await host.ask("send_chat", text="still here", nonce="n"))["type"] == "ok"  # live rooms go on
    again = await admin.join(meeting["code"])  # who was here a moment ago comes back meanwhile
    assert again.reply["type"] == "joined"
    unknown = await browser.ask("GET", "/api/meetings", headers={"Cookie": "tongxin_session=unknown"})
    assert (unknown.status, unknown.code) == (503, "unavailable")
    assert unknown.json["retry_after_ms"] > 0
    assert (await browser.post("/api/sign-in", {"email": "lin@park.example", "password": "x"})).code == "rate_limited"
    own_redis.start()

    async def recovered() -> bool:
        return (await browser.get("/readyz")).status == 200

    await eventually(recovered)
    assert (await fragile.browser().sign_in("lin@park.example")).status == 200


async def test_without_the_database_it_lives_says_so(
    tmp_path: Path, redis_url: str, own_postgres: PostgresCluster
) -> None:
    database = await asyncio.to_thread(own_postgres.create_database)
    async with open_park(tmp_path / "data", own_postgres.url(database), redis_url) as park:
        admin = await park.administrator()
        os.kill(own_postgres.pid, signal.SIGINT)  # fast shutdown: sessions are ended
        await asyncio.to_thread(own_postgres.stop)
        ready = await admin.get("/readyz")
        assert (ready.status, ready.json["degraded"]) == (503, ["database"])
        assert (await admin.get("/healthz")).status == 200
        for _ in range(3):
            refused = await admin.get("/api/meetings")
            assert (refused.status, refused.code) == (503, "unavailable")


async def test_metrics_count_by_pattern_and_only_for_the_networks_that_may_read_them(
    park: Park, admin: Browser, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    meeting = await admin.meeting()
    await admin.get(f"/api/rooms/{meeting['code']}")
    text = (await admin.get("/metrics")).body.decode()
    assert 'route="/api/rooms/{code}"' in text
    assert meeting["code"] not in text
    assert "tongxin_media_transports" in text
    closed = {"TONGXIN_METRICS_NETWORKS": "192.0.2.0/24"}
    async with open_park(tmp_path / "closed", database_url, redis_url, closed) as other:
        assert (await other.browser().get("/metrics")).status == 403


async def test_the_doctor_tells_a_visitor_where_media_go(park: Park) -> None:
    answer = await park.browser().get("/api/doctor")
    checks = {one["name"]: one for one in answer.json["checks"]}
    assert set(checks) == {"media_address", "https", "database", "redis"}
    assert checks["media_address"]["values"]["media_host"] == "127.0.0.1"
    assert checks["media_address"]["values"]["media_port"] > 0
    assert checks["media_address"]["state"] == "ok"
    assert checks["https"]["state"] == "warning"
    assert answer.json["secure_context_needed"] is False
    assert answer.json["your_address"] == "127.0.0.1"


async def test_the_doctor_warns_who_opened_a_lan_address_without_https(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    lan = {"TONGXIN_PUBLIC_URL": "http://192.168.1.10:8080", "TONGXIN_PUBLIC_ADDRESS": "192.168.1.10"}
    async with open_park(tmp_path / "lan", database_url, redis_url, lan) as park:
        answer = await park.browser().get("/api/doctor")
    checks = {one["name"]: one for one in answer.json["checks"]}
    assert (checks["https"]["state"], checks["https"]["cure_code"]) == ("fault", "use_https")
    assert checks["media_address"]["cure_code"] == "forward_udp"
    assert answer.json["secure_context_needed"] is True


async def test_a_public_url_is_the_only_origin(tmp_path: Path, database_url: str, redis_url: str) -> None:
    public = {"TONGXIN_PUBLIC_URL": "https://meet.example.org", "TONGXIN_TRUSTED_PROXIES": "127.0.0.1"}
    async with open_park(tmp_path / "public", database_url, redis_url, public) as park:
        browser = park.browser()
        await browser.me()
        proxied = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-CSRF-Token": browser.csrf}
        body = {"email": "a@b.cc", "password": "x"}
        for origin, code in (("https://meet.example.org", "unauthenticated"), (park.base_url, "forbidden")):
            answer = await browser.ask("POST", "/api/sign-in", body, headers={**proxied, "Origin": origin})
            assert answer.code == code, origin
        me = await park.browser().ask("GET", "/api/me", headers=proxied)
        assert "Secure" in me.headers["Set-Cookie"]
        assert me.headers["Strict-Transport-Security"]
        doctor = await browser.ask("GET", "/api/doctor", headers=proxied)
        assert doctor.json["your_address"] == "203.0.113.9"
