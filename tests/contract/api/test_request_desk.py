"""The desk over the API: a batch with its progress, the board, statistics, exports."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.support.api import Browser, Park, eventually
from tests.support.desk import ACCESS, Desk, filed, open_desk


@pytest.fixture
async def desk(park: Park, admin: Browser) -> Desk:
    return await open_desk(park, admin)


async def test_a_batch_is_done_by_the_jobs_and_tells_how_far_it_is(desk: Desk) -> None:
    ids = [(await filed(desk.requester, "temporary_access", ACCESS))["request"]["id"] for _ in range(8)]
    path = "/api/requests/batches/batch-0001"
    body = {"action": "approve", "note": "{number}", "request_ids": [*ids, "0" * 26]}
    started = await desk.officer.send("PUT", path, body)
    assert (started.status, started.json["total"]) == (200, 9)

    async def finished() -> bool:
        return bool((await desk.officer.get(path)).json["finished_at_ms"])

    await eventually(finished, within_s=30)
    batch = (await desk.officer.get(path)).json
    assert (batch["done"], batch["refused"]) == (8, 1)
    assert batch["items"][-1] == {"request_id": "0" * 26, "result": "refused", "code": "not_found"}
    assert (await desk.chief.get(path)).code == "not_found"
    listed = (await desk.requester.get("/api/requests?state=done")).json["requests"]
    assert {one["id"] for one in listed} == set(ids)
    assert {one["owner"]["name"] for one in listed} == {"Chen"}


async def test_board_statistics_and_exports(desk: Desk) -> None:
    request = (await filed(desk.requester, "temporary_access", ACCESS))["request"]
    board = (await desk.officer.get("/api/requests/board")).json
    assert (board["soon"]["count"] + board["later"]["count"], board["counts"]["unowned"]) == (1, 1)
    statistics = (await desk.officer.get("/api/requests/statistics")).json
    assert [one["filed"] for one in statistics["types"]] == [1]
    assert statistics["companies"] == [{"id": desk.company, "name": "Laser Works", "filed": 1}]
    assert (await desk.officer.get("/api/requests/statistics?from_ms=2&to_ms=1")).code == "invalid"
    for path in ("/api/requests/board", "/api/requests/statistics"):
        assert (await desk.boss.get(path)).code == "forbidden"
    exported = await desk.officer.get("/api/requests/export.csv?language=en")
    assert request["number"].encode() in exported.body
    day_ms, now_ms = 86_400_000, request["submitted_at_ms"]
    within = f"/api/requests/export.csv?from_ms={now_ms}&to_ms={now_ms + 1}"
    assert request["number"].encode() in (await desk.officer.get(within)).body
    before = f"/api/requests/export.csv?from_ms={now_ms - 9 * day_ms}&to_ms={now_ms - 2 * day_ms}"
    assert request["number"].encode() not in (await desk.officer.get(before)).body
    assert (await desk.officer.get("/api/requests/export.csv?from_ms=2&to_ms=1")).code == "invalid"
    assert exported.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''requests-")
    assert request["number"].encode() not in (await desk.rival.get("/api/requests/export.csv?scope=company")).body
    workbook = await desk.officer.get(f"/api/requests/export.xlsx?type_id={request['type']['id']}")
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(BytesIO(workbook.body)).namelist()
    assert (await desk.officer.get(f"/api/requests/export.csv?type_id={'0' * 26}")).code == "not_found"


async def test_a_request_is_printed_without_what_is_internal(desk: Desk) -> None:
    request = (await filed(desk.requester, "temporary_access", ACCESS, title="= *bold* #panic() 王芳"))["request"]
    comments = f"/api/requests/{request['id']}/comments"
    await desk.officer.send("PUT", f"{comments}/word-0001", {"text": "Gate informed"})
    await desk.officer.send("PUT", f"{comments}/word-0002", {"text": "Secretword", "internal": True})
    printed = await desk.officer.get(f"/api/requests/{request['id']}/print.pdf?language=en")
    assert (printed.status, printed.headers["Content-Type"]) == (200, "application/pdf")
    pages = PdfReader(BytesIO(printed.body)).pages
    words = "\n".join(page.extract_text() for page in pages)
    assert request["number"] in words
    assert "#panic()" in words  # data, never markup
    assert "Gate informed" in words
    assert "Secretword" not in words
    assert (await desk.rival.get(f"/api/requests/{request['id']}/print.pdf")).code == "not_found"
