"""Meetings of a member, and the ways into their rooms."""

from __future__ import annotations

from tests.support.api import Browser, Park, eventually
from tests.support.databases import QueryCount


async def test_a_meeting_is_made_changed_trashed_and_restored(admin: Browser) -> None:
    made = await admin.meeting("  周会\u202e  ", lobby_enabled=True, guests_allowed=False)
    assert made["title"] == "周会"
    assert made["host"]["name"] == "Lin"
    assert made["link"] == f"{admin.base_url}/m/{made['code']}"
    path = f"/api/meetings/{made['id']}"
    changed = await admin.send("PATCH", path, {"title": "Weekly", "guests_allowed": True})
    assert (changed.json["title"], changed.json["guests_allowed"], changed.json["lobby_enabled"]) == (
        "Weekly",
        True,
        True,
    )
    assert (await admin.send("DELETE", path)).status == 204
    assert (await admin.get(f"/api/rooms/{made['code']}")).code == "room_not_found"
    assert made["id"] in [one["id"] for one in (await admin.get("/api/meetings?state=trash")).json["meetings"]]
    restored = await admin.post(f"{path}/restore")
    assert restored.json["trashed_at_ms"] == 0
    assert (await admin.get(f"/api/rooms/{made['code']}")).status == 200
    assert (await admin.send("PATCH", path, {"title": "\u200b"})).json["fields"] == {"title": "invalid"}


async def test_lists_page_newest_first(admin: Browser) -> None:
    made = [(await admin.meeting(f"Meeting {number}"))["id"] for number in range(5)]
    first = (await admin.get("/api/meetings?limit=3")).json
    assert ([one["id"] for one in first["meetings"]], first["more"]) == (made[:1:-1], True)
    rest = (await admin.get(f"/api/meetings?limit=3&before={made[2]}")).json
    assert [one["id"] for one in rest["meetings"]][:2] == made[1::-1]
    assert rest["more"] is False
    for query in ("limit=0", "limit=101", "limit=x", "state=gone", "before=%00", "surprise=1"):
        assert (await admin.get(f"/api/meetings?{query}")).status in (400, 422), query


async def test_a_list_costs_the_same_queries_however_long(park: Park, admin: Browser) -> None:
    queries = QueryCount(park.database)
    counts = []
    for _ in range(2):
        for number in range(3):
            await admin.meeting(f"Meeting {number}")
        queries.reset()
        await admin.get("/api/meetings")
        counts.append(len(queries.statements))
    assert counts == [2, 2]  # who is asking, and the page


async def test_a_guest_sees_the_card_gets_a_token_and_joins(park: Park) -> None:
    guest = park.browser()
    card = (await guest.get(f"/api/rooms/{park.ready_code.upper()}")).json
    assert card["you"] == {"role": "guest", "name": "", "signed_in": False}
    assert (card["people_count"], card["locked"], card["phase"]) == (0, False, "open")
    entry = await guest.post(f"/api/rooms/{park.ready_code}/guests", {"name": "  小红\u202e "})
    assert entry.status == 200, entry
    socket = await guest.join(park.ready_code, entry.json["token"])
    assert socket.reply["type"] == "joined", socket.reply
    assert socket.reply["role"] == "guest"
    (seat,) = socket.reply["room"]["participants"].values()
    assert (seat["name"], seat["identity"]) == ("小红", entry.json["identity"])
    card = (await guest.get(f"/api/rooms/{park.ready_code}")).json
    assert (card["people"], card["people_count"]) == (["小红"], 1)
    await socket.close()


async def test_the_same_browser_stays_the_same_guest_of_a_room_and_nobodys_elsewhere(
    park: Park, admin: Browser
) -> None:
    other = (await admin.meeting("Other"))["code"]
    guest, stranger = park.browser(), park.browser()

    async def identity(browser: Browser, code: str) -> str:
        return str((await browser.post(f"/api/rooms/{code}/guests", {"name": "Same name"})).json["identity"])

    first = await identity(guest, park.ready_code)
    assert await identity(guest, park.ready_code) == first
    assert await identity(stranger, park.ready_code) != first
    assert await identity(guest, other) != first


