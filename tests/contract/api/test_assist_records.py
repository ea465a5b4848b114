"""What is kept of assistance: stills, documents, marks that are found again, open items, the history of a machine."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

import pytest
from PIL import Image

from tests.support.api import Answer, Browser, Json, Park
from tests.support.assist import KEYFRAME, PDF, PNG, keyframe, mark, png


@dataclass
class Guest:
    """A browser that came by a link, and its token."""

    browser: Browser
    entry: Json

    async def ask(self, method: str, path: str, body: object = None, *, raw: bytes = b"") -> Answer:
        headers = {"Authorization": f"Bearer {self.entry['token']}"}
        return await self.browser.ask(method, path, body, headers=headers, raw=raw)


@dataclass
class Visit:
    """A session about a machine, with somebody on site, an expert and an observer who came by links."""

    owner: Browser
    stranger: Browser
    machine: Json
    session: Json
    phone: Guest
    expert: Guest
    observer: Guest

    @property
    def path(self) -> str:
        return f"/api/assist/sessions/{self.session['id']}"


async def guest(park: Park, by: Browser, session: Json, role: str) -> Guest:
    link = await by.post(f"/api/assist/sessions/{session['id']}/links", {"role": role})
    browser = park.browser()
    token = link.json["url"].rpartition("/")[2]
    answer = await browser.post("/api/assist/links/open", {"token": token, "name": role})
    assert answer.status == 200, answer
    return Guest(browser, answer.json)


@pytest.fixture
async def visit(park: Park, admin: Browser) -> Visit:
    works, robots = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    owner, stranger = await park.member(admin, works, "Zhou"), await park.member(admin, robots, "Qian")
    machine = (await owner.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    session = (await owner.post("/api/assist/sessions", {"machine_id": machine["id"]})).json
    roles = [await guest(park, owner, session, role) for role in ("on_site", "expert", "observer")]
    return Visit(owner, stranger, machine, session, *roles)


async def test_a_still_is_kept_once_and_seen_by_those_inside(visit: Visit) -> None:
    path = f"{visit.path}/stills/Still-000001?rtp_timestamp=4294967295&width=640&height=480&taken_at_ms=5000"
    first = await visit.phone.ask("PUT", path, raw=PNG)
    assert first.status == 200, first
    assert (first.json["width"], first.json["height"], first.json["name"]) == (4, 3, "on_site")
    assert first.json["frame"] == {"rtp_timestamp": 4_294_967_295, "width": 640, "height": 480}
    assert (await visit.phone.ask("PUT", path, raw=PNG)).json == first.json
    marks = [{"kind": "circle", "color": "red", "points": [0.1, 0.1, 0.4, 0.5], "author_name": "李工"}]
    drawn = await visit.expert.ask("PUT", f"{visit.path}/stills/Still-000001/marks", {"marks": marks})
    assert drawn.json["marks"][0]["points"] == [0.1, 0.1, 0.4, 0.5]
    listed = (await visit.observer.ask("GET", f"{visit.path}/stills")).json["stills"]
    assert [one["id"] for one in listed] == ["Still-000001"]
    file = await visit.observer.ask("GET", first.json["url"])
    assert (file.body, file.headers["Content-Type"]) == (PNG, "image/png")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    small = await visit.observer.ask("GET", first.json["small_url"])
    assert (small.status, small.headers["Content-Type"], small.body[:2]) == (200, "image/jpeg", b"\xff\xd8")
    again = await visit.owner.ask("GET", first.json["url"], headers={"If-None-Match": file.headers["ETag"]})
    assert again.status == 304


async def test_a_still_does_not_say_where_it_was_taken(visit: Visit) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (30.0, 30.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    brought = await visit.phone.ask("PUT", f"{visit.path}/stills/with-place", raw=out.getvalue())
    stored = await visit.phone.ask("GET", brought.json["url"])
    assert Image.open(io.BytesIO(out.getvalue())).getexif().get_ifd(0x8825)
    assert not Image.open(io.BytesIO(stored.body)).getexif().get_ifd(0x8825)


async def test_a_bad_picture_is_refused_and_leaves_nothing(visit: Visit) -> None:
    for content in (b"GIF89a", b"<svg/>", PNG[:-4], b"\xff\xd8\xff\xe0", PDF):
        answer = await visit.phone.ask("PUT", f"{visit.path}/stills/bad-still", raw=content)
        assert answer.code == "bad_file", (content[:20], answer)
    assert (await visit.phone.ask("PUT", f"{visit.path}/stills/bad-still")).code == "bad_file"
    assert (await visit.phone.ask("GET", f"{visit.path}/stills")).json["stills"] == []


async def test_strange_marks_on_a_still_are_refused(visit: Visit) -> None:
    await visit.phone.ask("PUT", f"{visit.path}/stills/still-one", raw=PNG)
    good = {"kind": "circle", "color": "red", "points": [0.1, 0.1]}
    strange: list[Json] = [
        {**good, "points": [9.0, 0.1]},
        {**good, "points": [0.1] * 2_000},
        {**good, "kind": "svg"},
        {**good, "color": "url(x)"},
        {**good, "onload": "x"},
    ]
    for one in strange:
        answer = await visit.expert.ask("PUT", f"{visit.path}/stills/still-one/marks", {"marks": [one]})
        assert answer.code in ("invalid", "bad_message"), one


async def test_observers_bring_nothing_and_strangers_see_nothing(park: Park, visit: Visit) -> None:
    still = (await visit.phone.ask("PUT", f"{visit.path}/stills/still-one", raw=PNG)).json
    assert (await visit.observer.ask("PUT", f"{visit.path}/stills/still-two", raw=PNG)).code == "forbidden"
    assert (await visit.expert.ask("PUT", f"{visit.path}/keyframes/key-frame", raw=KEYFRAME)).code == "forbidden"
    assert (await visit.stranger.get(still["url"])).code == "forbidden"
    assert (await park.browser().get(still["url"])).code == "unauthenticated"
    other = (await visit.stranger.post("/api/assist/sessions", {"title": "Ours"})).json
    outsider = await guest(park, visit.stranger, other, "expert")
    assert (await outsider.ask("GET", still["url"])).code == "forbidden"
    # an id of another session is neither shown nor overwritten
    taken = await outsider.ask("PUT", f"/api/assist/sessions/{other['id']}/stills/still-one", raw=png(5, 5))
    assert taken.code == "conflict"
    assert (await visit.owner.get(still["url"])).body == PNG
    program = (await visit.owner.meeting("Weekly"))["code"]
    token = (await visit.owner.post(f"/api/rooms/{program}/tokens", {"publish": True})).json["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await park.browser().ask("GET", still["url"], headers=headers)).code == "forbidden"


async def test_documents_belong_to_the_machine_and_are_offered_to_be_saved(park: Park, visit: Visit) -> None:
    manual = await visit.owner.send(
        "PUT", f"/api/assist/machines/{visit.machine['id']}/documents/manual-1?title=手册.pdf", raw=PDF
    )
    assert manual.status == 200, manual
    sheet = await visit.expert.ask("PUT", f"{visit.path}/documents/sheet-001?title=Sheet", raw=PNG)
    assert (sheet.json["media_type"], sheet.json["machine_id"]) == ("image/png", visit.machine["id"])
    listed = (await visit.phone.ask("GET", f"{visit.path}/documents")).json["documents"]
    assert {one["title"] for one in listed} == {"手册.pdf", "Sheet"}
    file = await visit.phone.ask("GET", manual.json["url"])
    assert (file.body, file.headers["Content-Type"]) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%89%8B")
    part = await visit.owner.ask("GET", manual.json["url"], headers={"Range": "bytes=5-9"})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, PDF[5:10], f"bytes 5-9/{len(PDF)}")
    other = await visit.owner.ask("GET", manual.json["url"], headers={"Range": "bytes=5-9", "If-Range": '"x"'})
    assert (other.status, other.body) == (200, PDF)
    beyond = await visit.owner.ask("GET", manual.json["url"], headers={"Range": "bytes=5000-"})
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")
    assert (await visit.stranger.get(manual.json["url"])).code == "forbidden"
    # the next session on the machine has them too
    later = (await visit.owner.post("/api/assist/sessions", {"machine_id": visit.machine["id"]})).json
    expert = await guest(park, visit.owner, later, "expert")
    assert (await expert.ask("GET", manual.json["url"])).body == PDF
    assert (await visit.owner.send("DELETE", "/api/assist/documents/manual-1")).status == 204
    assert (await visit.owner.get(manual.json["url"])).code == "not_found"


async def test_who_brought_a_document_takes_it_away_and_nobody_elses(park: Park, visit: Visit) -> None:
    expert = await guest(park, visit.owner, visit.session, "expert")
    phone = await guest(park, visit.owner, visit.session, "on_site")
    documents = f"/api/assist/sessions/{visit.session['id']}/documents"
    for one, key in ((expert, "of-the-expert"), (phone, "of-the-phone")):
        brought = await one.ask("PUT", f"{documents}/{key}?title=Manual", raw=PDF)
        assert brought.json["may_remove"] is True
    listed = (await expert.ask("GET", documents)).json["documents"]
    assert {one["id"]: one["may_remove"] for one in listed} == {"of-the-expert": True, "of-the-phone": False}
    assert (await expert.ask("DELETE", "/api/assist/documents/of-the-phone")).code == "forbidden"
    assert (await expert.ask("DELETE", "/api/assist/documents/of-the-expert")).status == 204
    (left,) = (await visit.owner.get(documents)).json["documents"]
    assert (left["id"], left["may_remove"]) == ("of-the-phone", True)


async def test_a_manual_is_for_every_machine_of_its_make_and_model_in_the_company(park: Park, visit: Visit) -> None:
    put = f"/api/assist/machines/{visit.machine['id']}/documents"
    manual = await visit.owner.send("PUT", f"{put}/manual-of-model?title=Manual&for_model=true&page=12", raw=PDF)
    assert (manual.json["for_model"], manual.json["page"]) == (True, 12)
    await visit.owner.send("PUT", f"{put}/paper-of-one?title=Paper", raw=PDF)
    twin, other = [
        (await visit.owner.post("/api/assist/machines", {"make": "HAN", "model": model})).json
        for model in ("l-20", "L-30")
    ]
    rivals = (await visit.stranger.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json

    async def titles(by: Browser, machine: Json) -> list[str]:
        history = (await by.get(f"/api/assist/machines/{machine['id']}/history")).json
        return [one["title"] for one in history["documents"]]

    assert await titles(visit.owner, twin) == ["Manual"]
    assert await titles(visit.owner, other) == await titles(visit.stranger, rivals) == []
    # a guest before the twin opens the manual, and nothing else of the first machine; one before another model does not
    for machine, code in ((twin, ""), (other, "forbidden")):
        session = (await visit.owner.post("/api/assist/sessions", {"machine_id": machine["id"]})).json
        expert = await guest(park, visit.owner, session, "expert")
        assert (await expert.ask("GET", manual.json["url"])).code == code
        assert (await expert.ask("GET", "/api/assist/documents/paper-of-one/file")).code == "forbidden"
    assert (await visit.stranger.get(manual.json["url"])).code == "forbidden"
    assert (await visit.owner.send("PUT", f"{put}/bad-page-1?title=x&page=0", raw=PDF)).code == "invalid"


async def test_a_pdf_of_100_megabytes_is_refused_before_it_is_read(visit: Visit) -> None:
    """Nothing of the body is sent: the answer comes by what is announced."""
    host, port = visit.owner.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"PUT {visit.path}/documents/large-one?title=Large HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Authorization: Bearer {visit.phone.entry['token']}\r\nContent-Length: 100000000\r\n\r\n".encode()
    )
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}")
    writer.close()
    assert b" 413 " in head
    assert b'"code":"too_large"' in body
    assert (await visit.phone.ask("GET", f"{visit.path}/documents")).json["documents"] == []


async def test_marks_are_found_again_in_a_later_session(park: Park, visit: Visit) -> None:
    kept = await visit.phone.ask("PUT", f"{visit.path}/keyframes/Frame-0001", raw=KEYFRAME)
    assert kept.status == 200, kept
    body = {"mark": mark("mark-0001"), "keyframe_id": "Frame-0001"}
    assert (await visit.phone.ask("PUT", f"{visit.path}/marks/mark-0001", body)).status == 200
    body["mark"] = mark("mark-0001", confirmed_at_ms=7)
    await visit.phone.ask("PUT", f"{visit.path}/marks/mark-0001", body)
    await visit.owner.post(f"{visit.path}/end")
    late = {"mark": mark("mark-0002"), "keyframe_id": ""}  # kept while the phone was offline
    assert (await visit.phone.ask("PUT", f"{visit.path}/marks/mark-0002", late)).status == 200
    later = (await visit.owner.post("/api/assist/sessions", {"machine_id": visit.machine["id"]})).json
    phone = await guest(park, visit.owner, later, "on_site")
    found = {
        one["mark"]["id"]: one
        for one in (await phone.ask("GET", f"/api/assist/sessions/{later['id']}/marks")).json["marks"]
    }
    assert (found["mark-0001"]["mark"]["confirmed_at_ms"], set(found)) == (7, {"mark-0001", "mark-0002"})
    assert (await phone.ask("GET", f"/api/assist/keyframes/{found['mark-0001']['keyframe_id']}/file")).body == KEYFRAME
    assert (
        await visit.expert.ask("PUT", f"{visit.path}/marks/mark-0003", {"mark": mark("mark-0003")})
    ).code == "forbidden"


async def test_bad_marks_and_keyframes_are_refused(visit: Visit) -> None:
    assert (await visit.phone.ask("PUT", f"{visit.path}/keyframes/key-frame", raw=KEYFRAME[:-1])).code == "bad_file"
    path = f"{visit.path}/marks/mark-0001"
    for body in (
        {"mark": mark("mark-0002")},
        {"mark": mark("mark-0001"), "keyframe_id": "nowhere-1"},
        {"mark": mark("mark-0001", kind="poison")},
        {"mark": mark("mark-0001", text="x" * 40_000)},
    ):
        assert (await visit.phone.ask("PUT", path, body)).code in ("invalid", "too_large")
    assert (await visit.phone.ask("GET", f"{visit.path}/marks")).json["marks"] == []


async def test_a_machine_keeps_its_newest_keyframes(visit: Visit) -> None:
    for number in range(52):
        answer = await visit.phone.ask("PUT", f"{visit.path}/keyframes/frame-{number:04}", raw=keyframe(number))
        assert answer.status == 200, answer
    assert (await visit.phone.ask("GET", "/api/assist/keyframes/frame-0001/file")).code == "not_found"
    assert (await visit.phone.ask("GET", "/api/assist/keyframes/frame-0002/file")).status == 200


async def test_open_items_and_the_history_of_a_machine(visit: Visit, admin: Browser) -> None:
    await visit.phone.ask("PUT", f"{visit.path}/stills/still-one", raw=PNG)
    await visit.phone.ask("PUT", f"{visit.path}/marks/mark-0001", {"mark": mark("mark-0001")})
    await visit.expert.ask("PUT", f"{visit.path}/items/item-0001", {"text": "  Tighten\u202e the belt "})
    path = f"/api/assist/machines/{visit.machine['id']}"
    await visit.owner.send("PUT", f"{path}/items/item-0002", {"text": "Order oil"})
    assert (await visit.observer.ask("PATCH", "/api/assist/items/item-0001", {"done": True})).code == "forbidden"
    ticked = await visit.phone.ask("PATCH", "/api/assist/items/item-0001", {"done": True})
    assert (ticked.json["text"], ticked.json["done_by_name"], ticked.json["done_at_ms"] > 0) == (
        "Tighten the belt",
        "on_site",
        True,
    )
    history = (await visit.owner.get(f"{path}/history")).json
    assert [len(history[kind]) for kind in ("sessions", "stills", "documents", "marks", "items")] == [1, 1, 0, 1, 2]
    assert (await visit.stranger.get(f"{path}/history")).code == "forbidden"
    assert (await admin.get(f"{path}/history")).status == 200
    assert [one["id"] for one in (await visit.expert.ask("GET", f"{visit.path}/items")).json["items"]] == [
        "item-0002",
        "item-0001",
    ]


async def test_everybody_inside_hears_of_a_new_still(visit: Visit) -> None:
    socket = await visit.expert.browser.join(visit.session["code"], visit.expert.entry["token"])
    assert socket.reply["type"] == "joined", socket.reply
    await visit.phone.ask("PUT", f"{visit.path}/stills/still-one", raw=PNG)
    event = await socket.until_event("record_changed")
    assert (event["kind"], event["record_id"]) == ("still", "still-one")
    await socket.close()
