"""Health and prevention over the API: from a declaration to the notice that reaches the person, and who saw what."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.api import Browser, Json, Park, eventually
from tests.support.desk import Desk, filed, move, open_desk, type_id

TODAY = str(datetime.now(ZoneInfo("Asia/Shanghai")).date())
HOME = {"region": "湖北省武汉市洪山区", "detail": "关山大道１号光谷软件园A座1201室"}
AWAY = {"region": "武汉市武昌区", "detail": "中北路99号"}
PLACE: Json = {"address": "武汉市洪山区光谷软件园A栋", "level": "high", "source": "CDC", "starts_on": TODAY}


@pytest.fixture
async def desk(park: Park, admin: Browser) -> Desk:
    """The second officer is of the health group."""
    opened = await open_desk(park, admin)
    group = {"key": "health", "name_zh": "健康专员", "name_en": "Health", "account_ids": [opened.second.account_id]}
    assert (await admin.send("PUT", "/api/requests/groups", group)).status == 200
    return opened


async def declared(by: Browser, home: Json = HOME, **more: object) -> Json:
    answers = {"day": TODAY, "home": home, "temperature": 36.5, "symptoms": ["none"], "moved": "no", "contact": "no"}
    return await filed(by, "daily_health", {**answers, **more})


async def place(by: Browser, **changes: object) -> Json:
    answer = await by.post("/api/health/places", {**PLACE, **changes})
    assert answer.status == 201, answer
    return dict(answer.json["place"])


async def people(by: Browser, place_id: str) -> list[Json]:
    answer = await by.get(f"/api/health/places/{place_id}/people?purpose=tracing")
    assert answer.status == 200, answer
    return list(answer.json["people"])


async def test_a_declared_address_falls_into_a_risk_place_and_the_notice_reaches_them(desk: Desk) -> None:
    nurse = desk.second
    card = await declared(desk.requester)
    await declared(desk.colleague, AWAY)
    risk = await place(nurse)
    assert (risk["found"], risk["notified"]) == (1, 0)
    (found,) = await people(nurse, risk["id"])
    assert (found["person"]["name"], found["organization"]["name"]) == ("Zhou", "Laser Works")
    (reason,) = found["reasons"]
    assert (reason["request_number"], reason["origin"], reason["sure"]) == (card["request"]["number"], "home", True)
    assert reason["words"] == ["武汉", "洪山", "光谷软件园", "a"]

    told = (await nurse.post(f"/api/health/places/{risk['id']}/notify", {})).json
    assert told == {"people": 1, "companies": 1, "without_contact": []}
    for browser, kind in ((desk.requester, "health_concern"), (desk.boss, "health_company")):

        async def reached(browser: Browser = browser, kind: str = kind) -> bool:
            notices = (await browser.get("/api/notices?state=unread&locale=en")).json["notices"]
            return [one["path"] for one in notices if one["kind"] == kind] == ["/health/mine"]

        await eventually(reached)
    mine = (await desk.requester.get("/api/health/mine")).json
    assert [(one["place"]["address"], one["state"]) for one in mine["concerns"]] == [(PLACE["address"], "notified")]
    assert {(one["reader"]["name"], one["purpose"]) for one in mine["accesses"]} == {
        ("Liu", "tracing"),
        ("Liu", "notifying"),
    }
    company = (await desk.boss.get("/api/health/mine")).json
    assert [(one["people"], one["cleared"]) for one in company["companies"]] == [(1, 0)]
    assert "Zhou" not in str(company)
    assert (await desk.colleague.get("/api/health/mine")).json["concerns"] == []

    path = f"/api/health/concerns/{found['id']}"
    assert (await nurse.post(f"{path}/moves", {"revision": 0, "action": "contact"})).code == "conflict"
    assert (await nurse.post(f"{path}/moves", {"revision": 1, "action": "clear"})).code == "invalid"  # with a note
    assert (await nurse.post(f"{path}/moves", {"revision": 1, "action": "notify"})).code == "wrong_state"
    for number, action in enumerate(("contact", "test", "clear")):
        step = await nurse.post(f"{path}/moves", {"revision": 1 + number, "action": action, "note": "Negative"})
        assert step.status == 200, step
    shown = (await nurse.get(f"{path}?purpose=follow_up")).json
    assert [one["action"] for one in shown["events"]] == ["notify", "contact", "test", "clear"]
    assert shown["concern"]["actions"] == ["reopen"]
    (listed,) = (await nurse.get("/api/health/places")).json["places"]
    assert (listed["found"], listed["notified"], listed["cleared"]) == (0, 0, 1)


async def test_what_is_declared_after_the_place_is_found_and_corrections_count(desk: Desk) -> None:
    nurse = desk.second
    risk = await place(nurse, address="武汉市武昌区中北路")
    row = {"day": TODAY, "place": "武汉市 武昌区 中北路一百号", "transport": ""}
    await declared(desk.requester, moved="yes", movements=[row])
    (found,) = await people(nurse, risk["id"])
    assert [one["origin"] for one in found["reasons"]] == ["movement"]
    path = f"/api/health/places/{risk['id']}"
    changed = await nurse.send("PATCH", path, {"revision": 1, "address": "武汉市江岸区", "note": "Wrong district"})
    assert (changed.json["place"]["found"], changed.json["place"]["revision"]) == (0, 2)
    assert changed.json["changes"][1]["former"]["address"] == "武汉市武昌区中北路"
    assert (await nurse.send("PATCH", path, {"revision": 1, "level": "low"})).code == "conflict"
    ended = await nurse.send("PATCH", path, {"revision": 2, "ends_on": TODAY})
    assert ended.json["place"]["ends_on"] == TODAY
    early = str(date(2000, 1, 1))
    assert (await nurse.send("PATCH", path, {"revision": 3, "ends_on": early})).code == "invalid"
    assert (await nurse.send("PATCH", path, {"revision": 3, "retract": True, "note": "Twice"})).status == 200
    assert (await nurse.get("/api/health/places")).json["places"] == []
    assert len((await nurse.get("/api/health/places?all=true")).json["places"]) == 1


async def test_only_the_health_group_gets_at_it_and_every_look_is_on_record(park: Park, desk: Desk) -> None:
    nurse = desk.second
    card = await declared(desk.requester)
    risk = await place(nurse)
    (found,) = await people(nurse, risk["id"])
    for who, browser in desk.everybody.items():
        for path in (
            "/api/health/places",
            f"/api/health/places/{risk['id']}",
            f"/api/health/places/{risk['id']}/people?purpose=tracing",
            f"/api/health/concerns/{found['id']}?purpose=tracing",
        ):
            assert (await browser.get(path)).code == "forbidden", (who, path)
        assert (await browser.post(f"/api/health/places/{risk['id']}/notify", {})).code == "forbidden", who
        assert (await browser.post("/api/health/places", PLACE)).code == "forbidden", who
        if browser is not desk.chief:
            assert (await browser.get("/api/health/accesses")).code == "forbidden", who
    assert (await nurse.get(f"/api/health/places/{risk['id']}/people")).code == "invalid"  # no purpose, no names
    request = f"/api/requests/{card['request']['id']}"
    assert (await nurse.get(request)).status == 200
    assert (await desk.requester.get(request)).status == 200  # one's own
    assert (await desk.officer.get(request)).code == "not_found"
    assert (await move(nurse, card["request"]["id"], "take")).status == 200
    type_ = await type_id(nurse, "daily_health")
    assert "软件园" in (await nurse.get(f"/api/requests/export.csv?type_id={type_}")).body.decode()
    logged = (await desk.chief.get(f"/api/health/accesses?person_id={desk.requester.account_id}")).json["accesses"]
    assert [(one["reader"]["name"], one["person"]["name"], one["purpose"]) for one in reversed(logged)] == [
        ("Liu", "Zhou", "tracing"),
        *[("Liu", "Zhou", "declaration")] * 3,  # opened, taken, exported
    ]
