"""The audience's socket: chat, questions, polls, hands; who may do what; floods, strangers, people sent away."""

from __future__ import annotations

import pytest

from collab.app import LIVESTREAMS
from tests.support.api import Browser, Json, Park, eventually
from tests.support.livestream import Audience, livestream, watch


@pytest.fixture
async def host(park: Park, admin: Browser) -> Browser:
    return await park.member(admin, await park.organization(admin, "Laser Works"), "Host")


@pytest.fixture
async def live(host: Browser) -> Json:
    return await livestream(host)


async def test_what_one_says_the_others_read_and_it_is_there_for_who_comes_later(
    park: Park, host: Browser, live: Json
) -> None:
    li = await Audience.join(park.browser(), live["id"], "?name=Li")
    wang = await Audience.join(park.browser(), live["id"], "?name=Wang")
    behind = await Audience.join(host, live["id"])
    assert await li.code("say", text="Hello <b>") == ""
    await wang.until(lambda: wang.texts == ["Hello <b>"])
    (said,) = wang.messages.values()
    assert (said["name"], said["role"], said["viewer_id"]) == ("Li", "", li.id)
    await behind.until(lambda: behind.told.get("viewers") == 2)  # the host is no viewer
    await wang.say({"type": "react", "kind": "clap", "count": 7})  # has no answer
    await li.until(lambda: li.reactions["clap"] == 7)
    assert await behind.code("pin", message_id=said["id"]) == ""
    await wang.until(lambda: (wang.pinned.get("") or {}).get("text") == "Hello <b>")
    assert await behind.code("delete", message_id=said["id"]) == ""
    await wang.until(lambda: wang.texts == [])
    assert wang.pinned[""] is None
    await wang.ask("say", text="Later")
    await li.close()

    again = await Audience.join(park.browser(), live["id"])
    await again.until(lambda: again.texts == ["Later"])
    assert await again.code("say", text="I have no name") == "invalid"


async def test_only_moderators_moderate(park: Park, host: Browser, live: Json) -> None:
    li = await Audience.join(park.browser(), live["id"], "?name=Li")
    ref = "0" * 26
    for message in (
        {"message_type": "delete", "message_id": ref},
        {"message_type": "approve", "message_id": ref},
        {"message_type": "pin", "message_id": ref},
        {"message_type": "ban", "viewer_id": "x"},
        {"message_type": "judge_question", "question_id": ref, "state": "answered"},
        {"message_type": "poll_open", "question": "?", "options": ["a", "b"]},
        {"message_type": "poll_close", "poll_id": ref},
        {"message_type": "invite", "viewer_id": "x"},
        {"message_type": "send_back", "viewer_id": "x"},
    ):
        kind = message.pop("message_type")
        assert await li.code(str(kind), **message) == "forbidden", kind
    behind = await Audience.join(host, live["id"])
    for message in (
        {"message_type": "delete", "message_id": ref},
        {"message_type": "poll_close", "poll_id": ref},
        {"message_type": "invite", "viewer_id": "x"},
    ):
        kind = message.pop("message_type")
        assert await behind.code(str(kind), **message) == "not_found", kind
    assert await behind.code("ban", viewer_id=behind.id) == "invalid"


