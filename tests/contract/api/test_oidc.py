"""Signing in by an OpenID provider: a whole server, a real provider process, browsers, and all that may be forged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.api import Answer, Browser, Park, open_park
from tests.support.databases import SqliteDatabases
from tests.support.oidc_provider import REDIRECT, OidcProvider

PUBLIC = REDIRECT.partition("/api")[0]
PEOPLE = "laser.example=Laser Works"
# What a token may say that must not be believed.
LIES = (
    "wrong_nonce",
    "no_nonce",
    "wrong_issuer",
    "wrong_audience",
    "no_azp",
    "wrong_azp",
    "expired",
    "of_yesterday",
    "of_tomorrow",
    "no_expiry",
    "no_subject",
    "long_subject",
    "wrong_at_hash",
    "alg_none",
    "alg_hs256_by_public_key",
    "another_key",
    "unknown_key",
    "token_moved",
    "token_nonsense",
    "token_huge",
    "thin_of_another",
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    one = OidcProvider(tmp_path_factory.mktemp("oidc"))
    yield one
    one.stop()


@pytest.fixture
async def told(provider: OidcProvider) -> OidcProvider:
    """With nothing to lie about."""
    await asyncio.to_thread(provider.tell)
    return provider


@asynccontextmanager
async def park_with(
    provider: OidcProvider, folder: Path, database_url: str, redis_url: str, **settings: str
) -> AsyncIterator[tuple[Park, Browser]]:
    """A park whose people may come from the provider, and its first administrator."""
    environment = provider.environment(TONGXIN_OIDC_PEOPLE=PEOPLE, **settings)
    async with open_park(folder / "data", database_url, redis_url, environment) as park:
        admin = browser_of(park)
        body = {
            "token": park.setup_token,
            "name": "Lin",
            "email": "lin@park.example",
            "password": "correct horse battery",
        }
        answer = await post(admin, "/api/setup", {**body, "organization": "Optics Valley"})
        assert answer.status == 200, answer
        answer = await post(admin, "/api/organizations", {"name": "Laser Works", "kind": "enterprise"})
        assert answer.status == 201, answer
        yield park, admin


def browser_of(park: Park) -> Browser:
    return park.browser()


async def post(browser: Browser, path: str, body: object) -> Answer:
    """As a page of the public address sends it."""
    csrf = (await browser.me())["csrf"]
    return await browser.ask("POST", path, body, headers={"Origin": PUBLIC, "X-CSRF-Token": csrf})


async def unlinked(browser: Browser) -> Answer:
    csrf = (await browser.me())["csrf"]
    return await browser.ask("DELETE", "/api/oidc/identity", headers={"Origin": PUBLIC, "X-CSRF-Token": csrf})


async def begun(browser: Browser, *, link: bool = False, next_path: str = "/calendar") -> str:
    """The provider's address to go to."""
    answer = await post(browser, "/api/oidc/begin", {"next": next_path, "link": link})
    assert answer.status == 200, answer
    return str(answer.json["url"])


