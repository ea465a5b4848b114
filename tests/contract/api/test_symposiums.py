"""A symposium over the API, and who is told in its room."""

from __future__ import annotations

from collab.app import DESK
from tests.support.api import Browser, Json, Park
from tests.support.desk import open_desk

ISSUE: Json = {"title": "No loading dock", "area": "logistics", "problem": "Lorries wait.", "wish": "A second dock."}
SYMPOSIUM: Json = {"title": "December", "starts_at_ms": 4_102_444_800_000, "collects_until_ms": 4_102_441_200_000}


async def test_from_collection_to_a_request_whose_room_follows(park: Park, admin: Browser) -> None:
    desk = await open_desk(park, admin)
    card = (await desk.officer.post("/api/symposiums", SYMPOSIUM)).json
    path = f"/api/symposiums/{card['symposium']['id']}"
    assert (card["leads"], card["actions"]) == (True, ["begin", "cancel"])
    await park.app[DESK].work()
    notices = (await desk.boss.get("/api/notices")).json["notices"]
    assert [one["path"] for one in notices] == [path.removeprefix("/api")]

    (ahead,) = (await desk.boss.get("/api/home")).json["symposiums"]
    assert (ahead["title"], ahead["state"]) == ("December", "collecting")

    raised = (await desk.requester.post(f"{path}/issues", ISSUE)).json
    (issue,) = raised["issues"]
    assert (issue["votes"], issue["voted"], issue["may_withdraw"]) == (1, True, True)
    assert [one["id"] for one in raised["raises_for"]] == [desk.company]
    backed = (await desk.rival.send("PUT", f"{path}/issues/{issue['id']}/vote", {"up": True})).json
    assert (backed["issues"][0]["votes"], backed["issues"][0]["name"]) == (2, "")

    revision = raised["symposium"]["revision"]
    agenda = {"revision": revision, "issue_ids": [issue["id"]]}
    assert (await desk.officer.send("PUT", f"{path}/agenda", agenda)).json["issues"][0]["position"] == 1
    live = (await desk.officer.post(f"{path}/moves", {"action": "begin"})).json["symposium"]
    room = (await desk.rival.get(f"/api/rooms/{live['room']}")).json
    assert (room["symposium_id"], room["guests_allowed"], room["lobby_enabled"]) == (live["id"], False, False)
    assert (await park.browser().get(f"/api/rooms/{live['room']}")).json["symposium_id"] == ""

    seated = await desk.rival.join(live["room"])
    shown = {"revision": live["revision"], "issue_id": issue["id"], "speaker": "Sun"}
    assert (await desk.officer.send("PUT", f"{path}/current", shown)).status == 200
    told = await seated.until_event("record_changed")
    assert (told["kind"], told["record_id"]) == ("symposium", live["id"])
    assert (await desk.officer.send("PUT", f"{path}/current", shown)).code == "conflict"

    decided = {"decision": "Build it.", "owner_id": desk.officer.account_id, "due_on": "2999-12-31"}
    await desk.officer.send("PUT", f"{path}/issues/{issue['id']}/decision", decided)
    closed = await desk.officer.post(f"{path}/moves", {"action": "close"})
    assert (closed.json["symposium"]["state"], closed.json["actions"]) == ("closed", [])


async def test_what_an_issue_may_hold_is_bounded(park: Park, admin: Browser) -> None:
    desk = await open_desk(park, admin)
    path = f"/api/symposiums/{(await desk.officer.post('/api/symposiums', SYMPOSIUM)).json['symposium']['id']}"
    for wrong in ({"title": " "}, {"title": "x" * 121}, {"area": "weather"}, {"problem": "x" * 3_001}, {"more": 1}):
        assert (await desk.boss.post(f"{path}/issues", {**ISSUE, **wrong})).code in ("invalid", "bad_message")
    assert (await desk.boss.post(f"{path}/issues", {**ISSUE, "organization_id": "0" * 26})).code == "invalid"
    late = {**SYMPOSIUM, "collects_until_ms": SYMPOSIUM["starts_at_ms"] + 1}
    assert (await desk.officer.post("/api/symposiums", late)).json["fields"] == {"collects_until_ms": "invalid"}
