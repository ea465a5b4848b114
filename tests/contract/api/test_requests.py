"""Requests over the API, on both databases: filed, taken, asked, decided, handed over, and seen by whom."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.api import Browser, Json, Park
from tests.support.desk import ACCESS, QUESTION, Desk, filed, move, open_desk, type_id


@pytest.fixture
async def desk(park: Park, admin: Browser) -> Desk:
    return await open_desk(park, admin)


def events_of(card: Json) -> list[tuple[str, str, str]]:
    return [(event["action"], event["state"], event["name"]) for event in card["events"]]


async def test_a_question_from_its_draft_to_its_answer(desk: Desk) -> None:
    question = await type_id(desk.requester, "policy_question")
    draft = (await desk.requester.post("/api/requests", {"type_id": question, "answers": {"subject": "租金"}})).json
    request_id = draft["request"]["id"]
    assert (draft["request"]["state"], draft["request"]["actions"]) == ("draft", ["submit"])
    assert (await desk.boss.get(f"/api/requests/{request_id}")).code == "not_found"  # a draft is one's own
    refused = await move(desk.requester, request_id, "submit")
    assert (refused.code, set(refused.json["fields"])) == ("invalid", {"area", "question", "call"})
    path = f"/api/requests/{request_id}"
    assert (await desk.requester.send("PATCH", path, {"answers": {**QUESTION, "area": "moon"}})).json["fields"] == {
        "area": "invalid"
    }
    assert (await desk.requester.send("PATCH", path, {"answers": QUESTION})).status == 200
    submitted = (await move(desk.requester, request_id, "submit")).json
    assert submitted["request"]["title"] == "租金减免"
    assert submitted["request"]["number"].startswith("PQ-")
    assert submitted["request"]["due_at_ms"] > submitted["request"]["submitted_at_ms"]

    assert (await move(desk.officer, request_id, "answer", note="x")).code == "wrong_state"
    assert (await move(desk.requester, request_id, "take")).code == "forbidden"
    taken = (await move(desk.officer, request_id, "take")).json["request"]
    assert (taken["owner"]["name"], taken["actions"]) == ("Chen", ["ask", "answer", "offer"])
    assert (await move(desk.second, request_id, "take")).code == "wrong_state"
    assert (await move(desk.second, request_id, "answer", note="x")).code == "forbidden"
    assert (await move(desk.officer, request_id, "ask")).json["fields"] == {"note": "required"}
    asked = (await move(desk.officer, request_id, "ask", note="For {organization}: which building?")).json
    assert (asked["request"]["state"], asked["request"]["due_at_ms"]) == ("needs_information", 0)  # the clock stands
    assert asked["request"]["left_ms"] > 0
    assert asked["events"][-1]["note"] == "For Laser Works: which building?"
    better = {**QUESTION, "subject": "B 栋租金减免"}
    provided = (await move(desk.requester, request_id, "provide", answers=better, note="B")).json
    assert provided["request"]["due_at_ms"] > 0
    assert (provided["answers"]["subject"], provided["events"][-1]["former"]) == (
        "B 栋租金减免",
        {"subject": "租金减免"},
    )
    done = (await move(desk.officer, request_id, "answer", note="Until March.")).json
    assert events_of(done) == [
        ("submit", "submitted", "Zhou"),
        ("take", "taken", "Chen"),
        ("ask", "needs_information", "Chen"),
        ("provide", "taken", "Zhou"),
        ("answer", "decided", "Chen"),
        ("finish", "done", ""),
    ]
    assert [event["number"] for event in done["events"]] == [1, 2, 3, 4, 5, 6]
    reopened = (await move(desk.requester, request_id, "reopen", note="And then?")).json["request"]
    assert (reopened["state"], reopened["owner"]["name"], reopened["outcome"]) == ("reopened", "Chen", None)
    assert (await move(desk.second, request_id, "take")).code == "wrong_state"  # it still has its owner
    assert (await move(desk.officer, request_id, "take")).status == 200


async def test_of_many_who_take_at_once_one_owns(desk: Desk) -> None:
    request_id = (await filed(desk.requester, "temporary_access", ACCESS))["request"]["id"]
    everybody = [desk.chief, desk.officer, desk.second] * 4
    answers = await asyncio.gather(*(move(one, request_id, "take") for one in everybody))
    assert sorted(answer.code for answer in answers) == [""] + ["wrong_state"] * 11
    card = (await desk.officer.get(f"/api/requests/{request_id}")).json
    assert [event["action"] for event in card["events"]] == ["submit", "take"]
    assert card["events"][-1]["name"] == card["request"]["owner"]["name"]


async def test_a_hand_over_is_offered_and_accepted(desk: Desk) -> None:
    request_id = (await filed(desk.requester, "temporary_access", ACCESS))["request"]["id"]
    await move(desk.officer, request_id, "take")
    to = desk.second.account_id
    assert (await move(desk.second, request_id, "offer", to=to)).code == "forbidden"
    assert (await move(desk.officer, request_id, "offer", to=desk.rival.account_id)).json["fields"] == {"to": "invalid"}
    offered = (await move(desk.officer, request_id, "offer", to=to, note="On leave")).json["request"]
    assert (offered["owner"]["name"], offered["offered_to"]["name"]) == ("Chen", "Liu")
    listed = (await desk.second.get("/api/requests?scope=offered")).json["requests"]
    assert [one["id"] for one in listed] == [request_id]
    assert (await move(desk.officer, request_id, "accept")).code == "forbidden"
    accepted = (await move(desk.second, request_id, "accept")).json
    assert (accepted["request"]["owner"]["name"], accepted["request"]["offered_to"]) == ("Liu", None)
    assert (await move(desk.officer, request_id, "approve")).code == "forbidden"
    # an administrator may offer what an owner cannot: nobody owns it without having accepted
    assert (await move(desk.chief, request_id, "offer", to=desk.chief.account_id)).status == 200
    assert (await move(desk.chief, request_id, "accept")).json["request"]["owner"]["name"] == "Lin"


async def test_what_was_seen_can_be_named_so_that_nothing_else_is_decided(desk: Desk) -> None:
    request_id = (await filed(desk.requester, "temporary_access", ACCESS))["request"]["id"]
    taken = (await move(desk.officer, request_id, "take", revision=1)).json["request"]
    assert taken["revision"] == 2
    assert (await move(desk.officer, request_id, "approve", revision=1)).code == "conflict"
    assert (await move(desk.officer, request_id, "approve", revision=2)).json["request"]["outcome"] == "approved"


async def test_steps_of_review_end_with_the_administrators(desk: Desk) -> None:
    types = (await desk.boss.get("/api/request-types")).json["types"]
    subsidy = next(one for one in types if one["key"] == "subsidy_application")
    documents = [one["id"] for one in subsidy["definition"]["documents"] if one.get("required", True)]
    assert documents == ["licence", "invoices", "loan", "lease"]
    answers = {
        "project": "Rent",
        "kind": "employment",
        "amount": 5_000,
        "period_from": "2026-01-01",
        "period_until": "2026-06-30",
        "costs": [{"item": "Rent", "invoice": "1", "amount": "5000"}],
        "staff": 12,
        "bank": "B",
        "bank_account": "1",
        "reason": "R",
    }
    body = {"type_id": subsidy["id"], "answers": answers, "submit": True}
    refused = await desk.boss.post("/api/requests", body)
    assert refused.json["fields"] == {"licence": "required", "invoices": "required"}


async def test_filing_again_with_the_same_key_files_nothing_twice(desk: Desk) -> None:
    cards = [await filed(desk.requester, "policy_question", QUESTION, key="key-00001") for _ in range(2)]
    assert cards[0]["request"]["id"] == cards[1]["request"]["id"]
    other = await filed(desk.colleague, "policy_question", QUESTION, key="key-00001")
    assert other["request"]["id"] != cards[0]["request"]["id"]


@pytest.mark.parametrize(
    ("key", "see_it", "staff"),
    [
        ("policy_question", {"chief", "officer", "requester", "colleague", "boss"}, {"chief", "officer"}),
        ("daily_health", {"chief", "requester"}, {"chief"}),
    ],
)
async def test_who_sees_what(desk: Desk, park: Park, key: str, see_it: set[str], staff: set[str]) -> None:
    health: Json = {
        "day": "2026-11-23",
        "home": {"region": "武汉市", "detail": "光谷 1 号"},
        "temperature": 36.5,
        "symptoms": ["none"],
        "moved": "no",
        "contact": "no",
    }
    if key == "daily_health":
        async with park.database.read() as session:  # the form asks for today, whenever that is
            now_ms = await session.scalar(text("SELECT max(created_at_ms) FROM accounts"))
        health["day"] = datetime.fromtimestamp(now_ms / 1_000, ZoneInfo("Asia/Shanghai")).date().isoformat()
    card = await filed(desk.requester, key, QUESTION if key == "policy_question" else health)
    request_id, number = card["request"]["id"], card["request"]["number"]
    for name, browser in desk.everybody.items():
        answer = await browser.get(f"/api/requests/{request_id}")
        assert (answer.code == "") == (name in see_it), name
        if name not in see_it:  # as if there were none
            assert answer.json == (await browser.get(f"/api/requests/{'0' * 26}")).json
            assert (await move(browser, request_id, "take")).code == "not_found"
        found = set()
        for scope in ("mine", "company", "owned", "offered", "asked", "desk"):
            listed = (await browser.get(f"/api/requests?scope={scope}&search={number}")).json["requests"]
            found |= {one["id"] for one in listed}
        assert (found == {request_id}) == (name in see_it), name
        assert (answer.json["request"]["internal"] if name in see_it else False) == (name in staff)
    read = (await desk.chief.get(f"/api/audit?action=request_read&subject_id={request_id}")).json["events"]
    looked = [desk.chief.account_id] if key == "daily_health" else []  # every look of somebody else, and no other
    assert [line["actor_id"] for line in read] == looked


async def test_a_group_is_asked_first_and_works_on_what_is_confidential(desk: Desk, park: Park) -> None:
    body = {"key": "health", "name_zh": "健康组", "name_en": "Health", "account_ids": [desk.officer.account_id]}
    assert (await desk.chief.send("PUT", "/api/requests/groups", body)).status == 200
    rival = {**body, "account_ids": [desk.rival.account_id]}
    assert (await desk.chief.send("PUT", "/api/requests/groups", rival)).code == "invalid"
    groups = (await desk.chief.get("/api/requests/groups")).json["groups"]
    assert groups[0]["members"][0]["name"] == "Chen"


async def test_events_cannot_be_edited_even_by_sql(desk: Desk, park: Park) -> None:
    request_id = (await filed(desk.requester, "policy_question", QUESTION))["request"]["id"]
    for change in ("note = 'x'", "action = 'take'", "at_ms = 1", "number = 7", "state = 'done'", "details = '{}'"):
        with pytest.raises(DBAPIError, match="not changed"):
            async with park.database.write() as session:
                await session.execute(text(f"UPDATE request_events SET {change}"))  # noqa: S608
    async with park.database.write() as session:  # a person's name may go
        await session.execute(text("UPDATE request_events SET name = '-', account_id = ''"))
    assert (await desk.requester.get(f"/api/requests/{request_id}")).json["events"][0]["name"] == "-"


async def test_a_version_stays_with_what_was_filed_by_it(desk: Desk) -> None:
    before = await filed(desk.requester, "policy_question", QUESTION)
    question, path = before["request"]["type"]["id"], f"/api/request-types/{before['request']['type']['id']}"
    definition = {**before["definition"], "fields": before["definition"]["fields"][:1]}
    incomplete = {**definition, "name": {"zh": "提问", "en": ""}}
    saved = (await desk.chief.send("PUT", f"{path}/draft", {"revision": 1, "definition": incomplete})).json
    assert (await desk.chief.send("PUT", f"{path}/draft", {"revision": 1, "definition": definition})).code == "conflict"
    assert (saved["version"], saved["draft_revision"], saved["draft"]["name"]["zh"]) == (1, 2, "提问")
    assert (await desk.chief.post(f"{path}/versions", {"revision": 2})).json["fields"] == {"name": "required"}
    await desk.chief.send("PUT", f"{path}/draft", {"revision": 2, "definition": definition})
    published = (await desk.chief.post(f"{path}/versions", {"revision": 3})).json
    assert (published["version"], published["draft"], published["shipped"]) == (2, None, False)
    assert (await desk.chief.post(f"{path}/versions", {"revision": 4})).code == "wrong_state"
    after = (
        await desk.requester.post("/api/requests", {"type_id": question, "answers": {"subject": "x"}, "submit": True})
    ).json
    assert (after["request"]["type"]["version"], len(after["definition"]["fields"])) == (2, 1)
    kept = (await desk.requester.get(f"/api/requests/{before['request']['id']}")).json
    assert (kept["request"]["type"]["version"], kept["definition"]) == (1, before["definition"])
    assert (await desk.requester.get(f"{path}/versions")).code == "forbidden"
    versions = (await desk.chief.get(f"{path}/versions")).json["versions"]
    assert [(one["version"], one["name"]) for one in versions] == [(2, "Lin"), (1, "Tongxin")]
    await desk.chief.send("PATCH", path, {"retired": True})
    assert (await desk.requester.get(path)).code == "not_found"
    assert (await desk.requester.post("/api/requests", {"type_id": question})).code == "not_found"


async def test_hours_are_set_by_the_park_and_counted_with(desk: Desk) -> None:
    kept = (await desk.requester.get("/api/requests/hours")).json
    assert (kept["revision"], kept["hours"]["time_zone"]) == (0, "Asia/Shanghai")
    hours = {**kept["hours"], "week": [[{"begin": "00:00", "end": "24:00"}]] * 7}
    assert (await desk.officer.send("PUT", "/api/requests/hours", {"hours": hours, "revision": 0})).code == "forbidden"
    assert (await desk.chief.send("PUT", "/api/requests/hours", {"hours": hours, "revision": 0})).status == 200
    assert (await desk.chief.send("PUT", "/api/requests/hours", {"hours": hours, "revision": 0})).code == "conflict"
    wrong = {**hours, "time_zone": "../etc/passwd"}
    answer = await desk.chief.send("PUT", "/api/requests/hours", {"hours": wrong, "revision": 1})
    assert answer.json["fields"] == {"time_zone": "invalid"}
    request = (await filed(desk.requester, "policy_question", QUESTION))["request"]
    assert 0 < request["due_at_ms"] - request["submitted_at_ms"] <= 3 * 86_400_000  # weekends are worked now
