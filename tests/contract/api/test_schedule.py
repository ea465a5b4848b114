"""Scheduled meetings over the API, on both databases: made, changed, seen by whom they concern, and by nobody else."""

from __future__ import annotations

import pytest

from tests.support.api import Browser, Json, Park
from tests.support.desk import QUESTION, filed, move

DAY_MS = 86_400_000
MONDAY_MS = 1_795_363_200_000  # 2026-11-23T00:00 in Shanghai, whatever the date of the test


@pytest.fixture
async def company(park: Park, admin: Browser) -> str:
    return await park.organization(admin, "Laser Works")


@pytest.fixture
async def host(park: Park, admin: Browser, company: str) -> Browser:
    return await park.member(admin, company, "Host")


async def made(by: Browser, **wishes: object) -> Json:
    body = {"title": "Weekly", "starts": "2026-11-24T10:00", "zone": "Asia/Shanghai", "minutes": 60, **wishes}
    answer = await by.post("/api/schedule/events", body)
    assert answer.status == 201, answer
    return answer.json


async def calendar(of: Browser, days: int = 35, from_ms: int = MONDAY_MS) -> list[Json]:
    answer = await of.get(f"/api/schedule/occurrences?from_ms={from_ms}&to_ms={from_ms + days * DAY_MS}")
    assert answer.status == 200, answer
    found: list[Json] = answer.json["occurrences"]
    return found


