"""The home page over the API: what waits for whom, in how many queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.api import Browser, Park
from tests.support.databases import QueryCount
from tests.support.desk import ACCESS, filed, move, open_desk

QUERIES = 16


async def test_a_fresh_account_sees_an_empty_day(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    fresh = await park.member(admin, company, "Zhou")
    home = (await fresh.get("/api/home")).json
    lists = ("meetings", "acting", "items", "ringing", "missed", "notices", "jobs", "symposiums", "recent")
    assert [home[name] for name in lists] == [[]] * len(lists)
    assert (home["unread"], home["desk"]) == (0, None)


async def test_each_sees_what_waits_for_them(park: Park, admin: Browser) -> None:
    desk = await open_desk(park, admin)
    late = (await filed(desk.requester, "temporary_access", ACCESS))["request"]
    asked = (await filed(desk.requester, "temporary_access", ACCESS))["request"]
    assert (await move(desk.officer, late["id"], "take")).status == 200
    assert (await move(desk.officer, asked["id"], "take")).status == 200
    assert (await move(desk.officer, asked["id"], "ask", note="Which gate?")).status == 200
    assert (await move(desk.officer, late["id"], "offer", to=desk.second.account_id)).status == 200
    soon = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=2)
    event = {
        "title": "Acceptance",
        "starts": soon.strftime("%Y-%m-%dT%H:%M"),
        "zone": "Asia/Shanghai",
        "minutes": 30,
        "invitees": [{"account_id": desk.requester.account_id}],
    }
    await desk.colleague.me()
    made = await desk.colleague.post("/api/schedule/events", event)
    assert made.status == 201, made
    about = {"kind": "request", "id": late["id"]}
    call = (await desk.officer.post("/api/calls", {"about": about, "to": desk.requester.account_id})).json

    requester = (await desk.requester.get("/api/home")).json
    assert [one["id"] for one in requester["acting"]] == [asked["id"]]
    assert {one["id"] for one in requester["recent"]} == {late["id"], asked["id"]}
    assert [(one["title"], one["answer"]) for one in requester["meetings"]] == [("Acceptance", "needs_action")]
    assert [one["id"] for one in requester["ringing"]] == [call["id"]]
    assert requester["unread"] >= 2
    assert requester["desk"] is None

    assert (await desk.officer.post(f"/api/calls/{call['id']}/cancel", {})).status == 200
    requester = (await desk.requester.get("/api/home")).json
    assert requester["ringing"] == []
    assert [(one["from_id"], one["path"]) for one in requester["missed"]] == [
        (desk.officer.account_id, f"/requests/{late['id']}")
    ]
    missed = next(one["id"] for one in requester["notices"] if one["kind"] == "call_missed")
    await desk.requester.post("/api/notices/read", {"ids": [missed]})
    assert (await desk.requester.get("/api/home")).json["missed"] == []

    officer = (await desk.officer.get("/api/home")).json
    assert [one["id"] for one in officer["acting"]] == [late["id"]]
    assert officer["desk"] == {"unowned": 0, "late": 0}
    offered = (await desk.second.get("/api/home")).json["acting"]
    assert [(one["id"], "accept" in one["actions"]) for one in offered] == [(late["id"], True)]
    rival = (await desk.rival.get("/api/home")).json
    assert (rival["acting"], rival["recent"], rival["meetings"], rival["desk"]) == ([], [], [], None)


async def test_it_asks_the_same_number_of_queries_however_much_waits(park: Park, admin: Browser) -> None:
    desk = await open_desk(park, admin)
    queries = QueryCount(park.database)
    counted = []
    for _ in range(2):
        for _ in range(3):
            request = (await filed(desk.requester, "temporary_access", ACCESS))["request"]
            await move(desk.officer, request["id"], "take")
        tries = []
        for _ in range(3):  # what is remembered of a session for some seconds may have to be read again in one of them
            queries.reset()
            assert len((await desk.officer.get("/api/home")).json["acting"]) >= 3
            tries.append(len([one for one in queries.statements if one.startswith("SELECT")]))
        counted.append(min(tries))
    assert max(counted) <= QUERIES, queries.statements
    assert counted[0] == counted[1]
