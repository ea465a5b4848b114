"""Passwords that are guessed from everywhere, and hashes that would take the machine."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.accounts.passwords import Passwords
from collab.accounts.service import SIGN_IN_OF_ACCOUNT, SIGN_IN_OF_ADDRESS
from tests.support.api import Browser, Park, empty_redis, open_park
from tests.support.redis_servers import RedisServer


@pytest.fixture
async def park(tmp_path: Path, valkey: RedisServer) -> AsyncIterator[Park]:
    """Behind a proxy on this machine, so that each request can come from an address of its own."""
    url = f"{valkey.url}?db=6"
    await empty_redis(url)
    proxied = {"TONGXIN_TRUSTED_PROXIES": "127.0.0.1"}
    async with open_park(tmp_path / "data", "", url, proxied) as opened:
        yield opened


async def guess(browser: Browser, email: str, address: str) -> str:
    body = {"email": email, "password": "a guess of mine"}
    headers = {"X-Forwarded-For": address, "Origin": browser.base_url, "X-CSRF-Token": browser.csrf}
    return (await browser.ask("POST", "/api/sign-in", body, headers=headers)).code


async def test_guesses_at_one_account_from_everywhere_are_bounded(park: Park) -> None:
    browser = park.browser()
    await browser.me()
    burst = int(SIGN_IN_OF_ACCOUNT.burst)
    codes = [await guess(browser, "lin@park.example", f"198.51.100.{number}") for number in range(burst + 4)]
    assert codes[:burst] == ["unauthenticated"] * burst
    assert codes[-1] == "rate_limited"
    assert await guess(browser, "ann@park.example", "198.51.100.1") == "unauthenticated"  # others may


async def test_a_whole_ipv6_network_counts_as_one_guesser(park: Park) -> None:
    browser = park.browser()
    await browser.me()
    same = [await guess(browser, "lin@park.example", f"2001:db8:1:2::{number:x}") for number in range(1, 8)]
    assert same[:5] == ["unauthenticated"] * 5
    assert same[-1] == "rate_limited"
    assert await guess(browser, "lin@park.example", "2001:db8:1:3::1") == "unauthenticated"


async def test_guesses_at_many_accounts_from_one_address_are_bounded(park: Park) -> None:
    """One password tried at every account, in parallel as an attacker would."""
    browser = park.browser()
    await browser.me()
    burst = int(SIGN_IN_OF_ADDRESS.burst)
    emails = [f"person{number}@park.example" for number in range(burst + 20)]
    codes = await asyncio.gather(*(guess(browser, email, "198.51.100.1") for email in emails))
    assert codes.count("rate_limited") >= 10
    assert set(codes) <= {"unauthenticated", "rate_limited", "unavailable"}
    assert (await browser.get("/healthz")).status == 200


async def test_never_more_hashes_at_once_than_there_are_cores() -> None:
    """Each takes 46 MiB and a core."""
    passwords = await asyncio.to_thread(Passwords, 10)
    try:
        assert await asyncio.gather(*(passwords.verify(None, "a guess of mine") for _ in range(12))) == [False] * 12
        hashing = [thread for thread in threading.enumerate() if thread.name.startswith("argon2")]
        assert 1 <= len(hashing) <= (os.cpu_count() or 1)
    finally:
        await passwords.close()
