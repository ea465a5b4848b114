"""Files, comments and the checklist of requests: whose they are, what they may be, and who never learns of them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.api import Answer, Browser, Json, Park
from tests.support.assist import PDF, PNG
from tests.support.desk import QUESTION, Desk, filed, move, open_desk, type_id

RETURN: Json = {
    "purpose": "The laser workshop starts again",
    "extent": "all",
    "from_date": "",
    "headcount": 12,
    "site": {"region": "武汉市", "detail": "B 栋"},
    "contact": "王芳",
    "contact_phone": "138",
    "measures": ["plan"],
}


@pytest.fixture
async def desk(park: Park, admin: Browser) -> Desk:
    return await open_desk(park, admin)


@pytest.fixture
async def request_id(desk: Desk) -> str:
    return str((await filed(desk.requester, "policy_question", QUESTION))["request"]["id"])


async def put(browser: Browser, request_id: str, key: str, query: str, body: bytes = PDF) -> Answer:
    return await browser.send("PUT", f"/api/requests/{request_id}/files/{key}?{query}", raw=body)


async def test_files_are_kept_once_by_their_content(desk: Desk, request_id: str) -> None:
    kept = await put(desk.requester, request_id, "file-0001", "name=../../plan%22.exe&field=files")
    assert (kept.status, kept.json["media_type"], kept.json["file_name"]) == (200, "application/pdf", '../../plan".exe')
    assert (await put(desk.requester, request_id, "file-0001", "name=other")).json["file_name"] == '../../plan".exe'
    assert (await put(desk.requester, request_id, "file-0002", "name=x.pdf", b"MZ\x90\0 no pdf")).code == "bad_file"
    assert (await put(desk.requester, request_id, "file-0002", "field=subject")).code == "invalid"
    assert (await put(desk.requester, request_id, "file-0002", "document=licence")).code == "invalid"
    assert (await put(desk.colleague, request_id, "file-0002", "")).code == "forbidden"  # looks on
    assert (await put(desk.rival, request_id, "file-0002", "")).code == "not_found"
    for number in range(2, 6):
        assert (await put(desk.requester, request_id, f"file-000{number}", "field=files", PNG)).status == 200
    assert (await put(desk.requester, request_id, "file-0006", "field=files")).code == "too_many"
    path = f"/api/requests/{request_id}/files/file-0001"
    shown = await desk.officer.get(path)
    assert shown.body == PDF
    assert shown.headers["Content-Disposition"] == "attachment; filename*=UTF-8''..%2F..%2Fplan%22.exe"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert (await desk.rival.get(path)).code == "not_found"
    assert (await desk.requester.send("DELETE", path)).code == "wrong_state"  # it is on record
    await move(desk.officer, request_id, "take")
    await move(desk.officer, request_id, "ask", note="Another one, please")
    assert (await desk.officer.send("DELETE", path)).code == "forbidden"
    assert (await desk.requester.send("DELETE", path)).status == 204
    assert (await desk.officer.get(path)).code == "not_found"


async def test_what_is_internal_is_for_the_parks_staff(desk: Desk, request_id: str) -> None:
    assert (await put(desk.requester, request_id, "secret-01", "internal=true")).code == "forbidden"
    assert (await put(desk.officer, request_id, "secret-01", "internal=true")).status == 200
    comments = f"/api/requests/{request_id}/comments"
    said = (await desk.requester.send("PUT", f"{comments}/word-0001", {"text": "And?"})).json
    assert (said["text"], said["mine"], said["internal"]) == ("And?", True, False)
    refused = await desk.requester.send("PUT", f"{comments}/word-0002", {"text": "x", "internal": True})
    assert refused.code == "forbidden"
    await desk.officer.send("PUT", f"{comments}/word-0003", {"text": "He asks every week", "internal": True})
    await desk.officer.send("PUT", f"{comments}/word-0004", {"text": "Soon"})
    again = await desk.officer.send("PUT", f"{comments}/word-0004", {"text": "Soon"})
    assert again.status == 200
    assert (await desk.second.send("PUT", f"{comments}/word-0003", {"text": "x"})).code == "conflict"
    seen = (await desk.requester.get(f"/api/requests/{request_id}")).json
    assert [one["text"] for one in seen["comments"]] == ["And?", "Soon"]
    assert seen["files"] == []
    assert (await desk.requester.get(f"/api/requests/{request_id}/files/secret-01")).code == "not_found"
    staff = (await desk.officer.get(f"/api/requests/{request_id}")).json
    assert [one["text"] for one in staff["comments"]] == ["And?", "He asks every week", "Soon"]
    assert [one["key"] for one in staff["files"]] == ["secret-01"]


async def test_a_checklist_is_needed_before_and_ticked_after(desk: Desk) -> None:
    me = await desk.requester.me()
    day = await asyncio.to_thread(_local_day, me["server_time_ms"])
    answers = {**RETURN, "from_date": day}
    body = {"type_id": await type_id(desk.requester, "return_to_work"), "answers": answers}
    draft = (await desk.requester.post("/api/requests", body)).json
    request_id = draft["request"]["id"]
    refused = await move(desk.requester, request_id, "submit")
    assert refused.json["fields"] == {"plan": "required", "commitment": "required"}
    assert (await put(desk.requester, request_id, "plan-0001", "document=plan&name=plan.pdf")).status == 200
    assert (await put(desk.requester, request_id, "promise-1", "document=commitment", PNG)).status == 200
    assert (await move(desk.requester, request_id, "submit")).status == 200
    checks = f"/api/requests/{request_id}/checks"
    assert (await desk.requester.send("PUT", checks, {"document_id": "plan", "accepted": True})).code == "forbidden"
    assert (await desk.officer.send("PUT", checks, {"document_id": "none", "accepted": True})).code == "invalid"
    await desk.officer.send("PUT", checks, {"document_id": "plan", "accepted": False, "note": "No seal"})
    await desk.officer.send("PUT", checks, {"document_id": "plan", "accepted": True})
    shown = (await desk.requester.get(f"/api/requests/{request_id}")).json["checks"]
    assert [(one["document_id"], one["accepted"], one["note"], one["name"]) for one in shown] == [
        ("plan", True, "", "Chen")
    ]


def _local_day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, ZoneInfo("Asia/Shanghai")).date().isoformat()
