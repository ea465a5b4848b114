"""Two server processes on one Redis and one database are one park: no state that counts is local."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.clock import now_ms
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.presence import RedisPresence
from tests.support.api import Browser, Park, Socket, eventually, open_park
from tests.support.assist import PDF
from tests.support.livestream import Audience, livestream


@pytest.fixture
async def other(park: Park, tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Park]:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "files").symlink_to(park.data_folder / "files")  # as one share that both have mounted
    async with open_park(tmp_path / "other", database_url, redis_url) as opened:
        yield opened


async def on(park: Park, browser: Browser) -> Browser:
    """The same person's browser at the other process, as behind a load balancer."""
    moved = park.browser()
    for cookie in browser.session.cookie_jar:
        moved.session.cookie_jar.update_cookies({cookie.key: cookie.value})
    await moved.me()
    return moved


async def test_a_sign_in_counts_on_both_and_ends_on_both(park: Park, other: Park, admin: Browser) -> None:
    moved = await on(other, admin)
    assert moved.account == admin.account
    made = await moved.meeting("Made there")
    assert (await admin.get(f"/api/meetings/{made['id']}")).json["title"] == "Made there"
    await moved.post("/api/sign-out")
    assert (await admin.get("/api/meetings")).code == "unauthenticated"


async def test_a_second_process_prints_the_same_ready_meeting(park: Park, other: Park) -> None:
    assert other.ready_code == park.ready_code
    assert other.setup_token not in ("", park.setup_token)  # each prints a link that works; the first one used wins
    assert (await other.administrator()).account is not None
    body = {"token": park.setup_token, "name": "x", "email": "x@y.zz", "password": "correct horse", "organization": "x"}
    assert (await park.browser().post("/api/setup", body)).code == "wrong_state"


async def test_who_is_in_a_room_is_seen_from_both(park: Park, other: Park, admin: Browser) -> None:
    meeting = await admin.meeting()
    there = other.browser()
    token = (await there.post(f"/api/rooms/{meeting['code']}/guests", {"name": "Guest there"})).json["token"]
    host = await admin.join(meeting["code"])
    guest = await there.join(meeting["code"], token)
    assert guest.reply["type"] == "joined", guest.reply
    assert [one["name"] for one in guest.reply["room"]["participants"].values()] == ["Lin", "Guest there"]
    assert park.rooms.find(meeting["id"]) is not None
    assert other.rooms.find(meeting["id"]) is None

    async def both_know() -> bool:
        cards = [(await browser.get(f"/api/rooms/{meeting['code']}")).json for browser in (admin, there)]
        return [card["people_count"] for card in cards] == [2, 2]

    await eventually(both_know)
    moved = await on(other, admin)
    assert (await moved.get("/api/meetings")).json["meetings"][0]["people_count"] == 2
    await guest.ask("send_chat", text="over the bus", nonce="n")
    assert (await host.until_event("chat_sent"))["message"]["text"] == "over the bus"


async def test_a_file_brought_to_one_is_served_by_the_other(park: Park, other: Park, admin: Browser) -> None:
    # given a meeting with somebody at each of the two, neither of whom knows which one runs the room
    meeting = await admin.meeting()
    there = other.browser()
    token = (await there.post(f"/api/rooms/{meeting['code']}/guests", {"name": "Guest there"})).json["token"]
    host, guest = await admin.join(meeting["code"]), await there.join(meeting["code"], token)
    for bringing, by, opening, reader, key in (
        (host, admin, guest, there, "from-the-one"),
        (guest, there, host, admin, "from-the-other"),
    ):
        # when one brings a file to their process
        place = (await bringing.ask("bring_file", key=key, name="Plan.pdf", size_bytes=len(PDF)))["path"]
        assert (await by.send("PUT", place, raw=PDF)).status == 204
        assert (await bringing.ask("share_file", key=key, nonce=key))["type"] == "ok"
        # then the other gets it from theirs
        while (await opening.until_event("chat_sent"))["message"]["file"]["key"] != key:
            pass  # what they shared themselves
        got = await reader.get((await opening.ask("open_file", key=key))["path"])
        assert (got.status, got.body) == (200, PDF)


async def test_who_of_a_company_is_in_is_told_to_its_people_and_its_officer_only(
    park: Park, other: Park, admin: Browser
) -> None:
    works, robots = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    asking, colleague = await park.member(admin, works, "Zhou"), await park.member(admin, works, "Wu")
    rival, officer = await park.member(admin, robots, "Qian"), await park.member(admin, park_id, "Chen", "officer")
    path = f"/api/directory/organizations/{works}/people"

    async def states(by: Browser = asking) -> dict[str, str]:
        return {one["name"]: one["state"] for one in (await by.get(path)).json["people"]}

    async def become(expected: str) -> None:
        async def so() -> bool:
            return (await states())["Wu"] == expected

        await eventually(so)

    # a page that is open, and a seat in a room, both at the other process
    assert await states() == {"Zhou": "away", "Wu": "away"}
    moved = await on(other, colleague)
    page = Socket(await moved.session.ws_connect(f"{moved.base_url}/ws", headers={"Origin": moved.base_url}))
    await page.say({"type": "hello", "id": 1, "protocol": 1, "token": ""})
    await page.until("welcome")
    await become("here")
    meeting = await moved.meeting()
    seat = await moved.join(meeting["code"])
    await become("call")
    assert (await seat.ask("leave"))["type"] == "ok"
    await become("here")
    await seat.close()
    await page.close()
    await become("away")

    # nobody else learns of it, until one is its officer
    assert (await rival.get(path)).code == (await officer.get(path)).code == (await admin.get(path)).code == "forbidden"
    assert (await rival.get(f"/api/directory/organizations/{'0' * 26}/people")).code == "not_found"
    named = await admin.send("PUT", f"/api/officers/companies/{works}", {"account_id": officer.account_id})
    assert named.status < 300, named
    assert set(await states(officer)) == {"Zhou", "Wu"}
    assert (await admin.get(path)).code == "forbidden"


