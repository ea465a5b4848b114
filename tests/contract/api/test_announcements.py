"""An announcement over the API: written with a file, sent out, read on any page, counted, withdrawn."""

from __future__ import annotations

import pytest

from collab.app import DESK
from collab.clock import now_ms
from tests.support.api import Browser, Json, Park, eventually
from tests.support.assist import PDF

ALL: Json = {"scope": "park"}


@pytest.fixture
async def engineer(park: Park, admin: Browser) -> Browser:
    return await park.member(admin, await park.organization(admin, "Laser Works"), "Engineer")


async def drafted(admin: Browser, **more: object) -> Json:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    body = {"organization_id": park_id, "title": "Water", "text": "Off on Monday.", "audience": ALL, **more}
    answer = await admin.post("/api/announcements", body)
    assert answer.status == 201, answer
    return answer.json


async def test_it_is_read_by_whom_it_reached_and_the_publisher_sees_it(
    park: Park, admin: Browser, engineer: Browser
) -> None:
    draft = await drafted(admin)
    path = f"/api/announcements/{draft['id']}"
    reach = (
        await admin.post("/api/announcements/reach", {"organization_id": draft["organization"]["id"], "audience": ALL})
    ).json
    assert reach == {"people": 2, "organizations": 2}
    assert (await admin.send("PUT", f"{path}/files/plan-0001?name=Plan.pdf", raw=PDF)).json["files"][0][
        "name"
    ] == "Plan.pdf"
    assert (await admin.send("PUT", f"{path}/files/plan-0002", raw=b"<html>")).code == "bad_file"
    assert (await engineer.get(path)).code == "not_found"
    published = (await admin.post(f"{path}/publish", {"revision": 1})).json
    assert (published["state"], published["actions"]) == ("published", ["revise", "withdraw", "remind"])
    listed = (await engineer.get("/api/announcements?unread=true")).json
    assert ([one["title"] for one in listed["announcements"]], listed["unread"]) == (["Water"], 1)
    card = (await engineer.get(path)).json
    assert (card["unread"], card["audience"], card["people"], card["actions"]) == (True, None, 0, [])
    file = await engineer.get(card["files"][0]["url"])
    assert file.body == PDF
    assert "''Plan.pdf" in file.headers["Content-Disposition"]
    (notice,) = (await engineer.get("/api/notices?state=unread&locale=en")).json["notices"]
    assert (notice["title"], notice["path"]) == ("Announcement: Water", f"/announcements/{draft['id']}")
    assert (await engineer.post(f"{path}/read", {"version": 1})).json["unread"] is False
    assert (await engineer.get("/api/notices?state=unread")).json["unread"] == 0
    receipts = (await admin.get(f"{path}/receipts?read=true")).json
    assert (receipts["people"], receipts["read"]) == (2, 2)
    assert {one["name"] for one in receipts["readers"]} == {"Lin", "Engineer"}
    assert (await engineer.get(f"{path}/receipts")).code == "forbidden"
    withdrawn = await admin.post(f"{path}/withdraw", {"revision": published["revision"]})
    assert withdrawn.json["text"] == "Off on Monday."
    gone = (await engineer.get(path)).json
    assert (gone["state"], gone["title"], gone["text"], gone["files"]) == ("withdrawn", "", "", [])
    assert (await engineer.get(card["files"][0]["url"])).code == "not_found"


async def test_the_alarm_sends_it_out_at_its_time(park: Park, admin: Browser, engineer: Browser) -> None:
    draft = await drafted(admin)
    path = f"/api/announcements/{draft['id']}"
    at_ms = now_ms() + 400
    assert (await admin.post(f"{path}/publish", {"revision": 1, "at_ms": at_ms})).json["state"] == "scheduled"

    async def is_out() -> bool:
        return (await engineer.get(path)).status == 200

    await eventually(is_out)
    assert (await engineer.get(path)).json["published_at_ms"] >= at_ms
    await park.app[DESK].announcement_clock.work()  # the sweep finds nothing more
    assert (await engineer.get("/api/notices?state=unread")).json["unread"] == 1


async def test_wrong_fields_are_named(admin: Browser) -> None:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    body = {"organization_id": park_id, "title": "\u200b", "audience": ALL}
    answer = await admin.post("/api/announcements", body)
    assert (answer.code, answer.json["fields"]) == ("invalid", {"title": "required"})
    draft = await drafted(admin, text=" ")
    empty = await admin.post(f"/api/announcements/{draft['id']}/publish", {"revision": 1})
    assert empty.json["fields"] == {"text": "required"}
    for wrong in ({"scope": "organizations"}, {"scope": "organizations", "organization_ids": ["0" * 26]}):
        answer = await admin.post("/api/announcements/reach", {"organization_id": park_id, "audience": wrong})
        assert answer.json["fields"] == {"audience": "invalid"}
