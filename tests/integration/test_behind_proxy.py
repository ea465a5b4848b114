"""The shipped nginx site before a real server: HTTPS, WebSocket, Origin, and whose address counts."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.support.nginx import NAME, Nginx
from tests.support.server import Tongxin

ORIGIN = f"https://{NAME}"
BEHIND_PROXY = {"TONGXIN_PUBLIC_URL": ORIGIN, "TONGXIN_TRUSTED_PROXIES": "127.0.0.1"}


class EverythingIsHere(AbstractResolver):
    """Every name leads to 127.0.0.1."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tongxin, Nginx]]:
    folder = tmp_path_factory.mktemp("proxy")
    with (
        Tongxin(folder / "server", environment=BEHIND_PROXY) as server,
        Nginx(folder / "nginx", server.http_port) as proxy,
    ):
        yield server, proxy


@pytest.fixture
async def browser(site: tuple[Tongxin, Nginx]) -> AsyncIterator[aiohttp.ClientSession]:
    """Speaks HTTPS to the proxy as to meet.example.org on its usual port."""
    _, proxy = site
    connector = aiohttp.TCPConnector(ssl=proxy.trust, resolver=EverythingIsHere())
    url = f"https://{NAME}:{proxy.https_port}"
    async with aiohttp.ClientSession(url, headers={"Host": NAME}, connector=connector) as session:
        yield session


async def test_the_page_comes_by_https_with_its_policy(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/") as reply:
        assert reply.status == 200
        assert len(reply.headers.getall("Strict-Transport-Security")) == 1
        assert "script-src 'self'" in reply.headers["Content-Security-Policy"]


async def test_plain_http_is_sent_to_https(site: tuple[Tongxin, Nginx]) -> None:
    _, proxy = site
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{proxy.http_port}/m/abc-defg-hij"
        async with session.get(url, headers={"Host": NAME}, allow_redirects=False) as reply:
            assert (reply.status, reply.headers["Location"]) == (301, f"{ORIGIN}/m/abc-defg-hij")


async def test_a_websocket_passes_and_a_foreign_origin_does_not(browser: aiohttp.ClientSession) -> None:
    async with browser.ws_connect("/ws", origin=ORIGIN) as socket:
        await socket.send_str("this is no message")
        assert (await socket.receive(10)).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.CLOSE)

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.ws_connect("/ws", origin="https://evil.example")
    assert refused.value.status == 403


async def test_the_address_is_what_the_proxy_saw_never_what_the_client_claims(
    browser: aiohttp.ClientSession, site: tuple[Tongxin, Nginx]
) -> None:
    claim = {"X-Forwarded-For": "198.51.100.9"}

    async with browser.get("/api/doctor", headers=claim) as reply:
        assert (await reply.json())["your_address"] == "127.0.0.1"


async def test_a_server_that_trusts_no_proxy_believes_no_header(tmp_path: Path) -> None:
    with Tongxin(tmp_path / "server") as server:
        claim = {"X-Forwarded-For": "198.51.100.9"}
        async with aiohttp.request("GET", f"{server.url}/api/doctor", headers=claim) as reply:
            assert (await reply.json())["your_address"] == "127.0.0.1"


async def test_metrics_stay_inside(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/metrics") as reply:
        assert reply.status == 404


async def test_cookies_are_secure_behind_https(browser: aiohttp.ClientSession, site: tuple[Tongxin, Nginx]) -> None:
    server, _ = site
    async with browser.get("/api/me") as reply:
        headers = {"Origin": ORIGIN, "X-CSRF-Token": (await reply.json())["csrf"]}

    async with browser.post(f"/api/rooms/{server.room_code}/guests", json={"name": "Guest"}, headers=headers) as reply:
        assert reply.status == 200, await reply.text()
        cookies = reply.headers.getall("Set-Cookie")
    assert cookies
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