async def test_the_audience_of_a_livestream_is_one_at_both(park: Park, other: Park, admin: Browser) -> None:
    host = await park.member(admin, await park.organization(admin, "Laser Works"), "Host")
    live = await livestream(host)
    near = await Audience.join(park.browser(), live["id"], "?name=Li")
    far = await Audience.join(other.browser(), live["id"], "?name=Wang")
    behind = await Audience.join(host, live["id"])

    # chat, counts and reactions
    assert await far.code("say", text="over the bus") == ""
    await near.until(lambda: near.texts == ["over the bus"])
    await behind.until(lambda: behind.told.get("viewers") == 2)
    await near.say({"type": "react", "kind": "clap", "count": 3})
    await far.until(lambda: far.reactions["clap"] == 3)

    # a question that is voted up there
    assert await near.code("ask", text="When?") == ""
    await far.until(lambda: len(far.questions) == 1)
    (question,) = far.questions
    assert await far.code("upvote", question_id=question) == ""
    await near.until(lambda: near.questions.get(question, {}).get("votes") == 1)

    # what moderators do here counts there
    (said,) = near.messages
    assert await behind.code("delete", message_id=said) == ""
    await far.until(lambda: far.texts == [])
    assert await behind.code("ban", viewer_id=far.id) == ""
    await far.until(lambda: far.closing == "removed")


async def test_a_setting_changed_at_one_process_reaches_the_room_at_the_other(
    park: Park, other: Park, admin: Browser
) -> None:
    meeting = await admin.meeting()
    host = await admin.join(meeting["code"])
    moved = await on(other, admin)

    async def known_there() -> bool:
        return bool((await moved.get(f"/api/rooms/{meeting['code']}")).json["people_count"] == 1)

    await eventually(known_there)
    changed = await moved.send("PATCH", f"/api/meetings/{meeting['id']}", {"lobby_enabled": True})
    assert changed.status == 200
    assert (await host.until_event("lobby_changed"))["enabled"] is True


async def test_signing_out_everywhere_closes_the_sockets_of_both(other: Park, admin: Browser, redis_url: str) -> None:
    first, second = await admin.meeting("First"), await admin.meeting("Second")
    here, moved = await admin.join(first["code"]), await on(other, admin)
    there = await moved.join(second["code"])

    async def both_beat() -> bool:
        return len(await presence.nodes()) == 2

    store = RedisStore(redis_url)
    presence = RedisPresence(store, Keys(), now_ms)
    await eventually(both_beat)
    await store.close()
    assert (await admin.post("/api/sign-out-everywhere")).status == 204
    for socket in (here, there):
        assert (await socket.until("closing"))["code"] == "unauthenticated"


async def test_whoever_loses_an_office_loses_the_seat_on_a_room_that_another_process_runs(
    park: Park, other: Park, admin: Browser
) -> None:
    """A host by office, relayed to the room's owner: neither the seat nor its resume token outlive the office."""
    organization = (await admin.me())["memberships"][0]["organization"]["id"]
    deputy = await park.member(admin, organization, "Deputy", "administrator")
    meeting = await admin.meeting()
    await admin.join(meeting["code"])
    moved = await on(other, deputy)
    seated = await moved.join(meeting["code"])
    assert seated.reply["role"] == "host"
    path = f"/api/organizations/{organization}/members/{moved.account_id}"

    assert (await admin.send("PUT", path, {"roles": ["member"]})).status == 204
    assert (await seated.until("closing"))["code"] == "expired"

    async def seat_is_gone() -> bool:
        return bool((await admin.get(f"/api/rooms/{meeting['code']}")).json["people_count"] == 1)

    await eventually(seat_is_gone)
    again = await moved.join(meeting["code"], resume=seated.reply["resume"])
    assert (again.reply["role"], again.reply["resumed"]) == ("participant", False)


async def test_a_password_is_guessed_at_both_against_one_limit(park: Park, other: Park, admin: Browser) -> None:
    codes = []
    for number in range(7):
        browser = (park, other)[number % 2].browser()
        codes.append((await browser.sign_in("lin@park.example", f"guess {number}")).code)
    assert codes == ["unauthenticated"] * 5 + ["rate_limited"] * 2
