"""Strokes through the real door: too many of them, and one on a frame that nobody has."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.api import Browser, Json, Park, Socket, eventually
from tests.support.assist import PNG, mark

STROKES = 10_000


@dataclass
class Scene:
    """A session with a phone on site and an expert in it; another expert's entry for those who come later."""

    park: Park
    session: Json
    phone: Socket
    expert: Socket
    entries: dict[str, Json]

    async def come(self, name: str, resume: str = "") -> Socket:
        return await come(self.park, self.session, self.entries[name], resume)


async def come(park: Park, session: Json, entry: Json, resume: str = "") -> Socket:
    socket = await park.browser().join(session["code"], entry["token"], resume)
    assert socket.reply["type"] == "joined", socket.reply
    return socket


@pytest.fixture
async def scene(park: Park, admin: Browser) -> Scene:
    session = (await admin.post("/api/assist/sessions", {"title": "Laser 3"})).json
    entries: dict[str, Json] = {}
    for name, role in (("phone", "on_site"), ("expert", "expert"), ("other", "expert")):
        link = await admin.post(f"/api/assist/sessions/{session['id']}/links", {"role": role})
        token = link.json["url"].rpartition("/")[2]
        entries[name] = (await park.browser().post("/api/assist/links/open", {"token": token, "name": name})).json
    phone, expert = await come(park, session, entries["phone"]), await come(park, session, entries["expert"])
    return Scene(park, session, phone, expert, entries)


def stroke(mark_id: str, **changes: object) -> dict[str, Any]:
    fields = ("kind", "color", "width", "points", "text", "number", "frame")
    whole = mark(mark_id, **changes)
    return {"mark_id": mark_id, **{name: whole[name] for name in fields}}


@pytest.mark.timeout(180)
async def test_ten_thousand_strokes_are_refused_in_words_and_nobody_loses_a_mark(scene: Scene) -> None:
    other = await scene.come("other")
    assert (await other.ask("place_mark", **stroke("mark-of-other")))["type"] != "error"

    # when one expert's page goes mad, and reads what it is told meanwhile
    kept: set[str] = set()
    refused: list[Json] = []
    closing: Json = {}
    ids = {1_000 + number: f"stroke-{number:05}" for number in range(STROKES)}

    async def read() -> None:
        while not closing:
            message = await scene.expert.receive()
            if message["type"] == "closing":
                closing.update(message)
            elif (mark_id := ids.get(message.get("id", 0), "")) and message["type"] == "error":
                refused.append(message)
            elif mark_id:
                kept.add(mark_id)

    reading = asyncio.create_task(read())
    with suppress(ConnectionError):  # it is closed while it goes on
        for number, mark_id in ids.items():
            await scene.expert.say({"type": "place_mark", "id": number, **stroke(mark_id)})
            await asyncio.sleep(0)  # else nothing is read before all is sent
            if closing:
                break
    await reading

    # then the page is told that it is too fast, and in the end that it has to come again
    assert kept
    assert {message["code"] for message in refused} == {"rate_limited"}
    assert all(message["retry_after_ms"] > 0 for message in refused)
    assert closing["code"] == "rate_limited"

    # the others go on, and nothing of what was taken is lost
    assert (await other.ask("place_mark", **stroke("mark-after")))["type"] != "error"
    again = await scene.come("expert", scene.expert.reply["resume"])
    marks = again.reply["room"]["marks"]
    assert set(marks) == kept | {"mark-of-other", "mark-after"}
    assert (await again.ask("place_mark", **stroke("stroke-again")))["type"] != "error"


async def test_a_stroke_on_an_unknown_frame_is_told_to_the_expert_and_kept_with_its_still(scene: Scene) -> None:
    # given a phone that has kept the expert's frame as a still
    bearer = {"Authorization": f"Bearer {scene.entries['phone']['token']}"}
    path = f"/api/assist/sessions/{scene.session['id']}/stills/still-of-it"
    put = await scene.park.browser().ask("PUT", path, headers=bearer, raw=PNG)
    assert put.status in (200, 201), put

    # when the expert draws on a frame that the phone does not find
    unknown = {"rtp_timestamp": 4_294_967_295, "width": 640, "height": 480}
    assert (await scene.expert.ask("place_mark", **stroke("mark-lost", frame=unknown)))["type"] != "error"
    placed = await scene.phone.until_event("mark_placed")
    assert placed["mark"]["frame"] == unknown
    for kind, fields in (("report_mark", {"state": "unplaced"}), ("set_still", {"still_id": "still-of-it"})):
        assert (await scene.phone.ask(kind, mark_id="mark-lost", **fields))["type"] != "error"

    # then the expert hears that it is nowhere, and where it can be seen; so does whoever comes later
    assert (await scene.expert.until_event("mark_state"))["state"] == "unplaced"
    assert (await scene.expert.until_event("mark_still"))["still_id"] == "still-of-it"

    async def told() -> bool:
        later = await scene.come("other")
        known = later.reply["room"]["marks"]["mark-lost"]
        await later.close()
        return bool((known["state"], known["still_id"]) == ("unplaced", "still-of-it"))

    await eventually(told)


async def test_a_removed_mark_is_not_looked_for_any_more_until_it_is_placed_again(park: Park, admin: Browser) -> None:
    machine = (await admin.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    first, later = [
        (await admin.post("/api/assist/sessions", {"machine_id": machine["id"], "role": "on_site"})).json
        for _ in range(2)
    ]
    one, other = "mark-of-first", "mark-of-other"

    async def keep(session: Json, mark_id: str) -> None:
        path = f"/api/assist/sessions/{session['id']}/marks/{mark_id}"
        assert (await admin.send("PUT", path, {"mark": mark(mark_id), "keyframe_id": ""})).status == 200

    async def kept(session: Json) -> list[str]:
        return sorted(
            found["mark"]["id"]
            for found in (await admin.get(f"/api/assist/sessions/{session['id']}/marks")).json["marks"]
        )

    async def are_kept(*mark_ids: str) -> bool:
        return await kept(first) == await kept(later) == sorted(mark_ids)

    for mark_id in (one, other):
        await keep(first, mark_id)
    assert await are_kept(one, other)

    # given one that a phone has found in a later session; when it is removed there, it is gone for every session
    phone = await admin.join(later["code"])
    await phone.ask("place_mark", **stroke(one), earlier={"author_name": "李工", "at_ms": 1_000})
    await phone.ask("remove_mark", mark_id=one)
    await eventually(lambda: are_kept(other))
    await keep(later, one)  # by a phone that was offline meanwhile
    assert await are_kept(other)

    # and one that is drawn, removed and had back by undo counts again
    await keep(later, "mark-of-later")
    await phone.ask("place_mark", **stroke("mark-of-later"))
    await phone.ask("remove_marks", everyones=True)
    await eventually(lambda: are_kept(other))
    await phone.ask("place_mark", **stroke("mark-of-later"))
    await eventually(lambda: are_kept(other, "mark-of-later"))
    history = (await admin.get(f"/api/assist/machines/{machine['id']}/history")).json
    assert {found["mark"]["id"] for found in history["marks"]} == {other, "mark-of-later"}
    await phone.close()
