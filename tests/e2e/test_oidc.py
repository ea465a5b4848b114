"""A person signs in by an OpenID provider in a real browser: cookies, policies and the words of what may go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.support.attendee import TIMEOUT_MS
from tests.support.chromium import open_chromium
from tests.support.oidc_provider import REDIRECT, OidcProvider
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(120)]

PUBLIC = REDIRECT.partition("/api")[0]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[OidcProvider]:
    one = OidcProvider(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def server(tmp_path: Path, provider: OidcProvider) -> Iterator[Tongxin]:
    environment = provider.environment(TONGXIN_OIDC_PEOPLE="*=Optics Valley")
    with Tongxin(tmp_path / "server", environment=environment) as one:
        token = (one.setup_link or "").partition("token=")[2]
        body = {"token": token, "name": "Lin", "email": "lin@park.example", "password": "correct horse battery"}
        asked = Request(
            f"{one.url}/api/setup",
            data=json.dumps({**body, "organization": "Optics Valley"}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(asked, timeout=30):
            pass
        yield one


async def test_a_person_comes_in_by_the_provider_and_is_told_why_not(
    server: Tongxin, provider: OidcProvider, tmp_path: Path
) -> None:
    host = PUBLIC.removeprefix("http://")
    flags = [f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{server.http_port}"]
    async with open_chromium(tmp_path, flags=flags) as browser:
        for locale, width in (("en", 1440), ("zh-CN", 390)):
            context = await browser.new_context(locale=locale, viewport={"width": width, "height": 900})
            page = await context.new_page()

            # given an address that the provider has not verified
            await asyncio.to_thread(provider.tell, sub=locale, email=f"{locale}@mail.example", email_verified=False)
            await page.goto(f"{PUBLIC}/sign-in?next=%2Fcalendar")
            await page.get_by_test_id("oidc-begin").click()

            # then the page says so, in its language
            words = "verified your email" if locale == "en" else "尚未验证您的邮箱"
            await page.get_by_test_id("oidc").get_by_text(words).wait_for(timeout=TIMEOUT_MS)
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            await page.screenshot(path=tmp_path / f"refused-{locale}.png")

            # when it is verified, the way on is the page that was asked for
            await asyncio.to_thread(provider.tell, sub=locale, email=f"{locale}@mail.example")
            await page.get_by_test_id("oidc-begin").click()
            await page.wait_for_url(f"{PUBLIC}/calendar", timeout=TIMEOUT_MS)
            me = await page.evaluate("fetch('/api/me').then((answer) => answer.json())")
            assert me["account"]["email"] == f"{locale.lower()}@mail.example"
            cookies = {one["name"]: one for one in await context.cookies(PUBLIC)}
            assert cookies["tongxin_session"]["httpOnly"]
            assert "tongxin_flow" not in cookies
            await context.close()

        # given an account with a password
        context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await asyncio.to_thread(provider.tell, sub="lin", email="lin@elsewhere.example")
        await page.goto(f"{PUBLIC}/sign-in?next=%2Fhome")
        await page.locator("input[name=email]").fill("lin@park.example")
        await page.locator("input[name=password]").fill("correct horse battery")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{PUBLIC}/home", timeout=TIMEOUT_MS)

        # when it is linked, from its settings
        await page.get_by_role("button", name="Account: Lin").click()
        await page.get_by_role("menuitem", name="Account settings").click()
        await page.get_by_test_id("oidc-begin").click()

        # then one comes back to the settings, where it can be taken off again
        await page.get_by_test_id("oidc-unlink").wait_for(timeout=TIMEOUT_MS)
        await page.screenshot(path=tmp_path / "linked.png")
        await page.get_by_test_id("oidc-unlink").click()
        await page.get_by_test_id("oidc-begin").wait_for(timeout=TIMEOUT_MS)
        await context.close()
