"""What a start prints: links that work, and only as long as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from collab.accounts.passwords import Passwords
from collab.accounts.service import AccountService
from collab.clock import now_ms
from collab.limits import Limits
from collab.meetings.first_start import first_links
from rooms.core.codes import Code
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from rooms.store.sessions import SessionStore
from tests.support.redis_servers import RedisServer
from tests.unit.collab.people import People


class NoConnections:
    """Nobody is in a room in these tests."""

    async def close_identity(self, identity: str, code: Code, sign_in: str = "") -> None:
        raise AssertionError((identity, code, sign_in))


@pytest.fixture
async def service(people: People, valkey: RedisServer) -> AsyncIterator[AccountService]:
    store, passwords = RedisStore(f"{valkey.url}?db=6"), Passwords(10)
    limits = Limits(RateLimiter(store, Keys()))
    sessions = SessionStore(store, Keys(), now_ms)
    yield AccountService(
        people.accounts, people.organizations, passwords, sessions, NoConnections(), limits, people.audit
    )
    await passwords.close()
    await store.close()


async def test_the_first_start_prints_both_and_later_ones_the_same_meeting(
    people: People, service: AccountService
) -> None:
    first, second = await first_links(service, people.meetings), await first_links(service, people.meetings)
    assert first.meeting == second.meeting != ""
    assert first.setup != second.setup
    for links in (first, second):  # both links work until one is used
        token = links.setup.partition("token=")[2]
        assert await people.accounts.link(_hash(token), now_ms()) is not None


async def test_with_an_administrator_only_the_open_meeting_is_printed(people: People, service: AccountService) -> None:
    await first_links(service, people.meetings)
    await people.administrator()
    links = await first_links(service, people.meetings)
    assert (links.setup, links.meeting[:3]) == ("", "/m/")
    ready = await people.meetings.ready_meeting()
    assert ready is not None
    await people.meetings.ended(ready.id, 1)
    assert (await first_links(service, people.meetings)).meeting == ""


async def test_before_there_is_one_an_ended_meeting_is_replaced(people: People, service: AccountService) -> None:
    first = await first_links(service, people.meetings)
    ready = await people.meetings.ready_meeting()
    assert ready is not None
    await people.meetings.ended(ready.id, 1)
    assert (await first_links(service, people.meetings)).meeting not in ("", first.meeting)


def _hash(token: str) -> str:
    from collab.accounts.service import hash_token

    return hash_token(token)
