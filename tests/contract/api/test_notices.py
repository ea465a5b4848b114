"""The inbox over the API and the socket: one's own only, live on every page, with undo and choices."""

from __future__ import annotations

from collab.app import DESK
from collab.clock import now_ms
from collab.notices.kinds import KINDS, NoticeKind
from collab.notices.models import Notice, Subject
from collab.notices.outbox import put
from tests.support.api import Browser, Json, Park, Socket

PUSH = {"endpoint": "https://push.example.com/1", "p256dh": "B" * 87, "auth": "a" * 22}


async def tell(park: Park, browser: Browser, key: str) -> None:
    """As a feature does it: in its own transaction, then a nudge."""
    notice = Notice(
        kind=NoticeKind.CALL_MISSED,
        account_ids=(browser.account_id,),
        key=key,
        about=Subject("request", "1"),
        path="/requests/1",
        params={"from": "Wang", "about": "Hall 3"},
    )
    async with park.database.write() as session:
        await put(session, notice, now_ms())
    park.app[DESK].nudge()


async def inbox_of(browser: Browser, query: str = "") -> Json:
    answer = await browser.get(f"/api/notices{query}")
    assert answer.status == 200, answer
    return answer.json


async def open_page(browser: Browser) -> Socket:
    """A page of the desk: signed in, in no room."""
    socket = Socket(await browser.session.ws_connect(f"{browser.base_url}/ws", headers={"Origin": browser.base_url}))
    await socket.say({"type": "hello", "id": 1, "protocol": 1, "token": ""})
    await socket.until("welcome")
    return socket


async def test_a_notice_reaches_the_inbox_and_every_open_page(park: Park, admin: Browser) -> None:
    pages = [await open_page(admin) for _ in range(2)]
    await tell(park, admin, "a")
    for page in pages:
        assert (await page.until("inbox"))["unread"] == 1
    (notice,) = (await inbox_of(admin, "?locale=en"))["notices"]
    assert (notice["title"], notice["path"]) == ("Missed call from Wang", "/requests/1")
    assert (await inbox_of(admin, "?locale=zh-CN"))["notices"][0]["title"] == "未接来电：Wang"
    await admin.post("/api/notices/read", {"ids": [notice["id"]]})
    for page in pages:
        assert (await page.until("inbox"))["unread"] == 0
        await page.close()


async def test_reading_all_can_be_undone_and_spares_what_came_later(park: Park, admin: Browser) -> None:
    for key in ("a", "b"):
        await tell(park, admin, key)
    seen = (await inbox_of(admin))["notices"]
    await tell(park, admin, "c")
    marked = (await admin.post("/api/notices/read", {"until": seen[0]["id"]})).json
    assert (len(marked["ids"]), marked["unread"]) == (2, 1)
    assert len((await inbox_of(admin, "?state=unread"))["notices"]) == 1
    assert (await admin.post("/api/notices/unread", {"ids": marked["ids"]})).json["unread"] == 3


async def test_nobody_sees_or_marks_anothers_notices(park: Park, admin: Browser) -> None:
    other = await park.member(admin, await park.organization(admin, "Robots"), "Member")
    await tell(park, admin, "a")
    (mine,) = (await inbox_of(admin))["notices"]
    assert (await inbox_of(other)) == {"notices": [], "more": False, "unread": 0}
    assert (await other.post("/api/notices/read", {"ids": [mine["id"]]})).json == {"ids": [], "unread": 0}
    assert (await inbox_of(admin))["unread"] == 1


async def test_the_inbox_is_read_by_pages_and_areas(park: Park, admin: Browser) -> None:
    for number in range(5):
        await tell(park, admin, str(number))
    first = await inbox_of(admin, "?limit=3")
    rest = await inbox_of(admin, f"?limit=3&before={first['notices'][-1]['id']}")
    assert [len(first["notices"]), first["more"], len(rest["notices"]), rest["more"]] == [3, True, 2, False]
    assert len((await inbox_of(admin, "?area=calls"))["notices"]) == 5
    assert (await inbox_of(admin, "?area=park"))["notices"] == []


async def test_what_people_choose_is_kept(admin: Browser) -> None:
    usual = (await admin.get("/api/me/notice-settings")).json
    assert {one["kind"] for one in usual["kinds"]} == {kind for kind, about in KINDS.items() if not about.fixed}
    body = {
        "kinds": [{"kind": "call_missed", "mail": "digest", "push": False}],
        "quiet": {"from_minute": 1320, "until_minute": 420},
        "digest_minute": 510,
        "time_zone": "Europe/Berlin",
    }
    saved = (await admin.send("PUT", "/api/me/notice-settings", body)).json
    assert saved == (await admin.get("/api/me/notice-settings")).json
    assert saved["quiet"] == body["quiet"]
    (missed,) = (one for one in saved["kinds"] if one["kind"] == "call_missed")
    assert (missed["area"], missed["mail"], missed["push"]) == ("calls", "digest", False)
    for wrong in ({"time_zone": "../etc/passwd"}, {"digest_minute": 1440}, {"kinds": [{"kind": "spam"}]}):
        assert (await admin.send("PUT", "/api/me/notice-settings", {**body, **wrong})).code == "invalid"


async def test_a_browser_takes_pushes_and_takes_none_any_more(admin: Browser) -> None:
    assert (await admin.post("/api/me/push-subscriptions", PUSH)).status == 204
    assert (await admin.get("/api/me/notice-settings")).json["browsers"] == 1
    private = {**PUSH, "endpoint": "https://192.168.0.1/x"}
    assert (await admin.post("/api/me/push-subscriptions", private)).code == "invalid"
    assert (await admin.send("DELETE", "/api/me/push-subscriptions", {"endpoint": PUSH["endpoint"]})).status == 204
    assert (await admin.get("/api/me/notice-settings")).json["browsers"] == 0