def hours(found: list[Json]) -> list[int]:
    return [(one["starts_at_ms"] - MONDAY_MS) // 3_600_000 for one in found]


async def test_a_weekly_meeting_has_one_room_and_stands_in_both_calendars(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    guest = await park.member(admin, company, "Wang")
    event = await made(host, rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=4", invitees=[{"account_id": guest.account_id}])
    assert event["part"] == "manager"
    assert event["answer"] is None
    assert event["link"].endswith(f"/m/{event['code']}")
    for browser in (host, guest):
        assert hours(await calendar(browser)) == [34, 34 + 168, 34 + 336, 34 + 504]
    assert (await guest.get(f"/api/rooms/{event['code']}")).json["title"] == "Weekly"
    (mine, *_) = await calendar(guest)
    assert (mine["answer"], mine["may_change"], mine["code"]) == ("needs_action", False, event["code"])
    answered = await guest.post(f"/api/schedule/events/{event['id']}/answer", {"answer": "accepted"})
    assert answered.json["answer"] == "accepted"
    await guest.post(f"/api/schedule/events/{event['id']}/answer", {"answer": "declined", "key": mine["key"]})
    assert [one["answer"] for one in await calendar(guest)] == ["declined", "accepted", "accepted", "accepted"]
    (shown,) = (await host.get(f"/api/schedule/events/{event['id']}")).json["invitees"]
    assert (shown["name"], shown["answer"]) == ("Wang", "accepted")

    # the organizer is told of each answer, and not again of what they know
    await guest.post(f"/api/schedule/events/{event['id']}/answer", {"answer": "accepted"})
    notices = (await host.get("/api/notices")).json["notices"]
    assert {one["kind"] for one in notices} == {"meeting_answered"}
    assert {one["title"] for one in notices} == {"Wang 已答复（接受）：Weekly", "Wang 已答复（谢绝）：Weekly"}


async def test_one_occurrence_moves_and_another_goes(host: Browser) -> None:
    event = await made(host, rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=4")
    path = f"/api/schedule/events/{event['id']}"
    moved = await host.send(
        "PATCH",
        path,
        {"sequence": 0, "scope": "one", "key": "20261201T100000", "starts": "2026-12-02T15:30", "minutes": 30},
    )
    assert moved.status == 200, moved
    body = {"sequence": 1, "scope": "one", "key": "20261208T100000"}
    assert (await host.post(f"{path}/cancel", body)).status == 204
    found = await calendar(host)
    assert [one["key"] for one in found] == ["20261124T100000", "20261201T100000", "20261215T100000"]
    assert found[1]["changed"]
    assert found[1]["ends_at_ms"] - found[1]["starts_at_ms"] == 30 * 60_000
    again = await host.post(f"{path}/cancel", {**body, "sequence": 2})
    assert again.code == "invalid"


async def test_this_and_following_are_a_series_of_their_own_in_the_same_room(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    guest = await park.member(admin, company, "Wang")
    event = await made(host, rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=4", invitees=[{"account_id": guest.account_id}])
    answer = await host.send(
        "PATCH",
        f"/api/schedule/events/{event['id']}",
        {
            "sequence": 0,
            "scope": "following",
            "key": "20261208T100000",
            "starts": "2026-12-09T14:00",
            "rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=2",
        },
    )
    assert answer.status == 200, answer
    rest = answer.json
    assert rest["id"] != event["id"]
    assert rest["code"] == event["code"]
    found = await calendar(guest)
    assert [one["event_id"] for one in found] == [event["id"], event["id"], rest["id"], rest["id"]]
    assert hours(found) == [34, 202, 16 * 24 + 14, 23 * 24 + 14]


async def test_who_comes_second_is_told_so(host: Browser) -> None:
    event = await made(host)
    path = f"/api/schedule/events/{event['id']}"
    assert (await host.send("PATCH", path, {"sequence": 0, "title": "First"})).json["sequence"] == 1
    assert (await host.send("PATCH", path, {"sequence": 0, "title": "Second"})).code == "conflict"
    assert (await host.post(f"{path}/cancel", {"sequence": 0})).code == "conflict"
    assert (await host.post(f"{path}/cancel", {"sequence": 1})).status == 204
    assert (await host.send("PATCH", path, {"sequence": 2, "title": "Late"})).code == "wrong_state"
    assert await calendar(host) == []


async def test_a_new_hour_asks_again_and_a_new_title_does_not(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    guest = await park.member(admin, company, "Wang")
    event = await made(host, invitees=[{"account_id": guest.account_id}])
    path = f"/api/schedule/events/{event['id']}"
    await guest.post(f"{path}/answer", {"answer": "accepted"})
    await host.send("PATCH", path, {"sequence": 0, "title": "Budget"})
    assert (await guest.get(path)).json["answer"] == "accepted"
    await host.send("PATCH", path, {"sequence": 1, "starts": "2026-11-24T11:00"})
    assert (await guest.get(path)).json["answer"] == "needs_action"


async def test_an_organization_is_invited_with_whoever_belongs_to_it_now_and_later(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    first = await park.member(admin, company, "First")
    event = await made(host, invitees=[{"organization_id": company}])
    later = await park.member(admin, company, "Later")
    for browser in (first, later):
        assert len(await calendar(browser)) == 1
        path = f"/api/schedule/events/{event['id']}/answer"
        assert (await browser.post(path, {"answer": "tentative"})).status == 200
    shown = (await host.get(f"/api/schedule/events/{event['id']}")).json["invitees"]
    assert [(one["name"], one["named"]) for one in shown] == [("Laser Works", True), ("First", False), ("Later", False)]
    other = await park.organization(admin, "Robots")
    refused = await host.post("/api/schedule/events", {**event_body(), "invitees": [{"organization_id": other}]})
    assert refused.code == "invalid"


def event_body() -> Json:
    return {"title": "Weekly", "starts": "2026-11-24T10:00", "zone": "Asia/Shanghai", "minutes": 60}


async def test_to_others_a_meeting_does_not_exist_and_they_are_asked_about_nothing(
    park: Park, admin: Browser, host: Browser
) -> None:
    stranger = await park.member(admin, await park.organization(admin, "Robots"), "Rival", "administrator")
    event = await made(host, title="Takeover of Robots")
    path = f"/api/schedule/events/{event['id']}"
    missing = f"/api/schedule/events/{'0' * 26}"
    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {"sequence": 0, "title": "Mine"}),
        ("POST", "/cancel", {"sequence": 0}),
        ("POST", "/answer", {"answer": "accepted"}),
    ):
        theirs = await stranger.send(method, path + rest, body)
        nobodys = await stranger.send(method, missing + rest, body)
        assert (theirs.status, theirs.body) == (nobodys.status, nobodys.body) == (404, nobodys.body)
    assert await calendar(stranger) == []
    ask = {"from_ms": MONDAY_MS, "to_ms": MONDAY_MS + DAY_MS}
    asked = await stranger.post("/api/schedule/free-busy", {**ask, "account_ids": [host.account_id]})
    nobody = await stranger.post("/api/schedule/free-busy", {**ask, "account_ids": ["0" * 26]})
    assert (asked.code, asked.body) == ("not_found", nobody.body)
    found = (await stranger.get("/api/schedule/people?q=host")).json
    assert found["people"] == []
    invited = await stranger.post(
        "/api/schedule/events", {**event_body(), "invitees": [{"account_id": host.account_id}]}
    )
    assert invited.code == "invalid"


async def test_an_invitation_by_address_opens_nobodys_diary_until_they_come(
    park: Park, admin: Browser, host: Browser
) -> None:
    stranger = await park.member(admin, await park.organization(admin, "Robots"), "Rival")
    await host.me()
    assert host.account is not None
    event = await made(stranger, invitees=[{"email": host.account["email"], "name": "Somebody"}])
    (shown,) = event["invitees"]
    assert shown["name"] == "Somebody"
    ask = {"account_ids": [host.account_id], "from_ms": MONDAY_MS, "to_ms": MONDAY_MS + DAY_MS}
    assert (await stranger.post("/api/schedule/free-busy", ask)).code == "not_found"
    assert len(await calendar(host)) == 1
    await host.post(f"/api/schedule/events/{event['id']}/answer", {"answer": "accepted"})
    assert (await stranger.post("/api/schedule/free-busy", ask)).status == 200


async def test_colleagues_see_when_one_is_busy_but_not_with_what(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    wang, li = await park.member(admin, company, "Wang"), await park.member(admin, company, "Li")
    first = await made(host, title="Secret", invitees=[{"account_id": wang.account_id}])
    await made(host, title="Next", starts="2026-11-24T11:00", minutes=30)
    ask = {"account_ids": [host.account_id, wang.account_id], "from_ms": MONDAY_MS, "to_ms": MONDAY_MS + 2 * DAY_MS}
    answer = await li.post("/api/schedule/free-busy", ask)
    assert b"Secret" not in answer.body
    busy = [
        [((one["from_ms"] - MONDAY_MS) / 3_600_000, (one["to_ms"] - MONDAY_MS) / 3_600_000) for one in diary["busy"]]
        for diary in answer.json["diaries"]
    ]
    assert busy == [[(34.0, 35.5)], [(34.0, 35.0)]]  # two meetings look like one
    await wang.post(f"/api/schedule/events/{first['id']}/answer", {"answer": "declined"})
    assert (await li.post("/api/schedule/free-busy", ask)).json["diaries"][1]["busy"] == []
    without = await li.post("/api/schedule/free-busy", {**ask, "but": first["id"]})
    assert len(without.json["diaries"][0]["busy"]) == 1


async def test_suggested_times_suit_both_zones(park: Park, admin: Browser, company: str, host: Browser) -> None:
    wang = await park.member(admin, company, "Wang")
    berlin = {"zone": "Europe/Berlin", "from_min": 540, "to_min": 1_020, "days": 31}
    assert (await wang.send("PUT", "/api/schedule/me", berlin)).status == 204
    assert (await wang.get("/api/schedule/me")).json["chosen"]
    far_ms = MONDAY_MS + 10 * 364 * DAY_MS  # a Monday of years to come, whenever the test runs
    ask = {
        "account_ids": [host.account_id, wang.account_id],
        "from_ms": far_ms,
        "to_ms": far_ms + 7 * DAY_MS,
        "zone": "Asia/Shanghai",
        "minutes": 60,
    }
    found = (await host.post("/api/schedule/suggestions", ask)).json["suggestions"]
    assert found[0]["busy"] == found[0]["outside_hours"] == []
    assert (found[0]["starts_at_ms"] - far_ms) // 3_600_000 in (15, 16)  # nine in Berlin


HOSTILE: list[tuple[str, object]] = [
    ("rrule", "FREQ=SECONDLY"),
    ("rrule", "FREQ=DAILY;COUNT=1000000"),
    ("rrule", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    ("rrule", "FREQ=DAILY;" * 1_000),
    ("rrule", "FREQ=DAILY\r\nATTENDEE:mailto:a@b.cc"),
    ("zone", "../../etc/passwd"),
    ("zone", "Mars/Base"),
    ("starts", "2026-02-30T10:00"),
    ("starts", "9999-12-31T23:59"),
    ("minutes", 1_000_000),
    ("title", "\r\n"),
    ("invitees", [{"email": f"a{number}@b.cc"} for number in range(1_001)]),
    ("invitees", [{"email": "a@b.cc\r\nBcc: all@b.cc"}]),
    ("invitees", [{"account_id": "0" * 26}]),
    ("invitees", [{"account_id": "0" * 26, "email": "a@b.cc"}]),
    ("invitees", [{}]),
]


async def test_hostile_wishes_are_refused(host: Browser) -> None:
    for field, value in HOSTILE:
        answer = await host.post("/api/schedule/events", {**event_body(), field: value})
        assert answer.status == 422, (field, value, answer)
        assert field in answer.json["fields"], (field, value, answer)


async def test_ten_thousand_invitees_and_floods_of_addresses_are_refused(host: Browser) -> None:
    many = [{"email": f"a{number}@b.cc"} for number in range(10_000)]
    assert (await host.post("/api/schedule/events", {**event_body(), "invitees": many})).status in (400, 413, 422)
    some = [{"email": f"a{number}@b.cc"} for number in range(201)]
    assert (await host.post("/api/schedule/events", {**event_body(), "invitees": some})).code == "too_many"


async def test_windows_have_a_bound(host: Browser) -> None:
    await made(host, rrule="FREQ=DAILY")
    path = "/api/schedule/occurrences?from_ms={}&to_ms={}"
    assert (await host.get(path.format(MONDAY_MS, MONDAY_MS + 101 * DAY_MS))).code == "invalid"
    assert (await host.get(path.format(MONDAY_MS, MONDAY_MS))).code == "invalid"
    assert len(await calendar(host, days=100)) == 99


async def test_who_is_taken_off_the_list_sees_it_no_more(
    park: Park, admin: Browser, company: str, host: Browser
) -> None:
    wang, li = await park.member(admin, company, "Wang"), await park.member(admin, company, "Li")
    people = [{"account_id": wang.account_id}, {"account_id": li.account_id}]
    event = await made(host, invitees=people)
    path = f"/api/schedule/events/{event['id']}"
    await host.send("PATCH", path, {"sequence": 0, "invitees": people[1:]})
    assert (await wang.get(path)).code == "not_found"
    assert await calendar(wang) == []
    assert len(await calendar(li)) == 1
    await host.send("PATCH", path, {"sequence": 1, "invitees": people})
    assert len(await calendar(wang)) == 1


async def test_requester_and_owner_of_a_request_may_arrange_a_call(park: Park, admin: Browser) -> None:
    company = await park.member(admin, await park.organization(admin, "Laser Works"), "Zhou")
    await company.me()
    await admin.me()
    request = (await filed(company, "policy_question", QUESTION))["request"]
    ask = {"account_ids": [company.account_id], "from_ms": MONDAY_MS, "to_ms": MONDAY_MS + DAY_MS}
    assert (await admin.post("/api/schedule/free-busy", ask)).code == "not_found"
    await move(admin, request["id"], "take")
    assert (await admin.post("/api/schedule/free-busy", ask)).status == 200
    back = {**ask, "account_ids": [admin.account_id]}
    assert (await company.post("/api/schedule/free-busy", back)).status == 200
    event = await made(admin, title="About your question", invitees=[{"account_id": company.account_id}])
    assert [one["title"] for one in await calendar(company)] == [event["title"]]