async def test_words_are_held_for_a_moderator_and_slow_mode_slows(park: Park, host: Browser, live: Json) -> None:
    chat = {"words": ["Ｓpam"], "slow_s": 0}
    path = f"/api/livestreams/{live['id']}"
    changed = (await host.send("PATCH", path, {"version": live["version"], "chat": chat})).json
    li = await Audience.join(park.browser(), live["id"], "?name=Li")
    wang = await Audience.join(park.browser(), live["id"], "?name=Wang")
    behind = await Audience.join(host, live["id"])
    assert (await li.ask("say", text="buy s.p-à-m now"))["held"]
    await behind.until(lambda: [one["state"] for one in behind.messages.values()] == ["held"])
    await wang.ask("say", text="Fine")
    await li.until(lambda: li.texts == ["Fine"])
    (held,) = [one["id"] for one in behind.messages.values() if one["state"] == "held"]
    assert await behind.code("approve", message_id=held) == ""
    assert await behind.code("approve", message_id=held) == "wrong_state"
    await wang.until(lambda: len(wang.texts) == 2)
    await host.send("PATCH", path, {"version": changed["version"], "chat": {"slow_s": 600}})
    await wang.until(lambda: wang.told["rules"]["slow_s"] == 600)
    refused = await wang.ask("say", text="Again")
    assert refused["code"] == "rate_limited"
    assert 0 < refused["retry_after_ms"] <= 600_000
    assert await behind.code("say", text="Hosts are not slowed") == ""
    assert await behind.code("say", text="Twice") == ""
    await host.send("PATCH", path, {"version": changed["version"] + 1, "chat": {"enabled": False}})
    await li.until(lambda: not li.told["rules"]["enabled"])
    assert await li.code("say", text="Anyone?") == "wrong_state"


async def test_groups_have_rooms_of_their_own(park: Park, host: Browser, live: Json) -> None:
    groups = [{"kind": "link", "name": name, "own_chat": True} for name in ("East", "West")]
    changed = (await host.send("PUT", f"/api/livestreams/{live['id']}/groups", {"groups": groups})).json
    links = [group["link"].partition("?")[2] for group in changed["groups"]]
    east = await Audience.join(park.browser(), live["id"], f"?{links[0]}&name=East")
    west = await Audience.join(park.browser(), live["id"], f"?{links[1]}&name=West")
    public = await Audience.join(park.browser(), live["id"], "?name=All")
    behind = await Audience.join(host, live["id"])
    await east.ask("say", text="from the east", room=changed["groups"][1]["id"])  # it has no say in that
    await west.ask("say", text="from the west")
    await behind.ask("say", text="to all", room="*")
    await west.until(lambda: west.texts == ["from the west", "to all"])
    await east.until(lambda: east.texts == ["from the east", "to all"])
    await public.until(lambda: public.texts == ["to all"])
    await behind.until(lambda: len(behind.texts) == 3)
    await east.ask("ask", text="An eastern question")
    await behind.until(lambda: len(behind.questions) == 1)
    (question,) = behind.questions
    assert await west.code("upvote", question_id=question) == "not_found"
    await west.ask("say", text="last")
    assert west.questions == {}


async def test_questions_are_voted_on_and_answered_and_polls_counted(park: Park, host: Browser, live: Json) -> None:
    li = await Audience.join(park.browser(), live["id"], "?name=Li")
    wang = await Audience.join(park.browser(), live["id"], "?name=Wang")
    behind = await Audience.join(host, live["id"])
    await li.ask("ask", text="When does it open?")
    await wang.until(lambda: len(wang.questions) == 1)
    (question,) = wang.questions
    for _ in range(2):  # once for each, however often
        await wang.ask("upvote", question_id=question)
    await li.ask("upvote", question_id=question)
    await li.until(lambda: li.questions[question]["votes"] == 2)
    await li.ask("upvote", question_id=question, on=False)
    await behind.ask("judge_question", question_id=question, state="answered", answer="In May")
    await wang.until(
        lambda: wang.questions[question].get("answer") == "In May" and wang.questions[question]["votes"] == 1
    )
    for bad in ({"options": ["a", "a"]}, {"options": ["a", " "]}):
        assert await behind.code("poll_open", question="Lunch?", **bad) == "invalid"
    await behind.ask("poll_open", question="Lunch?", options=["Rice", "Noodles"])
    await li.until(lambda: len(li.polls) == 1)
    (poll,) = li.polls
    for bad_choices in ([], [2], [0, 1]):
        assert await li.code("poll_answer", poll_id=poll, choices=bad_choices) == "invalid"
    await li.ask("poll_answer", poll_id=poll, choices=[0])
    await li.ask("poll_answer", poll_id=poll, choices=[1])  # changed one's mind
    await wang.ask("poll_answer", poll_id=poll, choices=[1])
    await wang.until(lambda: wang.polls[poll]["counts"] == [0, 2])
    await behind.ask("poll_close", poll_id=poll)
    await li.until(lambda: li.polls[poll]["state"] == "closed")
    assert await li.code("poll_answer", poll_id=poll, choices=[0]) == "wrong_state"


