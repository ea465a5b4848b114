"""The client against a real provider process that is away, slow, endless, or says what cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from collab.edge.outward import is_public
from collab.oidc.provider import KEPT_MS, KEPT_WITHOUT_ANSWER_MS, NEW_KEY_MS, RETRY_MS, Client, Provider
from collab.oidc.provider_http import ProviderAway, ProviderRefused, ProviderWay
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT, OidcProvider


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    one = OidcProvider(tmp_path_factory.mktemp("oidc"))
    yield one
    one.stop()


class Clock:
    now_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def way() -> AsyncIterator[ProviderWay]:
    one = ProviderWay(lambda _: True, answer_max_s=1.0)
    yield one
    await one.close()


def client_of(running: OidcProvider, way: ProviderWay, clock: Clock, *, plain: bool = True) -> Provider:
    return Provider(Client(running.issuer, CLIENT_ID, CLIENT_SECRET, REDIRECT, plain=plain), way, clock)


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        ("discovery_issuer", ProviderRefused),
        ("discovery_script", ProviderRefused),
        ("discovery_huge", ProviderRefused),
        ("discovery_nonsense", ProviderRefused),
        ("discovery_moved", ProviderRefused),
        ("discovery_slow", ProviderAway),
        ("discovery_broken", ProviderAway),
    ],
)
async def test_what_it_says_of_itself_is_bounded_and_looked_at(
    running: OidcProvider, way: ProviderWay, clock: Clock, lie: str, expected: type[Exception]
) -> None:
    await asyncio.to_thread(running.tell, lie)
    with pytest.raises(expected):
        await client_of(running, way, clock).authorization_url("s", "n", "v")


async def test_it_is_asked_once_an_hour_and_may_be_away_for_a_day(
    running: OidcProvider, way: ProviderWay, clock: Clock
) -> None:
    await asyncio.to_thread(running.tell)
    provider = client_of(running, way, clock)
    before = (await asyncio.to_thread(running.counts)).get("discovery", 0)
    await asyncio.gather(*(provider.metadata() for _ in range(20)))
    assert (await asyncio.to_thread(running.counts))["discovery"] == before + 1
    await asyncio.to_thread(running.tell, "discovery_broken")
    clock.now_ms += KEPT_MS + 1
    await asyncio.gather(*(provider.metadata() for _ in range(20)))  # what was known goes on counting
    assert (await asyncio.to_thread(running.counts))["discovery"] == before + 2
    clock.now_ms += RETRY_MS + 1
    await provider.metadata()
    assert (await asyncio.to_thread(running.counts))["discovery"] == before + 3
    clock.now_ms += KEPT_WITHOUT_ANSWER_MS
    with pytest.raises(ProviderAway):
        await provider.metadata()


async def test_tokens_with_unknown_keys_do_not_make_it_asked_again_and_again(
    running: OidcProvider, way: ProviderWay, clock: Clock
) -> None:
    await asyncio.to_thread(running.tell)
    provider = client_of(running, way, clock)
    metadata = await provider.metadata()
    assert (await provider._key(metadata, "RS256", "k1")).kid == "k1"
    before = (await asyncio.to_thread(running.counts))["jwks"]
    for _ in range(20):
        with pytest.raises(Exception, match="no such key"):
            await provider._key(metadata, "RS256", "k2")
    assert (await asyncio.to_thread(running.counts))["jwks"] == before
    clock.now_ms += NEW_KEY_MS
    with pytest.raises(Exception, match="no such key"):
        await provider._key(metadata, "RS256", "k2")
    assert (await asyncio.to_thread(running.counts))["jwks"] == before + 1


async def test_keys_that_cannot_be_had_are_not_asked_for_with_every_token(
    running: OidcProvider, way: ProviderWay, clock: Clock
) -> None:
    await asyncio.to_thread(running.tell)
    provider = client_of(running, way, clock)
    metadata = await provider.metadata()
    assert (await provider._key(metadata, "RS256", "k1")).kid == "k1"
    await asyncio.to_thread(running.tell, "jwks_broken")
    before = (await asyncio.to_thread(running.counts))["jwks"]
    clock.now_ms += KEPT_MS
    for _ in range(5):
        assert (await provider._key(metadata, "RS256", "k1")).kid == "k1"  # what was known goes on counting
        with pytest.raises(ProviderAway):
            await provider._key(metadata, "RS256", "k2")
    assert (await asyncio.to_thread(running.counts))["jwks"] == before + 1
    await asyncio.to_thread(running.tell)
    clock.now_ms += RETRY_MS
    assert (await provider._key(metadata, "RS256", "k1")).kid == "k1"
    assert (await asyncio.to_thread(running.counts))["jwks"] == before + 2


async def test_plain_http_and_private_networks_need_the_operators_word(
    running: OidcProvider, way: ProviderWay, clock: Clock
) -> None:
    await asyncio.to_thread(running.tell)
    with pytest.raises(ProviderRefused, match="names the address"):
        await client_of(running, way, clock, plain=False).metadata()
    guarded = ProviderWay(is_public)
    try:
        with pytest.raises(ProviderAway, match="not public"):
            await client_of(running, guarded, clock).metadata()
    finally:
        await guarded.close()


async def test_a_provider_that_is_away_is_said_to_be(running: OidcProvider, way: ProviderWay, clock: Clock) -> None:
    gone = Provider(Client("http://127.0.0.1:9", CLIENT_ID, "", REDIRECT, plain=True), way, clock)
    with pytest.raises(ProviderAway):
        await gone.metadata()
    with pytest.raises(ProviderAway, match="a moment ago"):
        await gone.metadata()
