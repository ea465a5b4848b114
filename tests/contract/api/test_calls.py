"""Call now: it rings on every page, one answer counts, a room opens, and what came of it is on the thing's record."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest
from sqlalchemy import select

from collab.app import DESK
from collab.calls.service import RINGS_MS
from collab.clock import new_id, now_ms
from collab.meetings.models import MeetingRow
from collab.recordings.models import RecordingRow, RecordingState
from tests.support.api import Browser, Json, Park, Socket
from tests.support.waiting import until_true


@pytest.fixture
async def officer(park: Park, admin: Browser) -> Browser:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    return await park.member(admin, park_id, "Officer", "officer")


@pytest.fixture
async def engineer(park: Park, admin: Browser) -> Browser:
    return await park.member(admin, await park.organization(admin, "Laser Works"), "Engineer")


async def page_of(browser: Browser) -> Socket:
    socket = Socket(await browser.session.ws_connect(f"{browser.base_url}/ws", headers={"Origin": browser.base_url}))
    await socket.say({"type": "hello", "id": 1, "protocol": 1, "token": ""})
    await socket.until("welcome")
    return socket


async def ring(caller: Browser, callee: Browser) -> Json:
    about = {"kind": "account", "id": callee.account_id}
    answer = await caller.post("/api/calls", {"about": about, "to": callee.account_id})
    assert answer.status == 201, answer
    return answer.json


async def record(by: Browser, about: str) -> list[Json]:
    calls: list[Json] = (await by.get(f"/api/calls?kind=account&id={about}")).json["calls"]
    return calls


async def test_it_rings_on_every_page_and_the_first_answer_counts(
    park: Park, admin: Browser, officer: Browser, engineer: Browser
) -> None:
    pages = [await page_of(officer) for _ in range(2)]
    mine = await page_of(engineer)
    call = await ring(engineer, officer)
    for page in pages:
        rung = await page.until("ring")
        assert (rung["call_id"], rung["from_name"]) == (call["id"], "Engineer")
    assert (await officer.get("/api/calls/ringing")).json["calls"][0]["id"] == call["id"]
    path = f"/api/calls/{call['id']}/answer"
    answers = await asyncio.gather(*(officer.post(path, {"accept": True}) for _ in range(2)))
    assert sorted(answer.code for answer in answers) == ["", "wrong_state"]
    for page in (*pages, mine):
        assert (await page.until("ring_over"))["end"] == "accepted"
        await page.close()
    code = (await engineer.get(f"/api/calls/{call['id']}")).json["code"]
    joined = await officer.join(code)
    assert joined.reply["type"] == "joined"
    await joined.ask("send_chat", text="=1+1\nand more", nonce="n-1")
    await joined.ask("leave")
    await joined.close()

    async def attended() -> bool:
        (kept,) = await record(engineer, officer.account_id)
        return [one["name"] for one in kept["attendees"]] == ["Officer"]

    await until_true(attended)
    path = f"/api/calls/{call['id']}/note"
    written = (await engineer.send("PUT", path, {"revision": 0, "text": "Agreed:\nMonday at nine"})).json
    assert (written["note"]["text"], written["note"]["by"]) == ("Agreed:\nMonday at nine", "Engineer")
    assert (await officer.send("PUT", path, {"revision": 0, "text": "x"})).code == "conflict"
    assert (await officer.send("PUT", path, {"revision": 1, "text": "Tuesday"})).json["note"]["revision"] == 2
    (kept,) = await record(engineer, officer.account_id)
    assert (kept["note"]["text"], kept["may_write"], kept["recordings"]) == ("Tuesday", True, [])
    at_ms = now_ms()
    recording = {"title": "Talk", "state": RecordingState.READY, "started_by": None, "started_at_ms": at_ms}
    async with park.database.write() as session:
        meeting_id = await session.scalar(select(MeetingRow.id).where(MeetingRow.code == code))
        session.add(RecordingRow(id=new_id(at_ms), meeting_id=meeting_id, film_ms=60_000, **recording))
    (kept,) = await record(engineer, officer.account_id)
    assert [(one["state"], one["film_ms"], one["may_watch"]) for one in kept["recordings"]] == [("ready", 60_000, True)]
    assert (await officer.get("/api/notices?state=unread")).json["unread"] == 0

    # and what was written can be saved, by who may see what was kept of the room
    await until_true(lambda: chat_is_kept(engineer, officer))
    chat = f"/api/calls/{call['id']}/chat"
    table = (await engineer.get(f"{chat}?form=csv&language=en&zone=UTC")).body.decode("utf-8-sig")
    ((*head,), (_, *said)) = csv.reader(io.StringIO(table, newline=""))
    assert (head, said) == (["Time", "Name", "Message"], ["Officer", "'=1+1\nand more"])
    kept_text = await officer.get(f"{chat}?language=zh")
    assert kept_text.body.decode("utf-8-sig").endswith("Officer: =1+1\r\n    and more\r\n")
    assert "attachment" in kept_text.headers["Content-Disposition"]
    assert (await officer.get(f"{chat}?zone=Mars/Olympus")).code == "invalid"
    other = await park.member(admin, await park.organization(admin, "Robots"), "Other")
    assert (await other.get(chat)).code == "not_found"


async def chat_is_kept(by: Browser, callee: Browser) -> bool:
    (kept,) = await record(by, callee.account_id)
    return bool(kept["messages"] == 1)


async def test_a_declined_call_is_over_and_another_may_follow(officer: Browser, engineer: Browser) -> None:
    call = await ring(engineer, officer)
    assert (await engineer.post(f"/api/calls/{call['id']}/answer", {"accept": True})).code == "forbidden"
    again = {"about": {"kind": "account", "id": officer.account_id}, "to": officer.account_id}
    assert (await engineer.post("/api/calls", again)).code == "conflict"
    declined = (await officer.post(f"/api/calls/{call['id']}/answer", {"accept": False})).json
    assert (declined["state"], declined["code"]) == ("declined", "")
    await ring(engineer, officer)


async def test_a_call_that_nobody_answers_is_missed_by_the_clock(
    park: Park, officer: Browser, engineer: Browser
) -> None:
    page = await page_of(officer)
    await ring(engineer, officer)
    desk = park.app[DESK]
    await desk.call_clock.expire(now_ms() + RINGS_MS)
    assert (await page.until("ring_over"))["end"] == "missed"
    assert (await page.until("inbox"))["unread"] >= 1
    await page.close()
    (notice,) = (await officer.get("/api/notices?state=unread&locale=en")).json["notices"]
    assert notice["title"] == "Missed call from Engineer"
    await desk.call_clock.expire(now_ms() + RINGS_MS)
    assert len(await record(officer, officer.account_id)) == 1


async def test_hanging_up_leaves_a_missed_call(officer: Browser, engineer: Browser) -> None:
    call = await ring(engineer, officer)
    assert (await officer.post(f"/api/calls/{call['id']}/cancel")).code == "forbidden"
    assert (await engineer.post(f"/api/calls/{call['id']}/cancel")).json["state"] == "cancelled"
    assert (await engineer.post(f"/api/calls/{call['id']}/cancel")).code == "wrong_state"
    kinds = [one["kind"] for one in (await officer.get("/api/notices?state=unread")).json["notices"]]
    assert kinds == ["call_missed"]


async def test_nobody_calls_into_another_company_or_sees_its_calls(
    park: Park, admin: Browser, officer: Browser, engineer: Browser
) -> None:
    stranger = await park.member(admin, await park.organization(admin, "Robots"), "Stranger")
    about = {"kind": "account", "id": engineer.account_id}
    assert (await stranger.post("/api/calls", {"about": about, "to": engineer.account_id})).code == "not_found"
    call = await ring(engineer, officer)
    assert (await stranger.get(f"/api/calls/{call['id']}")).code == "not_found"
    assert (await stranger.post(f"/api/calls/{call['id']}/answer", {"accept": True})).code == "not_found"
    unknown = {"about": {"kind": "nothing", "id": "1"}, "to": officer.account_id}
    assert (await engineer.post("/api/calls", unknown)).code == "not_found"


async def test_people_to_call_are_colleagues_and_the_parks_staff(
    park: Park, admin: Browser, officer: Browser, engineer: Browser
) -> None:
    rival = await park.member(admin, await park.organization(admin, "Robots"), "Rival")

    async def names(browser: Browser, text: str = "") -> list[str]:
        return [one["name"] for one in (await browser.get(f"/api/calls/people?q={text}")).json["people"]]

    assert await names(engineer) == ["Lin", "Officer"]
    assert await names(engineer, "rival") == []
    assert await names(engineer, "%25") == []
    assert set(await names(officer)) == {"Lin", "Engineer", "Rival"}
    assert await names(officer, "laser") == ["Engineer"]
    assert (await names(rival, "off")) == ["Officer"]


async def test_people_of_a_scheduled_meeting_can_call_each_other_about_it(
    park: Park, admin: Browser, officer: Browser, engineer: Browser
) -> None:
    rival = await park.member(admin, await park.organization(admin, "Robots"), "Rival")
    event = {"title": "Acceptance", "starts": "2190-01-02T10:00", "zone": "Asia/Shanghai", "minutes": 30}
    invitees = [{"email": one["email"]} for one in (engineer.account, rival.account) if one is not None]
    made = await officer.post("/api/schedule/events", {**event, "invitees": invitees})
    assert made.status == 201, made
    about = f"kind=event&id={made.json['id']}"
    found = (await engineer.get(f"/api/calls/people?{about}")).json["people"]
    assert {one["name"] for one in found} == {"Officer", "Rival"}
    call = {"about": {"kind": "event", "id": made.json["id"]}, "to": rival.account_id}
    assert (await engineer.post("/api/calls", call)).status == 201
    stranger = await park.member(admin, await park.organization(admin, "Optics"), "Stranger")
    assert (await stranger.get(f"/api/calls/people?{about}")).code == "not_found"
    assert (await stranger.post("/api/calls", call)).code == "not_found"


async def test_of_a_persons_calls_everybody_sees_their_own_only(
    park: Park, admin: Browser, officer: Browser, engineer: Browser
) -> None:
    colleague = await park.member(admin, (await engineer.me())["memberships"][0]["organization"]["id"], "Colleague")
    call = await ring(engineer, officer)
    assert (await engineer.post(f"/api/calls/{call['id']}/cancel")).status == 200
    assert len(await record(engineer, officer.account_id)) == 1
    assert await record(colleague, officer.account_id) == []
    assert await record(admin, officer.account_id) == []
    note = {"revision": 0, "text": "x"}
    assert (await colleague.send("PUT", f"/api/calls/{call['id']}/note", note)).code == "not_found"