async def test_a_hand_leads_onto_the_stage_and_back(park: Park, host: Browser, live: Json) -> None:
    path, browser = f"/api/livestreams/{live['id']}", park.browser()
    await park.app[LIVESTREAMS].moved(live["id"], "rehearsal")
    await park.app[LIVESTREAMS].moved(live["id"], "live")
    li = await Audience.join(browser, live["id"], "?name=Li")
    behind = await Audience.join(host, live["id"])
    assert (await browser.post(f"{path}/stage-ticket", {"token": li.token})).code == "forbidden"
    assert await li.code("raise_hand") == ""
    await behind.until(lambda: behind.hands.get(li.id, {}).get("state") == "raised")
    assert (await browser.post(f"{path}/stage-ticket", {"token": li.token})).code == "forbidden"
    assert await behind.code("invite", viewer_id=li.id) == ""
    await li.until(lambda: li.you.get("hand") == "invited")
    ticket = (await browser.post(f"{path}/stage-ticket", {"token": li.token})).json
    await li.until(lambda: li.you.get("hand") == "on_stage")
    socket = await browser.join(ticket["code"], ticket["token"])
    assert socket.reply["type"] == "joined", socket.reply
    (room,) = park.rooms.rooms
    assert ticket["identity"] in {one.identity for one in room.view.participants.values()}
    assert await behind.code("send_back", viewer_id=li.id) == ""  # whatever the page does
    assert ticket["identity"] not in {one.identity for one in room.view.participants.values()}
    await li.until(lambda: li.you.get("hand", "down") == "down")
    assert (await browser.join(ticket["code"], ticket["token"])).reply["type"] == "error"
    assert (await browser.post(f"{path}/stage-ticket", {"token": li.token})).code == "forbidden"


async def test_who_is_banned_is_out_at_once_and_stays_out(park: Park, host: Browser, live: Json) -> None:
    browser = park.browser()
    li = await Audience.join(browser, live["id"], "?name=Li")
    wang = await Audience.join(park.browser(), live["id"], "?name=Wang")
    behind = await Audience.join(host, live["id"])
    await li.ask("say", text="Rude")
    await wang.until(lambda: wang.texts == ["Rude"])
    assert await behind.code("ban", viewer_id=li.id) == ""
    await li.until(lambda: bool(li.closing))
    assert li.closing == "removed"
    await wang.until(lambda: wang.texts == [])
    # then who looks after the audience sees whom, now and on a page that comes later, and nobody else does
    await behind.until(lambda: li.id in behind.banned)
    assert (await Audience.join(host, live["id"])).banned == {li.id: {"viewer_id": li.id, "name": "Li"}}
    assert wang.banned == {}
    assert (await watch(browser, live["id"]))["needs"] == "banned"
    again = await Audience.join(browser, live["id"], token=li.token)
    assert again.closing == "removed"
    assert (await browser.get(f"/api/livestreams/{live['id']}/film?token={li.token}")).code == "removed"
    assert await behind.code("ban", viewer_id=li.id, on=False) == ""

    async def back() -> bool:
        return bool((await watch(browser, live["id"]))["needs"] == "")

    await eventually(back)
    await behind.until(lambda: behind.banned[li.id].get("on") is False)


