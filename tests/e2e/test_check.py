"""The page that examines a connection: what it finds where all is well, and what it says where something is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.bench_network.hosts import network
from tests.bench_network.line import Weather
from tests.support import coturn, namespaces
from tests.support.attendee import open_page
from tests.support.chromium import open_chromium
from tests.support.coturn import PORT, Coturn
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ISOLATED = pytest.mark.skipif(bool(namespaces.available()), reason=namespaces.available() or "-")
RELAYED = pytest.mark.skipif(bool(coturn.available()), reason=coturn.available() or "-")

HTTP_PORT = 8443
SECRET = "of these tests alone, 90ab"
ENDS_MS = 90_000


async def examine(page: Page) -> str:
    """Presses the button and waits for the verdict."""
    await page.get_by_test_id("check-start").click()
    verdict = page.get_by_test_id("check-verdict")
    await verdict.wait_for(timeout=ENDS_MS)
    return await verdict.get_attribute("data-verdict") or ""


async def state(page: Page, way: str) -> str:
    return await page.get_by_test_id(f"way-{way}").get_attribute("data-state") or ""


async def figure(page: Page, name: str) -> float:
    return float(await page.get_by_test_id(f"figure-{name}").get_attribute("data-value") or "nan")


async def test_where_all_is_well_it_says_so_with_figures(browser: Browser, server: Tongxin) -> None:
    page = await browser.new_page(ignore_https_errors=True)
    await open_page(page, f"{server.url}/check")
    assert await examine(page) == "good"
    assert await state(page, "udp") == "ok"
    assert await state(page, "turn_tls") == "absent"
    assert await figure(page, "up") > 1_000
    assert await figure(page, "back") > 500
    assert await figure(page, "loss") < 2
    assert await figure(page, "download") > 10_000
    report = await page.get_by_test_id("check-report").inner_text()
    assert "verdict: good" in report
    assert "127.0.0.1" not in report
    await page.get_by_text("With full addresses").click()
    await page.get_by_test_id("check-report").get_by_text("127.0.0.1").wait_for()


@ISOLATED
@RELAYED
@pytest.mark.network_namespaces
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(SECRET, id="right", marks=pytest.mark.long),
        pytest.param("another secret than the relay's", id="wrong", marks=pytest.mark.long),
    ],
)
async def test_behind_a_firewall_it_names_what_is_shut(tmp_path: Path, pem: tuple[Path, Path], secret: str) -> None:
    with (
        namespaces.pair(57) as (near, far),
        Coturn(tmp_path / "relay", near, SECRET, pem, allowed=[near.address]) as relay,
        Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
            environment={"TONGXIN_TURN_URLS": ",".join(relay.urls), "TONGXIN_TURN_SECRET": secret},
        ) as server,
    ):
        # given a network that lets out the web, and the relay's port, and nothing else
        namespaces.shut(near, f"tcp {HTTP_PORT}", f"udp {PORT}", f"tcp {PORT}")
        async with open_chromium(
            tmp_path / "b", command=far.command, flags=("--ignore-certificate-errors",)
        ) as browser:
            page = await browser.new_page(ignore_https_errors=True)
            await open_page(page, f"{server.url}/check")
            # when the connection is examined
            verdict = await examine(page)
            # then each way is told apart
            ways = {way: await state(page, way) for way in ("udp", "turn_udp", "turn_tcp", "turn_tls")}
            assert ways["udp"] == "blocked"
            assert ways["turn_tls"] == "blocked"
            if secret == SECRET:
                assert (ways["turn_udp"], ways["turn_tcp"]) == ("ok", "ok")
                assert verdict in ("relay_only", "tcp_only")
            else:
                assert (ways["turn_udp"], ways["turn_tcp"]) == ("denied", "denied")
                assert verdict in ("no_way", "tcp_only")


@ISOLATED
@pytest.mark.network_namespaces
async def test_a_wrong_address_is_named_with_the_right_one(tmp_path: Path) -> None:
    with (
        namespaces.pair(58) as (near, far),
        Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
            environment={"TONGXIN_PUBLIC_ADDRESS": "10.99.58.77"},
        ) as server,
    ):
        async with open_chromium(tmp_path / "b", command=far.command) as browser:
            page = await browser.new_page(ignore_https_errors=True)
            await open_page(page, f"{server.url}/check")
            assert await examine(page) == "other_address"
            told = await page.get_by_test_id("check-verdict").inner_text()
            assert "10.99.58.77" in told
            assert f"TONGXIN_PUBLIC_ADDRESS={near.address}" in told


@ISOLATED
@pytest.mark.network_namespaces
@pytest.mark.long
async def test_a_narrow_line_is_measured(tmp_path: Path) -> None:
    with (
        network(seed=7) as net,
        Tongxin(
            tmp_path / "server",
            address=net.server.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=net.server.command,
        ) as server,
    ):
        # given a line that carries a megabit, with 40 ms there and back
        narrow = Weather(delay_ms=20, limit_bps=1_000_000, queue_bytes=30_000)
        net.publishing.to_server.weather = net.publishing.to_client.weather = narrow
        async with open_chromium(tmp_path / "b", command=net.publisher.command) as browser:
            page = await browser.new_page(ignore_https_errors=True)
            await open_page(page, f"{server.url}/check")
            assert await examine(page) in ("good", "slow_up", "slow_down", "lossy")
            # then it reads within a third of what it is
            assert 650 < await figure(page, "up") < 1_350
            assert 500 < await figure(page, "back") < 1_050
            assert 40 <= await figure(page, "delay") < 400
