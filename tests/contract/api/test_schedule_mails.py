"""Invitations as they arrive: caught by a real SMTP server and read back by two parsers, on both databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject

from tests.support.api import Browser, Json, Park, eventually, open_park
from tests.support.mail import MailCatcher, caught_mail, text_of

ANNA = "anna@keller.example"
WEEKLY = {
    "title": "产线周会, with a long name; and\\n signs",
    "description": "Bring the data.\nLine 3: the spindle.",
    "starts": "2026-10-13T10:00",
    "zone": "Europe/Berlin",
    "minutes": 60,
    "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=30",
}


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with caught_mail() as caught:
        yield caught


@pytest.fixture
async def park(tmp_path: Path, database_url: str, redis_url: str, catcher: MailCatcher) -> AsyncIterator[Park]:
    environment = {"TONGXIN_SMTP_URL": catcher.url}
    async with open_park(tmp_path / "data", database_url, redis_url, environment) as opened:
        yield opened


async def mail(catcher: MailCatcher, number: int) -> EmailMessage:
    async def there() -> bool:
        return len(catcher.messages) > number

    await eventually(there, within_s=30)
    return catcher.messages[number]


def calendar_of(message: EmailMessage) -> tuple[icalendar.Calendar, str]:
    """As a mail program finds it: the alternative with a method, the same bytes as the attachment."""
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    found = icalendar.Calendar.from_ical(content)
    assert isinstance(found, icalendar.Calendar)
    assert part.get_param("method") == found["METHOD"]
    second = vobject.readOne(content.decode())  # another parser, and its own idea of time zones
    assert second.method.value == found["METHOD"]
    assert [facts_of(one) for one in second.vevent_list] == [
        (
            str(one["UID"]),
            int(str(one["SEQUENCE"])),
            str(one["SUMMARY"]),
            moment(one["DTSTART"]).astimezone(UTC),
            ical_of(one["RRULE"]) if "RRULE" in one else "",
            moment(one["RECURRENCE-ID"]).astimezone(UTC) if "RECURRENCE-ID" in one else None,
        )
        for one in found.walk("VEVENT")
    ]
    second.serialize()
    return found, content.decode()


def ical_of(value: Any) -> str:
    text: bytes = value.to_ical()
    return text.decode()


def facts_of(event: Any) -> tuple[object, ...]:
    """As vobject reads them."""
    sequence, starts, again = int(event.sequence.value), event.dtstart.value, event.contents.get("recurrence-id")
    return (
        event.uid.value,
        sequence,
        event.summary.value,
        starts.astimezone(UTC),
        event.rrule.value if "rrule" in event.contents else "",
        again[0].value.astimezone(UTC) if again else None,
    )


def berlin_hours(found: icalendar.Calendar) -> list[tuple[str, int]]:
    """The first beginnings by a library that knows only what stands in the mail."""
    begin, end = datetime(2026, 10, 12, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    starts = sorted(moment(one["DTSTART"]) for one in recurring_ical_events.of(found).between(begin, end))
    return [(at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%m-%d"), at.astimezone(UTC).hour) for at in starts]


def moment(value: Any) -> datetime:
    found = value.dt
    assert isinstance(found, datetime)
    return found


async def change(by: Browser, event: Json, **body: object) -> Json:
    answer = await by.send("PATCH", f"/api/schedule/events/{event['id']}", body)
    assert answer.status == 200, answer
    return answer.json


async def test_a_weekly_invitation_its_updates_and_its_end(park: Park, admin: Browser, catcher: MailCatcher) -> None:
    created = await admin.post(
        "/api/schedule/events", {**WEEKLY, "invitees": [{"email": ANNA, "name": "Anna\r\nX: y"}]}
    )
    assert created.status == 201, created
    event = created.json

    request = await mail(catcher, 0)
    found, raw = calendar_of(request)
    (master,) = found.walk("VEVENT")
    assert (found["METHOD"], master["UID"], master["SEQUENCE"]) == ("REQUEST", f"{event['id']}@tongxin", 0)
    assert str(master["SUMMARY"]) == event["title"]
    assert str(master["ATTENDEE"]) == f"mailto:{ANNA}"
    assert str(master["ORGANIZER"]) == "mailto:lin@park.example"
    assert "BEGIN:VTIMEZONE" in raw
    assert "TZID:Europe/Berlin" in raw
    # ten o'clock there: eight in UTC before the clocks change on 25 October, nine afterwards
    assert berlin_hours(found)[:4] == [("10-13", 8), ("10-20", 8), ("10-27", 9), ("11-03", 9)]
    assert all(len(line.encode()) <= 75 for line in raw.split("\r\n"))  # RFC 5545 3.1
    assert request["To"].addresses[0].addr_spec == ANNA
    assert "X" not in request

    event = await change(
        admin, event, sequence=0, scope="one", key="20261020T100000", starts="2026-10-21T15:00", title="Moved"
    )
    found, _ = calendar_of(await mail(catcher, 1))
    (one,) = found.walk("VEVENT")
    assert (one["SEQUENCE"], str(one["SUMMARY"])) == (1, "Moved")
    assert moment(one["RECURRENCE-ID"]) == datetime(2026, 10, 20, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moment(one["DTSTART"]) == datetime(2026, 10, 21, 15, tzinfo=ZoneInfo("Europe/Berlin"))

    path = f"/api/schedule/events/{event['id']}/cancel"
    assert (await admin.post(path, {"sequence": 1, "scope": "one", "key": "20261027T100000"})).status == 204
    found, _ = calendar_of(await mail(catcher, 2))
    (gone,) = found.walk("VEVENT")
    assert (found["METHOD"], str(gone["STATUS"]), gone["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert moment(gone["RECURRENCE-ID"]) == datetime(2026, 10, 27, 10, tzinfo=ZoneInfo("Europe/Berlin"))

    event = await change(admin, event, sequence=2, scope="all", minutes=90)
    found, _ = calendar_of(await mail(catcher, 3))
    assert berlin_hours(found)[:3] == [("10-13", 8), ("10-21", 13), ("11-03", 9)]

    later = await change(admin, event, sequence=3, scope="following", key="20261110T100000", starts="2026-11-10T11:00")
    both = [calendar_of(await mail(catcher, number))[0] for number in (4, 5)]
    by_uid = {str(one.walk("VEVENT")[0]["UID"]): one for one in both}
    assert berlin_hours(by_uid[f"{event['id']}@tongxin"])[-1] == ("11-03", 9)
    assert berlin_hours(by_uid[f"{later['id']}@tongxin"])[0] == ("11-10", 10)

    assert (await admin.post(path, {"sequence": 4})).status == 204
    found, _ = calendar_of(await mail(catcher, 6))
    (end,) = [one for one in found.walk("VEVENT") if "RECURRENCE-ID" not in one]
    assert (found["METHOD"], str(end["STATUS"]), end["SEQUENCE"]) == ("CANCEL", "CANCELLED", 5)
    assert len({message["Message-ID"] for message in catcher.messages}) == len(catcher.messages) == 7


async def test_who_has_no_account_answers_by_the_link_of_the_mail(
    park: Park, admin: Browser, catcher: MailCatcher
) -> None:
    created = await admin.post(
        "/api/schedule/events", {**WEEKLY, "invitees": [{"email": ANNA}, {"email": "b@b.example"}]}
    )
    first, second = await mail(catcher, 0), await mail(catcher, 1)
    to_anna = first if first["To"].addresses[0].addr_spec == ANNA else second
    assert "b@b.example" not in str(to_anna)
    (token,) = set(re.findall(r"answer\?token=(\w+)", text_of(to_anna)))
    stranger = park.browser()
    card = (await stranger.get(f"/api/schedule/replies?token={token}")).json
    assert (card["name"], card["answer"]) == ("anna", "needs_action")
    # looking answers nothing, and another site cannot make a browser answer
    body = {"token": token, "answer": "declined", "note": "Ill"}
    headers = {"Origin": "https://evil.example"}
    assert (await stranger.ask("POST", "/api/schedule/replies", body, headers=headers)).code == "forbidden"
    answered = await stranger.ask("POST", "/api/schedule/replies", body)
    assert answered.json["answer"] == "declined"
    people = (await admin.get(f"/api/schedule/events/{created.json['id']}")).json["invitees"]
    assert {one["name"]: (one["answer"], one["note"]) for one in people}["anna"] == ("declined", "Ill")
    wrong = await stranger.get("/api/schedule/replies?token=" + "0" * 20)
    assert wrong.code == "not_found"
    other = next(one for one in (first, second) if one is not to_anna)
    assert token not in text_of(other)


async def test_a_feed_is_read_by_its_secret_until_it_is_changed(park: Park, admin: Browser) -> None:
    await admin.post("/api/schedule/events", {**WEEKLY, "starts": datetime.now(UTC).strftime("%Y-%m-%dT10:00")})
    address = (await admin.post("/api/schedule/feed", {})).json["url"]
    path = address.removeprefix(park.base_url)
    stranger = park.browser()
    answer = await stranger.get(path)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    found = icalendar.Calendar.from_ical(answer.body)
    assert isinstance(found, icalendar.Calendar)
    assert [str(one["SUMMARY"]) for one in found.walk("VEVENT")] == [WEEKLY["title"]]
    again = await stranger.ask("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    await admin.post("/api/schedule/feed", {})
    assert (await stranger.get(path)).code == "not_found"
    codes = [(await stranger.get(f"/api/feeds/{number:032d}.ics")).code for number in range(130)]
    assert set(codes) == {"not_found", "rate_limited"}