async def test_no_token_of_elsewhere_and_no_broken_message_gets_anywhere(park: Park, host: Browser, live: Json) -> None:
    other = await livestream(host)
    browser = park.browser()
    foreign = (await watch(browser, other["id"]))["token"]
    own = (await watch(browser, live["id"]))["token"]
    assert (await Audience.join(browser, live["id"], token=foreign)).closing == "unauthenticated"
    for forged in (own[:-4] + "AAAA", "x", "x" * 2_000):
        assert (await Audience.join(browser, live["id"], token=forged)).closing in ("unauthenticated", "bad_message")
    foreign_origin = {"Origin": "https://evil.example"}
    answer = await browser.ask("GET", f"/api/livestreams/{live['id']}/hub", headers=foreign_origin)
    assert answer.status == 403
    for bad in (
        {"type": "say", "id": 1, "text": "x" * 1_001},
        {"type": "say", "id": 1, "text": "x", "admin": True},
        {"type": "say", "id": 1, "text": ""},
        {"type": "react", "kind": "bomb"},
        {"type": "react", "kind": "clap", "count": 1_000_000},
        {"type": "poll_answer", "poll_id": "x", "choices": [1]},
        {"type": "hello", "token": own},
        {"type": "nothing"},
    ):
        li = await Audience.join(browser, live["id"], "?name=Li")
        await li.say(bad)
        await li.until(lambda li=li: bool(li.closing))  # type: ignore[misc]
        assert li.closing == "bad_message", bad


async def test_a_flood_is_refused_and_then_cut_off_while_others_go_on(park: Park, host: Browser, live: Json) -> None:
    flooder = await Audience.join(park.browser(), live["id"], "?name=Flood")
    wang = await Audience.join(park.browser(), live["id"], "?name=Wang")
    for number in range(300):
        try:
            await flooder.say({"type": "say", "id": 10 + number, "text": f"buy {number}"})
        except ConnectionError:
            break
    await flooder.until(lambda: bool(flooder.closing))
    assert flooder.closing == "rate_limited"
    assert await wang.code("say", text="Calm") == ""
    await wang.until(lambda: "Calm" in wang.texts)
    assert len(wang.texts) < 20


async def test_who_loses_their_part_loses_it_in_the_hub(park: Park, admin: Browser, host: Browser, live: Json) -> None:
    member = await park.member(admin, await park.organization(admin, "Robots"), "Member")
    path = f"/api/livestreams/{live['id']}/people"
    me = {"account_id": host.account_id, "role": "host"}
    await host.send("PUT", path, {"people": [me, {"account_id": member.account_id, "role": "moderator"}]})
    moderator = await Audience.join(member, live["id"])
    assert await moderator.code("poll_open", question="?", options=["a", "b"]) == ""
    await host.send("PUT", path, {"people": [me]})
    await moderator.until(lambda: bool(moderator.closing))
    assert moderator.closing == "expired"
    assert (await Audience.join(member, live["id"], token=moderator.token)).closing == "expired"
    back = await Audience.join(member, live["id"])
    assert await back.code("poll_open", question="?", options=["a", "b"]) == "forbidden"


async def test_what_was_said_and_who_watched_is_counted_and_saved_without_formulas(
    park: Park, admin: Browser, host: Browser, live: Json
) -> None:
    path, life = f"/api/livestreams/{live['id']}", park.app[LIVESTREAMS]
    await life.moved(live["id"], "rehearsal")
    await life.moved(live["id"], "live")
    li = await Audience.join(park.browser(), live["id"], "?name==1%2B1")
    behind = await Audience.join(host, live["id"])
    await li.ask("say", text="@SUM(A1)")
    await li.ask("ask", text="-2?")
    await behind.ask("poll_open", question="+1?", options=["=a", "b"])
    await li.until(lambda: len(li.polls) == 1)
    await li.ask("poll_answer", poll_id=next(iter(li.polls)), choices=[0])
    await li.close()

    async def counted() -> bool:
        found = (await host.get(f"{path}/numbers")).json
        return bool((found["people"], found["peak"], found["messages"], found["questions"]) == (1, 1, 1, 1))

    await eventually(counted)
    expected = {
        "visits": "'=1+1",
        "people": "'=1+1",
        "chat": "'@SUM(A1)",
        "questions": "'-2?",
        "polls": "'=a",
        "registrations": "address",
    }
    for what, cell in expected.items():
        table = (await host.get(f"{path}/export.csv?what={what}")).body.decode()
        assert cell in table, (what, table)
    workbook = await host.get(f"{path}/export.xlsx?what=chat")
    assert workbook.body.startswith(b"PK")
    member = await park.member(admin, await park.organization(admin, "Robots"), "Member")
    assert (await member.get(f"{path}/export.csv?what=chat")).code == "not_found"