async def test_roles_come_from_the_account_never_from_a_name(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    boss = await park.member(admin, company, "Boss", "administrator")
    wang, zhao = await park.member(admin, company, "Wang"), await park.member(admin, company, "Zhao")
    code = (await wang.meeting())["code"]
    guest = park.browser()
    entry = (await guest.post(f"/api/rooms/{code}/guests", {"name": "Wang"})).json
    expected = [(wang, "", "host"), (admin, "", "host"), (boss, "", "participant"), (zhao, "", "participant")]
    for browser, token, role in [*expected, (guest, entry["token"], "guest")]:
        socket = await browser.join(code, token)
        assert socket.reply["type"] == "joined"
        assert socket.reply["role"] == role
        if not token:
            assert (await browser.get(f"/api/rooms/{code}")).json["you"]["role"] == role
        await socket.close()


async def test_a_guest_token_opens_its_room_only_and_a_closed_door_stays_shut(park: Park, admin: Browser) -> None:
    other = await admin.meeting("Other")
    guest = park.browser()
    token = (await guest.post(f"/api/rooms/{park.ready_code}/guests", {"name": "G"})).json["token"]
    assert (await guest.join(other["code"], token)).reply["code"] == "forbidden"
    await admin.send("PATCH", f"/api/meetings/{other['id']}", {"guests_allowed": False})
    refused = await guest.post(f"/api/rooms/{other['code']}/guests", {"name": "G"})
    assert (refused.status, refused.code) == (401, "sign_in_required")
    assert (await guest.get(f"/api/rooms/{other['code']}")).json["you"]["role"] is None
    assert (await guest.join(other["code"])).reply["type"] == "error"


async def test_a_guest_whose_meeting_takes_no_guests_any_more_cannot_come_back(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    guest = park.browser()
    token = (await guest.post(f"/api/rooms/{meeting['code']}/guests", {"name": "G"})).json["token"]
    await admin.send("PATCH", f"/api/meetings/{meeting['id']}", {"guests_allowed": False})
    assert (await guest.join(meeting["code"], token)).reply["code"] == "sign_in_required"


async def test_an_ended_meeting_is_ended_everywhere(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    guest = park.browser()
    token = (await guest.post(f"/api/rooms/{meeting['code']}/guests", {"name": "G"})).json["token"]
    host = await admin.join(meeting["code"])
    seated = await guest.join(meeting["code"], token)
    await host.ask("end")
    closing = await seated.until("closing")
    assert closing["code"] == "room_ended"

    async def is_ended() -> bool:
        return bool((await admin.get(f"/api/meetings/{meeting['id']}")).json["phase"] == "ended")

    await eventually(is_ended)  # written behind the room's back, in order
    assert (await guest.post(f"/api/rooms/{meeting['code']}/guests", {"name": "G"})).code == "room_ended"
    assert (await guest.join(meeting["code"], token)).reply["type"] == "error"
    assert (await admin.get("/api/meetings?state=ended")).json["meetings"][0]["id"] == meeting["id"]


async def test_names_inside_are_kept_from_strangers_where_there_is_a_lobby(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting(lobby_enabled=True)
    host = await admin.join(meeting["code"])
    stranger = (await park.browser().get(f"/api/rooms/{meeting['code']}")).json
    assert (stranger["people"], stranger["people_count"]) == ([], 1)
    assert (await admin.get(f"/api/rooms/{meeting['code']}")).json["people"] == ["Lin"]
    assert (await admin.send("DELETE", f"/api/meetings/{meeting['id']}")).code == "wrong_state"
    await host.close()


async def test_the_lobby_of_a_live_room_is_switched_from_the_list(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    host = await admin.join(meeting["code"])
    await admin.send("PATCH", f"/api/meetings/{meeting['id']}", {"lobby_enabled": True})
    assert (await host.until_event("lobby_changed"))["enabled"] is True
    guest = park.browser()
    token = (await guest.post(f"/api/rooms/{meeting['code']}/guests", {"name": "G"})).json["token"]
    waiting = await guest.join(meeting["code"], token)
    assert waiting.reply["type"] == "waiting"
    entry = (await host.until_event("lobby_asked"))["entry"]
    assert (await host.ask("admit", entry_id=entry["id"]))["type"] == "ok"
    assert (await waiting.until("joined"))["role"] == "guest"


async def test_chat_outlives_the_connection_and_pages(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    host = await admin.join(meeting["code"])
    sent = [f"line {number}" for number in range(5)]
    for number, text in enumerate(sent):
        assert (await host.ask("send_chat", text=text, nonce=f"n{number}"))["type"] == "ok"
    again = await admin.join(meeting["code"])
    chat = again.reply["room"]["chat"]
    assert [one["text"] for one in chat] == sent
    ids = [one["id"] for one in chat]

    async def is_archived() -> bool:
        page = await again.ask("read_chat", before_id=ids[3], limit=2)
        return [one["text"] for one in page["messages"]] == sent[1:3] and page["more"] is True

    await eventually(is_archived)


async def test_a_program_token_is_bounded_and_opens_the_door_without_a_cookie(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting(lobby_enabled=True)
    path = f"/api/rooms/{meeting['code']}/tokens"
    made = await admin.post(path, {"publish": True, "subscribe": True, "expires_in_s": 600, "name": "Camera 1"})
    assert made.status == 201, made
    assert made.json["expires_at_ms"] <= (await admin.me())["server_time_ms"] + 600_000
    program = park.browser()
    bearer = {"Authorization": f"Bearer {made.json['token']}"}
    card = (await program.ask("GET", f"/api/rooms/{meeting['code']}", headers=bearer)).json
    assert card["you"] == {"role": "participant", "name": "", "signed_in": False}
    seated = await program.join(meeting["code"], made.json["token"])
    assert seated.reply["type"] == "joined"
    assert (await admin.post(path, {})).json["fields"] == {"publish": "required"}
    for seconds in (59, 30 * 86_400 + 1):
        assert (await admin.post(path, {"publish": True, "expires_in_s": seconds})).json["fields"] == {
            "expires_in_s": "invalid"
        }
    unknown = await program.ask("GET", f"/api/rooms/{meeting['code']}", headers={"Authorization": "Bearer nonsense"})
    assert (unknown.status, unknown.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_subscribe_only_token_publishes_nothing(park: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    made = await admin.post(f"/api/rooms/{meeting['code']}/tokens", {"subscribe": True})
    seated = await park.browser().join(meeting["code"], made.json["token"])
    assert seated.reply["publish"] == []
    answer = await seated.ask("publish", sdp="v=0\r\n", media=[])
    assert answer["code"] == "forbidden"


async def test_the_link_as_a_picture(park: Park) -> None:
    answer = await park.browser().get(f"/api/rooms/{park.ready_code}/qr.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.body.startswith(b"<svg")
    assert b"<script" not in answer.body
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (await park.browser().get("/api/rooms/aaa-bbbb-ccc/qr.svg")).code == "room_not_found"


async def test_encryption_is_chosen_when_a_meeting_is_made_and_never_after(park: Park, admin: Browser) -> None:
    plain, secret = await admin.meeting("Open"), await admin.meeting("Board", encrypted=True)
    assert (plain["encrypted"], secret["encrypted"]) == (False, True)
    assert (await park.browser().get(f"/api/rooms/{secret['code']}")).json["encrypted"] is True
    changed = await admin.send("PATCH", f"/api/meetings/{secret['id']}", {"encrypted": False})
    assert changed.status in (400, 422)
    assert (await admin.get(f"/api/meetings/{secret['id']}")).json["encrypted"] is True
    # programs have no keys, so they get no tokens
    token = {"publish": True, "subscribe": True}
    assert (await admin.post(f"/api/rooms/{secret['code']}/tokens", token)).code == "encrypted"
    assert (await admin.post(f"/api/rooms/{plain['code']}/tokens", token)).status == 201
    # whoever comes is told by the snapshot
    socket = await admin.join(secret["code"])
    assert socket.reply["room"]["encrypted"] is True
