"""Livestreams from the draft to the replay: who plans, registers, watches, and what others never see of it."""

from __future__ import annotations

import email.message
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from urllib.parse import unquote

import pytest
from icalendar import Calendar

from collab.app import DESK, LIVESTREAMS
from collab.meetings.repository import MeetingRepository
from tests.support.api import Browser, Json, Park, eventually
from tests.support.livestream import VTT, livestream, watch
from tests.support.recordings import FILM, recorded

SHANGHAI = timezone(timedelta(hours=8))
FIELDS = [
    {"key": "company", "label": "Company", "required": True},
    {"key": "meal", "label": "Meal", "kind": "choice", "options": ["Rice", "Noodles"]},
]


def letters(park: Park, to: str) -> list[email.message.EmailMessage]:
    found = []
    for path in sorted((park.data_folder / "outbox").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if to in str(message["To"]):
            found.append(message)
    return found


def email_of(browser: Browser) -> str:
    assert browser.account is not None
    return str(browser.account["email"])


def plain(message: email.message.EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def calendars(message: email.message.EmailMessage) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            yield str(part.get_content())


async def letter(park: Park, to: str, subject: str) -> email.message.EmailMessage:
    async def came() -> bool:
        return any(subject in str(one["Subject"]) for one in letters(park, to))

    await eventually(came)
    return next(one for one in letters(park, to) if subject in str(one["Subject"]))


def token_in(message: email.message.EmailMessage) -> str:
    return unquote(plain(message).partition("#registration=")[2].split()[0])


@pytest.fixture
async def company(park: Park, admin: Browser) -> str:
    return await park.organization(admin, "Laser Works")


@pytest.fixture
async def host(park: Park, admin: Browser, company: str) -> Browser:
    return await park.member(admin, company, "Host")


async def test_a_draft_is_nobodys_business_until_it_is_announced(park: Park, admin: Browser, host: Browser) -> None:
    other = await park.organization(admin, "Robots")
    member, stranger = await park.member(admin, other, "Member"), park.browser()
    draft = await livestream(host, act="")
    one = f"/api/livestreams/{draft['id']}"
    assert draft["state"] == "draft"
    assert (await stranger.get(f"{one}/watch")).code == "not_found"
    assert (await member.get("/api/livestreams")).json["livestreams"] == []
    assert (await watch(host, draft["id"]))["you"]["role"] == "host"
    announced = (await host.post(f"{one}/acts", {"action": "schedule"})).json
    assert announced["state"] == "scheduled"
    assert [each["id"] for each in (await member.get("/api/livestreams")).json["livestreams"]] == [draft["id"]]
    seen = await watch(stranger, draft["id"])
    assert (seen["needs"], seen["phase"], seen["whep"], seen["replay"]) == ("", "scheduled", None, None)
    assert (await watch(stranger, draft["id"]))["you"]["id"] == seen["you"]["id"]  # the same browser is the same
    assert (await member.get(one)).code == "not_found"
    assert (await host.post(f"{one}/acts", {"action": "publish_replay"})).code == "wrong_state"
    assert (await host.post(f"{one}/people", {})).status == 405


async def test_tiers_and_groups_decide_who_watches_and_in_which_chat(
    park: Park, admin: Browser, host: Browser, company: str
) -> None:
    other = await park.organization(admin, "Robots")
    colleague, member = await park.member(admin, company, "Colleague"), await park.member(admin, other, "Member")
    rival, stranger = await park.member(admin, other, "Rival"), park.browser()
    one = await livestream(host, tier="named")
    path = f"/api/livestreams/{one['id']}"
    assert (await watch(stranger, one["id"]))["needs"] == "sign_in"
    refused = await watch(member, one["id"])
    assert (refused["needs"], refused["title"], refused["token"], refused["starts_at_ms"]) == ("invitation", "", "", 0)
    groups = [
        {"kind": "organization", "name": "Works", "organization_id": company},
        {"kind": "list", "name": "Course", "emails": [email_of(member).upper()], "own_chat": True},
        {"kind": "link", "name": "Press", "own_chat": True},
    ]
    changed = (await host.send("PUT", f"{path}/groups", {"groups": groups})).json
    assert (await watch(colleague, one["id"]))["you"]["group"] == "Works"
    assert (await watch(member, one["id"]))["you"]["group"] == "Course"
    assert (await watch(rival, one["id"]))["needs"] == "invitation"
    link = changed["groups"][2]["link"].partition("?link=")[2]
    assert (await watch(stranger, one["id"], f"?link={link}&name=Li"))["you"]["name"] == "Li"
    assert (await watch(stranger, one["id"], "?link=wrong"))["needs"] == "sign_in"
    assert [each["id"] for each in (await member.get("/api/livestreams")).json["livestreams"]] == [one["id"]]
    assert (await rival.get("/api/livestreams")).json["livestreams"] == []
    kept = [{key: each[key] for key in ("id", "kind", "name", "own_chat")} for each in changed["groups"][2:]]
    changed = (await host.send("PUT", f"{path}/groups", {"groups": kept})).json
    assert changed["groups"][0]["link"].endswith(link)  # a group that stays keeps its link
    assert (await watch(member, one["id"]))["needs"] == "invitation"
    for bad in (
        {"kind": "organization", "name": "x"},
        {"kind": "organization", "name": "x", "organization_id": "0" * 26},
        {"kind": "list", "name": "x", "emails": ["nobody"]},
        {"id": "0" * 26, "kind": "list", "name": "x"},
    ):
        assert (await host.send("PUT", f"{path}/groups", {"groups": [bad]})).code in ("invalid", "not_found"), bad


async def test_a_seat_is_registered_approved_waited_for_and_given_back(park: Park, host: Browser) -> None:
    wanted = {"enabled": True, "capacity": 1, "fields": FIELDS}
    one = await livestream(host, registration=wanted)
    path = f"/api/livestreams/{one['id']}"
    first, second = park.browser(), park.browser()
    seen = await watch(first, one["id"])
    assert (seen["needs"], [field["key"] for field in seen["fields"]]) == ("registration", ["company", "meal"])
    wish: Json = {"name": "Li", "email": "Li@x.example", "locale": "en", "answers": {"company": "Han"}}
    for wrong in ({}, {"company": "Han", "meal": "Soup"}, {"company": "Han", "other": "x"}):
        assert (await first.post(f"{path}/registrations", {**wish, "answers": wrong})).code == "invalid"
    assert (await first.post(f"{path}/registrations", {**wish, "email": "nobody"})).code == "invalid"
    assert (await first.post(f"{path}/registrations", wish)).json["state"] == "confirmed"
    other = {**wish, "name": "Wang", "email": "wang@x.example"}
    assert (await second.post(f"{path}/registrations", other)).json["state"] == "waiting"
    mail = await letter(park, "li@x.example", "You are registered")
    (calendar,) = {text for text in calendars(mail) if "METHOD:REQUEST" in text}
    (event,) = Calendar.from_ical(calendar).events
    assert str(event["SUMMARY"]) == "Open day"
    assert int(event["DTSTART"].to_ical()[9:11]) == datetime.fromtimestamp(one["starts_at_ms"] / 1_000, SHANGHAI).hour
    token = token_in(mail)
    seen = await watch(first, one["id"], f"?registration={token}")
    assert (seen["needs"], seen["you"]["name"]) == ("", "Li")
    waiting = token_in(await letter(park, "wang@x.example", "waiting list"))
    assert (await watch(second, one["id"], f"?registration={waiting}"))["needs"] == "seat"
    changed_inside = token[:30] + ("A" if token[30] != "A" else "B") + token[31:]
    for forged in (changed_inside, "0" * 26 + token[26:], "x"):
        assert (await watch(second, one["id"], f"?registration={forged}"))["needs"] == "registration"
    another = await livestream(host, registration=wanted)
    assert (await watch(second, another["id"], f"?registration={token}"))["needs"] == "registration"

    moved = one["starts_at_ms"] + 86_400_000
    changed = await host.send("PATCH", path, {"version": one["version"], "starts_at_ms": moved})
    assert changed.status == 200, changed
    await letter(park, "li@x.example", "Changed")
    assert (await host.send("PATCH", path, {"version": one["version"], "minutes": 30})).code == "conflict"

    assert (await first.post(f"{path}/registrations/cancel", {"token": token})).json["state"] == "cancelled"
    await letter(park, "wang@x.example", "You are registered")
    assert any("METHOD:CANCEL" in text for text in calendars(await letter(park, "li@x.example", "cancelled")))
    assert (await watch(second, one["id"], f"?registration={waiting}"))["needs"] == ""
    listed = (await host.get(f"{path}/registrations")).json
    assert listed["counts"] == {"cancelled": 1, "confirmed": 1}
    assert (await host.get(f"{path}/registrations?search=wang&state=confirmed")).json["registrations"][0][
        "answers"
    ] == {"company": "Han"}
    assert (await host.send("DELETE", path)).status == 204
    await letter(park, "wang@x.example", "Called off")
    assert (await second.get(f"{path}/watch")).code == "not_found"


async def test_whom_the_hosts_approve_is_reminded_once(park: Park, host: Browser) -> None:
    one = await livestream(host, registration={"enabled": True, "approval": True, "remind_before_min": 120})
    path = f"/api/livestreams/{one['id']}"
    stranger = park.browser()
    wish = {"name": "Li", "email": "li@x.example", "locale": "en"}
    assert (await stranger.post(f"{path}/registrations", wish)).json["state"] == "pending"
    token = token_in(await letter(park, "li@x.example", "looked at"))
    assert (await watch(stranger, one["id"], f"?registration={token}"))["needs"] == "approval"
    (asked,) = (await host.get(f"{path}/registrations?state=pending")).json["registrations"]
    assert (await host.post(f"{path}/registrations/{asked['id']}", {"confirm": True})).json["state"] == "confirmed"
    assert (await watch(stranger, one["id"], f"?registration={token}"))["needs"] == ""
    for _ in range(2):
        await park.app[DESK].livestreams.remind()
        await park.app[DESK].work()
    await letter(park, "li@x.example", "Begins soon")
    assert sum("Begins soon" in str(mail["Subject"]) for mail in letters(park, "li@x.example")) == 1
    assert (await host.post(f"{path}/registrations/{asked['id']}", {"confirm": False})).json["state"] == "declined"
    assert (await watch(stranger, one["id"], f"?registration={token}"))["needs"] == "invitation"


async def test_the_stage_leads_the_life_and_its_film_becomes_the_replay(park: Park, host: Browser) -> None:
    one = await livestream(host)
    path, life = f"/api/livestreams/{one['id']}", park.app[LIVESTREAMS]
    stranger = park.browser()
    ticket = (await host.post(f"{path}/stage-ticket", {})).json
    assert (ticket["code"], ticket["token"], ticket["role"]) == (one["room_code"], "", "host")
    await life.moved(one["id"], "rehearsal")
    assert (await watch(stranger, one["id"]))["whep"] is None
    assert (await host.send("DELETE", path)).code == "wrong_state"
    for _ in range(2):
        await life.moved(one["id"], "live")
    seen = await watch(stranger, one["id"])
    assert (seen["phase"], bool(seen["whep"]), seen["live_at_ms"] > 0) == ("live", True, True)
    await life.moved(one["id"], "rehearsal")  # comes too late
    assert (await watch(stranger, one["id"]))["phase"] == "live"
    await life.moved(one["id"], "ended")
    seen = await watch(stranger, one["id"])
    assert (seen["phase"], seen["whep"], seen["replay"]) == ("ended", None, None)
    assert (await host.post(f"{path}/acts", {"action": "publish_replay"})).code == "wrong_state"  # no film yet
    meetings = (await host.get("/api/meetings")).json["meetings"]
    assert meetings == []  # a stage is none of one's meetings
    room = await MeetingRepository(park.database).by_code(one["room_code"])
    assert room is not None
    await recorded(park, room.id)
    assert (await stranger.get(f"{path}/film?token={seen['token']}")).code == "wrong_state"
    assert (await watch(stranger, one["id"]))["phase"] == "replay"  # by itself, as it was wished
    assert (await host.post(f"{path}/acts", {"action": "hide_replay"})).json["state"] == "ended"
    assert (await watch(stranger, one["id"]))["phase"] == "ended"
    assert (await host.post(f"{path}/acts", {"action": "publish_replay"})).json["state"] == "replay"
    caption = await host.send("PUT", f"{path}/captions?language=zh&label=中文", raw=VTT)
    assert caption.status == 200, caption
    for bad in (b"no", b"WEBVTT\n", b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", b"WEBVTT\n\n0:0 --> 1\nx", b"\xff\xfe"):
        assert (await host.send("PUT", f"{path}/captions?language=en", raw=bad)).code == "bad_file", bad
    replay = (await watch(stranger, one["id"]))["replay"]
    part = await stranger.ask("GET", replay["film_url"], headers={"Range": "bytes=0-99"})
    assert part.body == FILM[:100]
    (captions,) = replay["captions"]
    assert captions["label"] == "中文"
    assert (await stranger.get(captions["url"])).body == VTT
    assert (await stranger.get(f"{path}/film?token=x")).code == "unauthenticated"
    other = await livestream(host)
    assert (await stranger.get(f"/api/livestreams/{other['id']}/film?token={seen['token']}")).code == "unauthenticated"


async def test_who_has_no_part_finds_no_way_onto_the_stage(park: Park, admin: Browser, host: Browser) -> None:
    other = await park.organization(admin, "Robots")
    member, stranger = await park.member(admin, other, "Member"), park.browser()
    one = await livestream(host)
    path = f"/api/livestreams/{one['id']}"
    for browser in (member, stranger):
        token = (await watch(browser, one["id"]))["token"]
        assert (await browser.post(f"{path}/stage-ticket", {"token": token})).code == "forbidden"
    assert (await member.join(one["room_code"])).reply["code"] == "forbidden"
    people = [{"account_id": host.account_id, "role": "host"}, {"account_id": member.account_id, "role": "presenter"}]
    assert (await host.send("PUT", f"{path}/people", {"people": people})).status == 200
    socket = await member.join(one["room_code"])
    assert socket.reply["type"] == "joined", socket.reply
    await socket.close()
    assert (await member.get(path)).json["role"] == "presenter"
    assert (await member.send("PATCH", path, {"version": 1, "title": "Mine"})).code == "forbidden"
    assert (await member.get(f"{path}/registrations")).code == "forbidden"
    for bad in ([], people[1:], [*people, people[0]], [*people, {"account_id": "0" * 26, "role": "host"}]):
        assert (await host.send("PUT", f"{path}/people", {"people": bad})).code in ("invalid", "not_found")