async def returned(url: str, browser: Browser) -> str:
    """The path that the provider sends the browser back to."""
    async with browser.session.get(url, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        location = response.headers["Location"]
    assert location.startswith(REDIRECT)
    return location.removeprefix(PUBLIC)


async def signed_in(browser: Browser, *, link: bool = False) -> str:
    """The page that it ends on."""
    answer = await browser.get(await returned(await begun(browser, link=link), browser))
    assert answer.status == 303, answer
    return answer.headers["Location"]


def fault(location: str) -> str:
    assert location.startswith("/sign-in?"), location
    return parse_qs(urlsplit(location).query)["refused"][0]


async def test_a_person_of_the_provider_gets_an_account_once_and_comes_back(
    told: OidcProvider, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with park_with(told, tmp_path, database_url, redis_url) as (park, admin):
        browser = browser_of(park)
        assert (await browser.get("/api/oidc")).json == {"name": "Park ID", "sign_out_url": "", "linked": False}
        assert await signed_in(browser) == "/calendar"
        me = await browser.me()
        assert (me["account"]["email"], me["account"]["name"], me["account"]["locale"]) == (
            "wang@laser.example",
            "Wang",
            "en",
        )
        assert [(one["organization"]["name"], one["roles"]) for one in me["memberships"]] == [
            ("Laser Works", ["member"])
        ]
        # The subject counts, not the address: it may be given to somebody else.
        await asyncio.to_thread(told.tell, email="wang-new@laser.example")
        again = browser_of(park)
        assert await signed_in(again) == "/calendar"
        assert (await again.me())["account"]["id"] == me["account"]["id"]
        lines = (await admin.get("/api/audit")).json["events"]
        kinds = [one["action"] for one in lines]
        assert {"identity_linked", "account_provisioned", "signed_in"} <= set(kinds)
        assert next(one for one in lines if one["action"] == "signed_in")["details"]["way"] == "oidc"
        # It has no password, so none signs in.
        stranger = browser_of(park)
        answer = await post(
            stranger, "/api/sign-in", {"email": "wang@laser.example", "password": "correct horse battery"}
        )
        assert answer.code == "unauthenticated"
        # Signing out ends it here; the provider's own session ends there.
        leave = (await browser.get("/api/oidc")).json["sign_out_url"]
        assert leave.startswith(told.issuer.partition("/realms")[0] + "/end?realm=park&client_id=tongxin&")
        assert parse_qs(urlsplit(leave).query)["post_logout_redirect_uri"] == [f"{PUBLIC}/sign-in"]
        assert (await post(again, "/api/sign-out", {})).status == 204
        assert (await again.me())["account"] is None


@pytest.mark.timeout(120)
async def test_nothing_that_is_forged_signs_anybody_in(
    told: OidcProvider, tmp_path: Path, sqlite_databases: SqliteDatabases, redis_url: str
) -> None:
    async with park_with(told, tmp_path, sqlite_databases.url(), redis_url) as (park, _):
        for lie in LIES:
            await asyncio.to_thread(told.tell, lie)
            browser = browser_of(park)
            assert (lie, fault(await signed_in(browser))) == (lie, "provider_refused")
            assert (await browser.me())["account"] is None, lie
        for lie, expected in (
            ("declined", "declined"),
            ("mixed_up", "provider_refused"),
            ("token_broken", "provider_away"),
        ):
            await asyncio.to_thread(told.tell, lie)
            assert (lie, fault(await signed_in(browser_of(park)))) == (lie, expected)
        # The same person with an honest token comes in: it was the lies that were refused.
        for honest in ("", "thin"):
            await asyncio.to_thread(told.tell, honest)
            assert await signed_in(browser_of(park)) == "/calendar"


async def test_a_state_and_a_code_are_worth_something_once_and_in_one_browser(
    told: OidcProvider, tmp_path: Path, sqlite_databases: SqliteDatabases, redis_url: str
) -> None:
    async with park_with(told, tmp_path, sqlite_databases.url(), redis_url) as (park, _):
        browser, other = browser_of(park), browser_of(park)
        back = await returned(await begun(browser), browser)
        assert (await browser.get(back)).headers["Location"] == "/calendar"
        assert fault((await browser.get(back)).headers["Location"]) == "expired"
        # The code with a state of its own: the provider knows it as used.
        code = parse_qs(urlsplit(back).query)["code"][0]
        query = parse_qs(urlsplit(await returned(await begun(browser), browser)).query)
        replayed = f"/api/oidc/callback?code={code}&state={query['state'][0]}&iss={query['iss'][0]}"
        assert fault((await browser.get(replayed)).headers["Location"]) == "provider_refused"
        # Two browsers on their way at once: neither can end what the other began.
        mine, theirs = await returned(await begun(browser), browser), await returned(await begun(other), other)
        assert fault((await other.get(mine)).headers["Location"]) == "expired"
        assert fault((await browser.get(theirs)).headers["Location"]) == "expired"
        assert (await other.me())["account"] is None
        # A code that was made for another flow: its verifier and its nonce do not fit.
        mine, theirs = await returned(await begun(browser), browser), await returned(await begun(other), other)
        stolen = parse_qs(urlsplit(mine).query)["code"][0]
        state, issuer = (parse_qs(urlsplit(theirs).query)[name][0] for name in ("state", "iss"))
        swapped = f"/api/oidc/callback?code={stolen}&state={state}&iss={issuer}"
        assert fault((await other.get(swapped)).headers["Location"]) == "provider_refused"
        # Two tabs of one browser do not disturb each other.
        tabs = browser_of(park)
        first, second = await returned(await begun(tabs), tabs), await returned(await begun(tabs), tabs)
        assert (await tabs.get(second)).headers["Location"] == "/calendar"
        for query_string in ("", "?state=", "?code=x", f"?state={'x' * 4_000}", "?error=access_denied"):
            answer = await browser_of(park).get(f"/api/oidc/callback{query_string}")
            assert fault(answer.headers["Location"]) == "expired"
        assert (await tabs.get(first)).status == 303


async def test_an_account_is_linked_by_its_owner_or_by_a_verified_address_where_that_is_allowed(
    told: OidcProvider, tmp_path: Path, sqlite_databases: SqliteDatabases, redis_url: str
) -> None:
    async with park_with(told, tmp_path / "off", sqlite_databases.url(), redis_url) as (park, admin):
        await asyncio.to_thread(told.tell, email="lin@park.example", sub="lin")
        assert fault(await signed_in(browser_of(park))) == "account_exists"
        await asyncio.to_thread(told.tell, email="nobody@elsewhere.example", sub="n")
        assert fault(await signed_in(browser_of(park))) == "no_account"
        await asyncio.to_thread(told.tell, email="li@laser.example", sub="li", email_verified=False)
        assert fault(await signed_in(browser_of(park))) == "mail_unverified"
        await asyncio.to_thread(told.tell, email="zhao@laser.example.evil", sub="z")
        assert fault(await signed_in(browser_of(park))) == "no_account"
        # Whose account it is links it, whatever address the provider knows them by.
        await asyncio.to_thread(told.tell, email="other@mail.example", sub="lin")
        stranger = browser_of(park)
        assert (await post(stranger, "/api/oidc/begin", {"link": True})).code == "unauthenticated"
        assert await signed_in(admin, link=True) == "/calendar"
        again = browser_of(park)
        assert await signed_in(again) == "/calendar"
        assert (await again.me())["account"]["id"] == admin.account_id
        # They take it off again, and then it opens nothing; who has no password cannot.
        assert (await admin.get("/api/oidc")).json["linked"] is True
        assert (await unlinked(admin)).status == 204
        assert (await unlinked(admin)).code == "not_found"
        assert fault(await signed_in(browser_of(park))) == "no_account"
        assert await signed_in(admin, link=True) == "/calendar"
        # One identity, one account: the next subject does not get it too, nor the subject another account.
        await asyncio.to_thread(told.tell, email="other@mail.example", sub="lin-2")
        assert fault(await signed_in(admin, link=True)) == "linked_elsewhere"
        await asyncio.to_thread(told.tell)
        member = browser_of(park)
        assert await signed_in(member) == "/calendar"
        assert (await unlinked(member)).code == "wrong_state"
        assert (await member.get("/api/oidc")).json["linked"] is True
        await asyncio.to_thread(told.tell, sub="lin")
        assert fault(await signed_in(member, link=True)) == "linked_elsewhere"
    async with park_with(
        told, tmp_path / "on", sqlite_databases.url(), redis_url, TONGXIN_OIDC_LINK_BY_MAIL="verified"
    ) as (park, admin):
        await asyncio.to_thread(told.tell, email="Lin@Park.example", sub="lin", email_verified=False)
        assert fault(await signed_in(browser_of(park))) == "mail_unverified"
        await asyncio.to_thread(told.tell, email="Lin@Park.example", sub="lin")
        browser = browser_of(park)
        assert await signed_in(browser) == "/calendar"
        assert (await browser.me())["account"]["id"] == admin.account_id
        # Somebody new with an address that was handed on does not get the account of who had it.
        await asyncio.to_thread(told.tell, email="lin@park.example", sub="lin-the-second")
        assert fault(await signed_in(browser_of(park))) == "linked_elsewhere"


async def test_the_way_on_is_a_page_of_ours(
    told: OidcProvider, tmp_path: Path, sqlite_databases: SqliteDatabases, redis_url: str
) -> None:
    async with park_with(told, tmp_path, sqlite_databases.url(), redis_url) as (park, _):
        for wanted in (
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nX: y",
        ):
            browser = browser_of(park)
            url = await begun(browser, next_path=wanted)
            assert (await browser.get(await returned(url, browser))).headers["Location"] == "/home"
        page = await browser.ask("POST", "/api/oidc/begin", {}, headers={"Origin": "https://evil.example"})
        assert page.code == "forbidden"  # nobody is sent on their way by another site


async def test_a_server_without_a_provider_says_so(park: Park) -> None:
    browser = park.browser()
    assert (await browser.get("/api/oidc")).json == {"name": "", "sign_out_url": "", "linked": False}
    assert (await browser.post("/api/oidc/begin", {})).code == "wrong_state"
    assert fault((await browser.get("/api/oidc/callback?code=x&state=y")).headers["Location"]) == "expired"
