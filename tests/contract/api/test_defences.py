"""What attackers try against the API: other origins, forged requests, guessing, floods, strange bodies."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collab.app import ENDPOINTS
from tests.support.api import PASSWORD, Answer, Browser, Park
from tests.support.databases import PostgresDatabases

FOREIGN = "https://evil.example"


@pytest.fixture
def database_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """The stricter of the two: it refuses NUL, wrong types and text that is too long."""
    name = postgres_databases.create()
    yield postgres_databases.url(name)
    postgres_databases.drop(name)


async def test_a_request_from_another_origin_changes_nothing(park: Park, admin: Browser) -> None:
    good = {"X-CSRF-Token": admin.csrf}
    for headers in (
        {**good, "Origin": FOREIGN},
        {**good, "Origin": "null"},
        {**good, "Origin": park.base_url, "Sec-Fetch-Site": "cross-site"},
        {**good, "Sec-Fetch-Site": "same-site"},
        {**good, "Origin": park.base_url.replace("http://", "file://")},
        {**good, "Origin": f"{park.base_url}.evil.example"},
    ):
        answer = await admin.ask("POST", "/api/meetings", {"title": "x"}, headers=headers)
        assert answer.code == "forbidden", headers
    assert len((await admin.get("/api/meetings")).json["meetings"]) == 1


async def test_every_change_by_a_browser_needs_the_csrf_token_of_its_cookie(park: Park, admin: Browser) -> None:
    own = {"Origin": park.base_url}
    stranger = park.browser()
    await stranger.me()
    for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 40}, {"X-CSRF-Token": stranger.csrf}):
        for endpoint in park.app[ENDPOINTS]:
            if not endpoint.changes_state:
                continue
            path = filled(endpoint.path, park.ready_code)
            await park.forget_rates()
            for browser in (admin, stranger):
                if token.get("X-CSRF-Token") == browser.csrf:
                    continue
                answer = await browser.ask(endpoint.method, path, {}, headers={**own, **token})
                assert answer.code == "forbidden", (endpoint.method, path, answer)


async def test_signing_in_needs_the_token_too_so_nobody_is_signed_in_as_another(park: Park, admin: Browser) -> None:
    victim = park.browser()
    body = {"email": "lin@park.example", "password": PASSWORD}
    for headers in ({"Origin": FOREIGN}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": park.base_url}):
        assert (await victim.ask("POST", "/api/sign-in", body, headers=headers)).code == "forbidden"
    program = await victim.ask("POST", "/api/sign-in", body)  # no cookie, no origin: no browser that could be misled
    assert program.status == 200


async def test_reading_is_safe_and_destroying_needs_its_method(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    for method, path in (
        ("GET", f"/api/meetings/{meeting['id']}/restore"),
        ("GET", "/api/sign-out"),
        ("PUT", "/api/me"),
    ):
        answer = await admin.ask(method, path)
        assert answer.status in (404, 405), (method, path)
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await admin.get("/api/meetings")).status == 200


async def test_only_json_is_read(park: Park, admin: Browser) -> None:
    headers = {"Origin": park.base_url, "X-CSRF-Token": admin.csrf}
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await admin.ask(
            "POST", "/api/meetings", raw=b'{"title":"x"}', headers={**headers, "Content-Type": content_type}
        )
        assert answer.status == 415, content_type


STRANGE_BODIES = [
    (b"", "bad_message"),
    (b"{", "bad_message"),
    (b"[]", "bad_message"),
    (b'"x"', "bad_message"),
    (b"null", "bad_message"),
    (b'{"title":"x","surprise":1}', "bad_message"),
    (b'{"title":1}', "invalid"),
    (b"{}", "invalid"),
    (b'{"title":"\xff"}', "bad_message"),
    (b'{"title":"\\ud800"}', "bad_message"),
    (b"[" * 100_000, "bad_message"),
    (b'{"title":' + b'{"a":' * 50 + b"1" + b"}" * 51, "bad_message"),
    (b'{"title":"' + b"x" * 121 + b'"}', "invalid"),
    (b'{"title":"' + b"x" * 300_000 + b'"}', "too_large"),
]


async def test_strange_bodies_get_a_closed_code(park: Park, admin: Browser) -> None:
    headers = {"Origin": admin.base_url, "X-CSRF-Token": admin.csrf, "Content-Type": "application/json"}
    for raw, code in STRANGE_BODIES:
        await park.forget_rates()
        answer = await admin.ask("POST", "/api/meetings", raw=raw, headers=headers)
        assert answer.code == code, (raw[:60], answer)


def filled(path: str, code: str) -> str:
    """The path with things of the right shape that are not there; only the room is."""
    nothing = {"id": "0" * 26, "code": code, "label": "0" * 10, "key": "key-00001"}
    return re.sub(r"\{(\w+)\}", lambda name: nothing[name[1].rpartition("_")[2]], path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


async def test_no_body_whatever_makes_the_server_fail(park: Park, admin: Browser) -> None:
    """Every endpoint with a body, fields of the right names and values of any shape; in one run of the loop."""
    endpoints = [
        one
        for one in park.app[ENDPOINTS]
        if one.changes_state and "sign-out" not in one.path and one.path != "/api/setup"
    ]
    calls: list[tuple[str, str, object]] = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        endpoint = data.draw(st.sampled_from(endpoints))
        names = list(endpoint.input.__struct_fields__)
        body = data.draw(
            json_values
            | st.fixed_dictionaries({}, optional=dict.fromkeys(names, json_values))
            | st.fixed_dictionaries({name: json_values | st.text(max_size=300) for name in names})
        )
        path = filled(endpoint.path, park.ready_code)
        calls.append((endpoint.method, path, body))

    await asyncio.to_thread(draw)
    for method, path, body in calls:
        answer = await admin.send(method, path, body)
        assert answer.status < 500 or answer.code == "unavailable", (method, path, body, answer)


async def test_a_nul_which_postgresql_cannot_store_is_refused_everywhere(park: Park, admin: Browser) -> None:
    for nul in ("\x00", "a\x00b@c.dd", "\x00" * 26, "0" * 25 + "\x00"):
        await park.forget_rates()
        await refuses_everywhere(park, admin, nul)


async def refuses_everywhere(park: Park, admin: Browser, nul: str) -> None:
    company = (await admin.me())["memberships"][0]["organization"]["id"]
    calls: list[tuple[str, str, object]] = [
        ("POST", "/api/sign-in", {"email": nul, "password": nul}),
        ("POST", "/api/meetings", {"title": nul}),
        ("POST", "/api/organizations", {"name": nul, "kind": "enterprise"}),
        ("POST", "/api/invitations", {"email": nul, "name": nul, "organization_id": nul, "roles": ["member"]}),
        ("POST", "/api/invitations", {"email": "a@b.cc", "name": "n", "organization_id": nul, "roles": ["member"]}),
        ("POST", "/api/invitations/accept", {"token": nul, "password": nul}),
        ("POST", "/api/password-forgotten", {"email": nul}),
        ("POST", "/api/password-reset", {"token": nul, "password": nul}),
        ("POST", f"/api/rooms/{park.ready_code}/guests", {"name": nul}),
        ("POST", f"/api/rooms/{park.ready_code}/tokens", {"publish": True, "name": nul}),
        ("PATCH", "/api/me", {"name": nul}),
        ("GET", f"/api/meetings?before={quote(nul)}", None),
        ("GET", f"/api/organizations/{company}/members?after={quote(nul)}", None),
        ("GET", f"/api/invitations?token={quote(nul)}", None),
        ("GET", f"/api/rooms/{quote(nul)}", None),
    ]
    for method, path, body in calls:
        answer = await admin.send(method, path, body)
        assert 400 <= answer.status < 500 or (answer.status < 300 and "\x00" not in answer.body.decode()), (
            path,
            answer,
        )
    socket = await admin.join(nul)
    assert socket.reply["code"] in ("room_not_found", "bad_message"), socket.reply


async def test_guessing_a_password_is_slowed_for_the_pair_of_account_and_address(park: Park, admin: Browser) -> None:
    browser = park.browser()
    codes = [(await browser.sign_in("lin@park.example", f"guess {number}")).code for number in range(7)]
    assert codes == ["unauthenticated"] * 5 + ["rate_limited"] * 2
    refused = await browser.sign_in("lin@park.example")
    assert refused.code == "rate_limited"  # the right password, too: the limit is looked at first
    assert 0 < refused.json["retry_after_ms"] <= 60_000
    assert int(refused.headers["Retry-After"]) == -(-refused.json["retry_after_ms"] // 1_000)
    assert (await park.browser().sign_in("other@park.example")).code == "unauthenticated"


async def test_an_unknown_account_answers_like_a_known_one(park: Park, admin: Browser) -> None:
    """Same code, same body, and no less work (of all processors; the clock on the wall depends on other work)."""
    company = await park.organization(admin, "Laser Works")
    people = [await park.member(admin, company, f"Person{number}") for number in range(4)]
    known = [one.account["email"] for one in people if one.account]
    unknown = [f"nobody{number}@{company}.example" for number in range(4)]
    browser = park.browser()
    await browser.me()
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    bodies = set()
    for _ in range(3):
        for kind, emails in (("known", known), ("unknown", unknown)):
            for email in emails:
                begin = time.process_time()
                answer = await browser.sign_in(email, "not the password")
                seconds[kind].append(time.process_time() - begin)
                bodies.add(answer.body)
    assert len(bodies) == 1
    assert 0.6 < min(seconds["unknown"]) / min(seconds["known"]) < 1.7


async def served_until_limited(ask: Callable[[int], Awaitable[Answer]]) -> int:
    """How many were answered before the limit.  Buckets fill while we ask, so it can be some more than the burst."""
    for number in range(2_000):
        answer = await ask(number)
        if answer.code == "rate_limited":
            assert answer.json["retry_after_ms"] > 0
            return number
    raise AssertionError("no limit")


async def test_codes_of_rooms_cannot_be_tried_out(park: Park) -> None:
    browser = park.browser()

    async def guess(number: int) -> Answer:
        letters = chr(97 + number % 26) + chr(97 + number // 26 % 26)
        return await browser.get(f"/api/rooms/abc-defg-h{letters}")

    assert (await guess(0)).code == "room_not_found"
    assert await served_until_limited(guess) >= 299


async def test_one_address_cannot_flood_a_meeting_with_guests(park: Park) -> None:
    browser = park.browser()
    await browser.me()

    async def come(_number: int) -> Answer:
        return await browser.post(f"/api/rooms/{park.ready_code}/guests", {"name": "G"})

    assert await served_until_limited(come) >= 120


async def test_a_forwarded_address_is_not_believed_by_default(park: Park, admin: Browser) -> None:
    answer = await admin.ask(
        "GET", "/api/doctor", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    )
    assert answer.json["your_address"] == "127.0.0.1"


async def test_every_answer_carries_the_security_headers(park: Park, admin: Browser) -> None:
    for path in (
        "/",
        "/api/me",
        "/api/docs",
        "/api/openapi.json",
        "/api/nothing",
        "/healthz",
        "/metrics",
        "/m/abc-defg-hij",
    ):
        answer = await admin.get(path)
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["Server"] == "tongxin", path
        if path.startswith("/api/me"):
            assert headers["Cache-Control"] == "no-store"


async def test_cookies_are_secure_behind_https_and_ids_are_never_in_urls(park: Park, admin: Browser) -> None:
    cookie = (await park.browser().get("/api/me")).headers["Set-Cookie"]
    assert "Secure" not in cookie  # plain HTTP on this machine
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_what_is_stored_is_text_and_comes_back_as_text(park: Park, admin: Browser) -> None:
    script = "<script>alert(1)</script>"
    meeting = await admin.meeting(script)
    answer = await admin.get(f"/api/meetings/{meeting['id']}")
    assert answer.json["title"] == script
    assert answer.headers["Content-Type"].startswith("application/json")
    page = await admin.get(f"/m/{meeting['code']}")
    assert script.encode() not in page.body
