"""Assistance: machines, sessions, and the links by which people without an account get into them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import update

from collab.assist.models import AssistLinkRow
from tests.support.api import Browser, Json, Park, eventually
from tests.support.assist import PNG


@dataclass
class Shop:
    """An enterprise with a machine, another company, and a session about the machine."""

    owner: Browser
    colleague: Browser
    stranger: Browser
    machine: Json
    session: Json


@pytest.fixture
async def shop(park: Park, admin: Browser) -> Shop:
    works, robots = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    owner = await park.member(admin, works, "Zhou")
    machine = (
        await owner.post("/api/assist/machines", {"make": "Han’s", "model": "L-20", "serial": "A1", "site": "3 号厂房"})
    ).json
    session = (await owner.post("/api/assist/sessions", {"machine_id": machine["id"]})).json
    colleague, stranger = await park.member(admin, works, "Sun"), await park.member(admin, robots, "Qian")
    return Shop(owner, colleague, stranger, machine, session)


async def new_link(by: Browser, session: Json, **options: object) -> Json:
    answer = await by.post(f"/api/assist/sessions/{session['id']}/links", options)
    assert answer.status == 201, answer
    link: Json = answer.json
    link["token"] = link["url"].rpartition("/")[2]
    return link


async def opened(browser: Browser, token: str, name: str = "王师傅") -> Json:
    answer = await browser.post("/api/assist/links/open", {"token": token, "name": name})
    assert answer.status == 200, answer
    return answer.json


async def test_a_machine_is_registered_found_and_changed(shop: Shop) -> None:
    machine = shop.machine
    assert (machine["organization"]["name"], machine["may_change"]) == ("Laser Works", True)
    assert machine["link"] == f"{shop.owner.base_url}/label/{machine['label']}"
    by_label = await shop.colleague.get(f"/api/assist/labels/{machine['label'].upper()}")
    assert by_label.json == machine
    label = await shop.owner.get(f"/api/assist/machines/{machine['id']}/label.svg")
    assert (label.status, label.headers["Content-Type"], label.body[:4]) == (200, "image/svg+xml", b"<svg")
    path = f"/api/assist/machines/{machine['id']}"
    changed = await shop.colleague.send("PATCH", path, {"serial": "A1-\u202e7", "site": ""})
    assert (changed.json["serial"], changed.json["site"], changed.json["model"]) == ("A1-7", "", "L-20")
    assert (await shop.owner.send("PATCH", path, {"make": "\u200b"})).json["fields"] == {"make": "invalid"}


async def test_machines_are_searched_by_what_describes_them(shop: Shop) -> None:
    for search, found in (("l-2", 1), ("HAN", 1), ("laser", 1), ("%", 0), ("%00x", 0)):
        answer = await shop.owner.get(f"/api/assist/machines?search={search}")
        assert len(answer.json["machines"]) == found, search


async def test_nobody_sees_or_registers_for_another_company(shop: Shop) -> None:
    mine = await shop.stranger.get("/api/assist/machines")
    assert mine.json == {"machines": [], "more": False}
    body = {"make": "x", "model": "y", "organization_id": shop.machine["organization"]["id"]}
    assert (await shop.stranger.post("/api/assist/machines", body)).code == "forbidden"
    assert (await shop.stranger.get(f"/api/assist/labels/{shop.machine['label']}")).code == "forbidden"
    assert (await shop.stranger.get("/api/assist/labels/0000000000")).code == "not_found"
    assert (await shop.stranger.post("/api/assist/sessions", {"machine_id": shop.machine["id"]})).code == "forbidden"
    assert (await shop.stranger.get("/api/assist/sessions")).json["sessions"] == []


async def test_members_enter_as_what_they_are(park: Park, admin: Browser, shop: Shop) -> None:
    """The enterprise on site, the park as observer, a stranger not at all; the code alone is no right."""
    code = shop.session["code"]
    assert (shop.session["title"], shop.session["you"]["role"]) == ("Han’s L-20", "on_site")
    assert (await shop.colleague.get(f"/api/assist/rooms/{code}")).json["you"]["role"] == "on_site"
    watching = (await admin.get(f"/api/assist/rooms/{code}")).json["you"]
    assert (watching["role"], watching["manages"]) == ("observer", True)
    socket = await shop.colleague.join(code)
    assert socket.reply["type"] == "joined", socket.reply
    assert (await shop.owner.get(f"/api/assist/rooms/{code}")).json["people"] == ["Sun"]
    await socket.close()
    refused = await shop.stranger.join(code)
    assert refused.reply["code"] == "forbidden"
    assert (await shop.stranger.get(f"/api/assist/rooms/{code}")).code == "forbidden"
    assert (await park.browser().get(f"/api/assist/rooms/{code}")).code == "unauthenticated"


async def test_the_maker_chooses_a_role(shop: Shop) -> None:
    made = (await shop.stranger.post("/api/assist/sessions", {"role": "expert", "title": "Ask me"})).json
    assert (made["you"]["role"], made["machine"], made["title"]) == ("expert", None, "Ask me")


async def test_a_meetings_doors_are_no_way_into_assistance(park: Park, shop: Shop) -> None:
    code, guest = shop.session["code"], park.browser()
    card = (await guest.get(f"/api/rooms/{code}")).json
    assert (card["assist"], card["guests_allowed"], card["you"]["role"]) == (True, False, None)
    assert (await guest.post(f"/api/rooms/{code}/guests", {"name": "Guest"})).code == "sign_in_required"
    meetings = (await shop.owner.get("/api/meetings")).json["meetings"]
    assert [one["code"] for one in meetings] == []


async def test_a_link_lets_in_without_an_account_in_its_role(park: Park, shop: Shop) -> None:
    link = await new_link(shop.owner, shop.session, role="expert", name="李工", hours=2)
    assert link["url"].startswith(f"{shop.owner.base_url}/a/")
    assert link["qr_svg"].startswith("<svg")
    assert all(link["url"] in text for text in link["sms"].values())
    phone = park.browser()
    card = (await phone.get(f"/api/assist/links?token={link['token']}")).json
    assert (card["name"], card["role"], card["inviter"], card["machine"]) == ("李工", "expert", "Zhou", "Han’s L-20")
    entry = await opened(phone, link["token"], "  李工\u202e ")
    assert (entry["role"], entry["room_code"], entry["name"]) == ("expert", shop.session["code"], "李工")
    socket = await phone.join(entry["room_code"], entry["token"])
    assert socket.reply["type"] == "joined", socket.reply
    (seat,) = socket.reply["room"]["participants"].values()
    assert (seat["assist_role"], seat["role"], socket.reply["room"]["assist"]) == ("expert", "guest", True)
    await socket.close()
    bearer = {"Authorization": f"Bearer {entry['token']}"}
    seen = await phone.ask("GET", f"/api/assist/sessions/{entry['session_id']}", headers=bearer)
    assert seen.json["you"] == {"role": "expert", "identity": entry["identity"], "name": "李工", "manages": False}
    other = (await shop.owner.post("/api/assist/sessions", {"title": "Other"})).json
    assert (await phone.ask("GET", f"/api/assist/sessions/{other['id']}", headers=bearer)).code == "forbidden"
    for path in ("/api/assist/machines", f"/api/assist/sessions/{entry['session_id']}/links"):
        assert (await phone.ask("GET", path, headers=bearer)).code == "forbidden"


async def test_a_one_time_link_is_the_first_browsers(park: Park, shop: Shop) -> None:
    link = await new_link(shop.owner, shop.session)
    phone, thief = park.browser(), park.browser()
    assert (await thief.get(f"/api/assist/links?token={link['token']}")).status == 200  # looking does not use it up
    first = await opened(phone, link["token"])
    assert (await thief.post("/api/assist/links/open", {"token": link["token"], "name": "x"})).code == "link_used"
    assert (await thief.get(f"/api/assist/links?token={link['token']}")).code == "link_used"
    again = await opened(phone, link["token"])
    assert (again["identity"], again["token"] != first["token"]) == (first["identity"], True)
    listed = (await shop.owner.get(f"/api/assist/sessions/{shop.session['id']}/links")).json["links"]
    assert (len(listed), listed[0]["opened_at_ms"] > 0) == (1, True)
    assert "token" not in listed[0]


async def test_a_link_for_many_is_everybodys(park: Park, shop: Shop) -> None:
    link = await new_link(shop.owner, shop.session, role="observer", one_time=False)
    first, second = await opened(park.browser(), link["token"]), await opened(park.browser(), link["token"])
    assert first["identity"] != second["identity"]


async def test_a_link_that_ran_out_or_was_taken_back_opens_nothing(park: Park, shop: Shop) -> None:
    old, taken = await new_link(shop.owner, shop.session), await new_link(shop.owner, shop.session)
    async with park.database.write() as session:
        await session.execute(
            update(AssistLinkRow).where(AssistLinkRow.id == old["link"]["id"]).values(expires_at_ms=1)
        )
    path = f"/api/assist/sessions/{shop.session['id']}/links/{taken['link']['id']}"
    assert (await shop.stranger.send("DELETE", path)).code == "forbidden"
    assert (await shop.owner.send("DELETE", path)).json["state"] == "revoked"
    assert (await shop.owner.send("DELETE", path)).code == "not_found"
    phone = park.browser()
    for link in (old, taken):
        body = {"token": link["token"], "name": "x"}
        assert (await phone.post("/api/assist/links/open", body)).code == "link_expired"
        assert (await phone.get(f"/api/assist/links?token={link['token']}")).code == "link_expired"


async def test_taking_a_link_back_can_be_undone_and_another_made_in_its_place(park: Park, shop: Shop) -> None:
    link = await new_link(shop.owner, shop.session, role="expert", name="李工", hours=2, one_time=False)
    path = f"/api/assist/sessions/{shop.session['id']}/links/{link['link']['id']}"
    assert (await shop.owner.post(f"{path}/restore")).code == "not_found"  # it was not taken back
    await shop.owner.send("DELETE", path)
    assert (await shop.stranger.post(f"{path}/restore")).code == "forbidden"
    assert (await shop.owner.post(f"{path}/restore")).json["state"] == "fresh"
    await opened(park.browser(), link["token"], "李")
    another = await shop.colleague.post(f"{path}/reissue")
    assert (another.status, another.json["link"]["role"], another.json["link"]["one_time"]) == (201, "expert", False)
    assert another.json["sms"]["en"].count("2 h") == 1
    body = {"token": link["token"], "name": "x"}
    assert (await park.browser().post("/api/assist/links/open", body)).code == "link_expired"
    assert (await opened(park.browser(), another.json["url"].rpartition("/")[2]))["role"] == "expert"
    listed = (await shop.owner.get(f"/api/assist/sessions/{shop.session['id']}/links")).json["links"]
    assert [(one["state"], one["made_by"], [by["name"] for by in one["opened_by"]]) for one in listed] == [
        ("opened", "Sun", ["王师傅"]),
        ("revoked", "Zhou", ["李"]),
    ]


async def test_who_is_removed_reaches_nothing_of_the_session_any_more(park: Park, shop: Shop) -> None:
    """At once: neither by the token nor by the link, which lets in nobody else either; the others stay."""
    link = await new_link(shop.owner, shop.session, role="expert", one_time=False)
    phone, other = park.browser(), park.browser()
    entry = await opened(phone, link["token"])
    stays = await opened(other, (await new_link(shop.owner, shop.session))["token"], "Other")
    bearer = {"Authorization": f"Bearer {entry['token']}"}
    stills = f"/api/assist/sessions/{shop.session['id']}/stills"
    still = await phone.ask("PUT", f"{stills}/still-one", headers=bearer, raw=PNG)
    assert still.status == 200, still
    socket = await phone.join(entry["room_code"], entry["token"])
    host = await shop.owner.join(entry["room_code"])
    removed = await host.ask("remove", participant_id=socket.reply["participant_id"])
    assert removed["type"] == "ok", removed
    assert (await socket.until("closing"))["code"] == "removed"

    async def is_shut() -> bool:
        return (await phone.ask("GET", stills, headers=bearer)).code == "removed"

    await eventually(is_shut, within_s=2.0)
    assert (await phone.ask("GET", still.json["url"], headers=bearer)).code == "removed"
    assert (await phone.ask("PUT", f"{stills}/still-two", headers=bearer, raw=PNG)).code == "removed"
    assert (await phone.join(entry["room_code"], entry["token"])).reply["code"] == "removed"
    assert (await phone.post("/api/assist/links/open", {"token": link["token"], "name": "x"})).code == "removed"
    again = await park.browser().post("/api/assist/links/open", {"token": link["token"], "name": "x"})
    assert again.code == "link_expired"  # another browser, the same link
    listed = (await shop.owner.get(f"/api/assist/sessions/{shop.session['id']}/links")).json["links"]
    assert [one["state"] for one in listed] == ["opened", "shut"]
    # those who were not removed go on, and bring in after the end what they kept while they were offline
    await host.close()
    await shop.owner.post(f"/api/assist/sessions/{shop.session['id']}/end")
    headers = {"Authorization": f"Bearer {stays['token']}"}
    late = await other.ask("PUT", f"{stills}/late-still", headers=headers, raw=PNG)
    assert late.status == 200, late
    assert (await phone.ask("GET", stills, headers=bearer)).code == "removed"


async def test_a_session_ends_for_all_and_stays_in_the_history(park: Park, shop: Shop) -> None:
    link = await new_link(shop.owner, shop.session)
    phone = park.browser()
    entry = await opened(phone, link["token"])
    socket = await phone.join(entry["room_code"], entry["token"])
    ended = await shop.owner.post(f"/api/assist/sessions/{shop.session['id']}/end")
    assert (ended.json["phase"], ended.json["ended_at_ms"] > 0) == ("ended", True)
    assert (await socket.until("closing"))["code"] == "room_ended"
    again = await phone.join(entry["room_code"], entry["token"])
    assert again.reply["code"] == "room_ended"
    assert (await phone.post("/api/assist/links/open", {"token": link["token"], "name": "x"})).code == "room_ended"
    # what the phone kept while it was offline can still be brought in
    bearer = {"Authorization": f"Bearer {entry['token']}"}
    assert (await phone.ask("GET", f"/api/assist/sessions/{shop.session['id']}", headers=bearer)).status == 200
    listed = await shop.colleague.get(f"/api/assist/sessions?machine_id={shop.machine['id']}&phase=ended")
    assert [one["id"] for one in listed.json["sessions"]] == [shop.session["id"]]


async def test_which_machine_it_is_about_may_turn_out_on_site(park: Park, shop: Shop) -> None:
    """By its nameplate or label: what was brought before is then found at the machine."""
    session = (await shop.owner.post("/api/assist/sessions", {"title": "What is this?"})).json
    path = f"/api/assist/sessions/{session['id']}"
    await shop.owner.send("PUT", f"{path}/items/item-0001", {"text": "Read the plate"})
    body = {"machine_id": shop.machine["id"]}
    assert (await shop.stranger.send("PATCH", path, body)).code == "forbidden"
    theirs = (await shop.stranger.post("/api/assist/machines", {"make": "x", "model": "y"})).json
    assert (await shop.owner.send("PATCH", path, {"machine_id": theirs["id"]})).code == "forbidden"
    socket = await shop.colleague.join(session["code"])
    changed = await shop.owner.send("PATCH", path, body)
    assert changed.json["machine"]["id"] == shop.machine["id"], changed
    assert (await socket.until_event("record_changed"))["kind"] == "machine"
    await socket.close()
    assert (await shop.owner.send("PATCH", path, body)).code == "conflict"
    history = (await shop.owner.get(f"/api/assist/machines/{shop.machine['id']}/history")).json
    assert [one["text"] for one in history["items"]] == ["Read the plate"]
    assert session["id"] in {one["id"] for one in history["sessions"]}


async def test_an_empty_session_ends_too_and_is_never_thrown_away(shop: Shop) -> None:
    async def gone() -> bool:
        session = (await shop.owner.get(f"/api/assist/rooms/{shop.session['code']}")).json
        return bool(session["phase"] == "ended")

    await shop.owner.post(f"/api/assist/sessions/{shop.session['id']}/end")
    await eventually(gone)
    assert (await shop.owner.post(f"/api/assist/sessions/{shop.session['id']}/links", {})).code == "room_ended"


async def test_lists_of_sessions_page(shop: Shop) -> None:
    made = [(await shop.owner.post("/api/assist/sessions", {"title": f"S{number}"})).json["id"] for number in range(3)]
    first = (await shop.colleague.get("/api/assist/sessions?limit=2")).json
    assert ([one["id"] for one in first["sessions"]], first["more"]) == (made[:0:-1], True)
    rest = (await shop.colleague.get(f"/api/assist/sessions?limit=2&before={made[1]}")).json
    assert ([one["id"] for one in rest["sessions"]], rest["more"]) == ([made[0], shop.session["id"]], False)
