"""Every endpoint of the table, asked by everybody: nobody gets further than the table and the owner of the thing allow.

The expected outcome of each row is written down by hand (tests/contract/access); one that is added to the API without a
row fails.
"""

from __future__ import annotations

import pytest

from collab.app import ENDPOINTS
from tests.contract.access import assistance, desk, live, people
from tests.contract.access.cast import Cast, brought, make_cast
from tests.contract.access.refusals import refusal
from tests.support.access import Who, stands_as
from tests.support.api import Browser, Park

ROWS = {**people.ROWS, **assistance.ROWS, **desk.ROWS, **live.ROWS}
# What takes away what others stand on.
LAST = {
    ("POST", "/api/announcements/{id}/withdraw"): 1,
    ("DELETE", "/api/livestreams/{id}"): 1,
    ("DELETE", "/api/webhooks/{id}"): 1,
    ("DELETE", "/api/assist/documents/{key}"): 1,
    ("POST", "/api/sign-out"): 2,
}


@pytest.fixture
async def cast(park: Park, admin: Browser) -> Cast:
    return await make_cast(park, admin)


@pytest.mark.timeout(480)  # some thousand requests
async def test_every_endpoint_lets_in_whom_it_should_and_nobody_else(park: Park, cast: Cast) -> None:
    table = {(endpoint.method, endpoint.path) for endpoint in park.app[ENDPOINTS]}
    assert table == set(ROWS)
    wrong = []
    for (method, path), (allowed, body) in sorted(ROWS.items(), key=lambda row: LAST.get(row[0], 0)):
        if path == "/api/sign-out-everywhere":
            continue
        await park.forget_rates()
        for who in Who:
            if who is Who.COLLEAGUE and path.endswith("/nameplate"):  # seconds of reading: the host's and boss's do
                continue
            answer = await cast.ask(who, method, path, body)
            as_whom, expected = stands_as(who, method, path)
            if expected is None:
                expected = "" if as_whom in allowed else refusal(as_whom, method, path)
            if answer.code != expected and not (expected == "" and answer.status < 300):
                wrong.append(f"{who} {method} {path}: {answer}, expected {expected or 'success'}")
            if path == "/api/assist/documents/{key}" and answer.status == 204:
                await brought(cast.browsers[Who.HOST], cast.assistance["id"])
            if (method, path) == ("DELETE", "/api/meetings/{id}") and answer.status == 204:
                await cast.browsers[Who.PARK].post(f"/api/meetings/{cast.meeting_id}/restore")
    assert wrong == []


async def test_nobody_touches_what_is_not_theirs_by_naming_it(park: Park, cast: Cast) -> None:
    """The rival administers an organization, but not this one; ids and codes of others open nothing."""
    rival, host = cast.browsers[Who.RIVAL], cast.browsers[Who.HOST]
    path = f"/api/organizations/{cast.company}/members/{host.account_id}"
    assert (await rival.send("PUT", path, {"roles": []})).code == "forbidden"
    unknown = "0" * 26
    assert (await rival.get(f"/api/meetings/{unknown}")).code == "not_found"
    assert (await cast.browsers[Who.PARK].get(f"/api/organizations/{unknown}/members")).code == "not_found"
    assert (await rival.get(f"/api/organizations/{unknown}/members")).code == "forbidden"
    assert len((await host.me())["memberships"]) == 1


async def test_whoever_lost_an_office_lost_its_rights(park: Park, admin: Browser, cast: Cast) -> None:
    boss = cast.browsers[Who.BOSS]
    members = f"/api/organizations/{cast.company}/members"
    assert (await boss.get(members)).status == 200
    await admin.send("PUT", f"{members}/{boss.account_id}", {"roles": ["member"]})
    assert (await boss.get(members)).code == "forbidden"
    assert (await boss.get(f"/api/meetings/{cast.meeting_id}")).code == "forbidden"


async def test_the_park_keeps_its_last_administrator(admin: Browser) -> None:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    answer = await admin.send("PUT", f"/api/organizations/{park_id}/members/{admin.account_id}", {"roles": ["member"]})
    assert answer.code == "conflict"
