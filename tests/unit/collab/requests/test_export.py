"""Exports: every row, no formula, both languages; and what a workbook holds is text."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile

from collab.requests.export import RequestExport, csv_of, guarded
from collab.requests.repository import Filter
from collab.requests.visible import Scope
from collab.requests.workbook import Workbook, workbook_of

from .conftest import QUESTION, SHANGHAI, Desk

FORMULAS = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1")


def test_no_cell_of_a_csv_is_a_formula() -> None:
    for formula in FORMULAS:
        assert guarded(formula) == f"'{formula}"
    rows = list(csv.reader(io.StringIO(csv_of([["=1", 'a"b', "c,d\ne", "王芳"]]).decode())))
    assert rows == [["'=1", 'a"b', "c,d\ne", "王芳"]]


def test_no_cell_of_a_workbook_is_a_formula_a_number_or_a_link() -> None:
    cells = [*FORMULAS, "12", "https://example.org", "</c><f>1</f>", "x" * 40_000]
    made = workbook_of(Workbook("Requests", [["head"] * len(cells), cells]))
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert "<hyperlink" not in page
        assert page.count('t="inlineStr"') == 2 * len(cells)


async def test_a_list_goes_out_whole_with_the_answers_of_its_type(desk: Desk) -> None:
    for number in range(3):
        await desk.file("policy_question", {**QUESTION, "subject": f"=cmd|{number}"})
    export = RequestExport(desk.engine.service, desk.engine.requests)
    reach = await desk.engine.service.reach(desk.officer)
    version = next(one for one in await desk.engine.types.published() if one.key == "policy_question")
    wanted = Filter(scope=Scope.DESK, type_id=version.type_id)
    sent = b"".join([part async for part in export.csv(reach, wanted, version.definition, "en", SHANGHAI, desk.now_ms)])
    assert sent.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    assert head[:3] == ["Number", "Type", "Title"]
    assert head[13:16] == ["Subject", "Policy, or its number", "Area"]
    assert [row[2] for row in rows] == ["'=cmd|2", "'=cmd|1", "'=cmd|0"]
    assert rows[0][3:6] == ["Laser Works", "Zhou", "Submitted"]
    assert (rows[0][8], rows[0][15]) == ("2026-11-23 09:30", "Rent and utilities")
    made = await export.xlsx(reach, wanted, version.definition, "zh", SHANGHAI, desk.now_ms)
    names = await asyncio.to_thread(lambda: zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml").decode())
    assert "首接负责人" in names
    requester = await desk.engine.service.reach(desk.requester)
    nothing = [part async for part in export.csv(requester, wanted, None, "en", SHANGHAI, desk.now_ms)]
    assert b"".join(nothing).count(b"\n") == 1  # the names of the columns
