"""Pages come from a table of what was built: nothing else on the disk can be asked for."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from collab.edge.guard import guard, security_headers
from collab.edge.http import page_routes
from collab.edge.pages import Pages

SCRIPT = b"console.log(1);" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("outside")
    built = tmp_path / "web"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>Tongxin</title>")
    (built / "assets" / "index-Ab3dE6gH.js").write_bytes(SCRIPT)
    (built / "assets" / "index-Ab3dE6gH.js.br").write_bytes(b"brotli")
    (built / "assets" / "index-Ab3dE6gH.js.map").write_text("{}")
    (built / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    return built


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    pages = Pages(folder)
    await asyncio.to_thread(pages.load)
    app = web.Application(middlewares=[guard])
    app.on_response_prepare.append(security_headers(strict_transport=True))
    app.add_routes(page_routes(pages))
    async with TestClient(TestServer(app), auto_decompress=False) as made:
        yield made


Client = TestClient[web.Request, web.Application]


@pytest.mark.parametrize("path", ["/", "/index.html", "/m/abc-defg-hij", "/sign-in", "/setup?token=x", "/meetings"])
async def test_every_page_is_the_one_page(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status == 200
    assert response.content_type == "text/html"
    assert response.headers["Cache-Control"] == "no-cache"
    assert b"<title>Tongxin" in await response.read()


async def test_hashed_files_are_kept_for_ever_and_come_compressed(client: Client) -> None:
    path = "/assets/index-Ab3dE6gH.js"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.content_type == "application/javascript"
    assert await plain.read() == SCRIPT
    zipped = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await zipped.read()) == SCRIPT
    brotli = await client.get(path, headers={"Accept-Encoding": "gzip, br;q=1.0"})
    assert (brotli.headers["Content-Encoding"], await brotli.read()) == ("br", b"brotli")
    assert brotli.headers["Vary"] == "Accept-Encoding"


async def test_what_is_known_already_is_not_sent_again(client: Client) -> None:
    first = await client.get("/icon.svg")
    again = await client.get("/icon.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/%00secret.txt",
        "/link.txt",
        "/assets/index-Ab3dE6gH.js.map",
        "/assets/index-Ab3dE6gH.js.br",
        "/missing.js",
        "/api/missing",
        "/whip/x/y",
    ],
)
async def test_nothing_else_can_be_had(client: Client, path: str) -> None:
    from yarl import URL

    response = await client.get(URL(path, encoded=True))
    assert response.status == 404
    assert response.content_type == "application/problem+json"
    assert b"outside" not in await response.read()


async def test_every_response_carries_the_security_headers(client: Client) -> None:
    page, file, missing = await client.get("/"), await client.get("/icon.svg"), await client.get("/missing.js")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    for response in (page, file, missing):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Server"] == "tongxin"
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "http" not in response.headers["Content-Security-Policy"]
    for response in (file, missing):
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_rebuilt_front_end_is_noticed(folder: Path) -> None:
    pages = Pages(folder)
    await asyncio.to_thread(pages.load)
    pages._looked_at_s = -10.0
    (folder / "index.html").write_text("<!doctype html><title>Anew</title>")
    app = web.Application()
    app.add_routes(page_routes(pages))
    async with TestClient(TestServer(app)) as client:
        assert "Anew" in await (await client.get("/")).text()


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    pages = Pages(tmp_path / "nothing")
    await asyncio.to_thread(pages.load)
    app = web.Application()
    app.add_routes(page_routes(pages))
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/")
        assert response.status == 503
        assert "make" in await response.text()
