"""A later session on the same machine: its marks are found again in the picture, on a phone that never saw them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.test_assist import (
    MARK,
    WATCH_RECEIVED,
    come_in,
    newest_seen,
    open_link,
    place_circle,
    start_session,
)
from tests.support.api import Browser, Json
from tests.support.attendee import Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.machine_film import HEIGHT, WIDTH, MachineFilm, write_machine_film
from tests.support.server import Tongxin
from tests.support.waiting import until_true

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(240)]

KEPT_S = 60.0
IS_OK = f"() => window.__tongxin?.room?.marks['{MARK}']?.state === 'ok'"


async def session_on(host: Browser, machine: Json) -> Json:
    answer = await host.post("/api/assist/sessions", {"machine_id": machine["id"]})
    assert answer.status == 201, answer
    return answer.json


async def mark_a_lamp(host: Browser, session: Json, watcher: Attendee, film: MachineFilm) -> None:
    await watcher.receives("video", 1, frames=10)
    await watcher.page.evaluate(WATCH_RECEIVED)
    expert = await host.join(session["code"], (await open_link(host, session, "expert", "Dr Chen"))["token"])
    await place_circle(expert, await newest_seen(watcher.page, "frame.code >= 0"), film)
    await expert.close()


async def test_a_mark_of_yesterday_is_found_by_another_phone(tmp_path: Path) -> None:
    film_file = tmp_path / "machine.y4m"
    film = await asyncio.to_thread(write_machine_film, film_file)
    flags = [f"--use-file-for-fake-video-capture={film_file}"]
    with Tongxin(tmp_path / "server") as server:
        host, _ = await start_session(server)
        answer = await host.post("/api/assist/machines", {"make": "Han", "model": "L-20", "serial": "A1", "site": "3"})
        assert answer.status == 201, answer
        first, later = await session_on(host, answer.json), await session_on(host, answer.json)

        # given a mark of the first session that was on its lamp when the phone left
        async with open_chromium(tmp_path, flags=flags) as browser:
            phone = await open_attendee(browser, "phone", width=WIDTH, height=HEIGHT)
            watcher = await open_attendee(browser, "watcher", width=800, height=600)
            await come_in(phone, server, await open_link(host, first, "on_site", "王师傅"))
            await phone.see("phone")
            await come_in(watcher, server, await open_link(host, first, "expert", "Dr Li"))
            await mark_a_lamp(host, first, watcher, film)
            await phone.until(IS_OK, None, "a mark on its lamp")
            await phone.press("more")
            await phone.press("leave")
            await phone.page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
            await until_true(lambda: is_kept(host, first), KEPT_S)

        # when another phone comes to the machine, in a session of its own
        async with open_chromium(tmp_path, flags=flags) as browser:
            phone = await open_attendee(browser, "other phone", width=WIDTH, height=HEIGHT)
            await come_in(phone, server, await open_link(host, later, "on_site", "赵师傅"))

            # then the mark is found, and the room is shown it
            await phone.until(IS_OK, None, "the mark of the former session")
            assert phone.faults == []
        await host.close()


async def is_kept(host: Browser, session: Json) -> bool:
    marks = (await host.get(f"/api/assist/sessions/{session['id']}/marks")).json["marks"]
    return any(mark["keyframe_id"] for mark in marks)
