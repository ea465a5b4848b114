"""Tables from outside: in the encodings that spreadsheets write, and in every shape that is meant to hurt."""

from __future__ import annotations

import asyncio
import contextlib
import io
import struct
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import msgspec
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.apart import Apart
from collab.imports.sheet import (
    LINES_MAX,
    UNPACKED_MAX_BYTES,
    Sheet,
    Unreadable,
    check_unpacked,
    read_pieces,
    shown,
)
from collab.imports.values import (
    CELL_MAX_CHARS,
    COLUMNS_MAX,
    FILE_MAX_BYTES,
    PIECE_ROWS,
    ROWS_MAX,
    ImportKind,
    ReadPiece,
    Reason,
)
from collab.problems import Refusal

ORGANIZATIONS = ImportKind.ORGANIZATIONS
TABLE = "名称,类型\n光谷激光,企业\n华中数控,安装商\n"


def read_table(kind: ImportKind, content: bytes) -> ReadPiece:
    """All of it in one piece."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        pieces = list(read_pieces(kind, Path(file.name)))
    assert all(len(piece.rows) <= PIECE_ROWS for piece in pieces)
    return ReadPiece(
        rows=[row for piece in pieces for row in piece.rows],
        ignored=pieces[0].ignored,
        missing=pieces[0].missing,
        too_many=pieces[-1].too_many,
    )


def workbook(rows: list[list[object]]) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    book.save(made)
    return made.getvalue()


def names(table: ReadPiece) -> list[tuple[int, str, str]]:
    return [(row.number, row.cells["name"], row.reason) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("apart", [",", ";", "\t"])
def test_a_csv_is_read_however_it_was_saved(encoding: str, apart: str) -> None:
    table = read_table(ORGANIZATIONS, TABLE.replace(",", apart).encode(encoding))
    assert names(table) == [(2, "光谷激光", ""), (3, "华中数控", "")]
    assert [row.cells["kind"] for row in table.rows] == ["enterprise", "installer"]


def test_a_workbook_is_read_like_a_csv() -> None:
    made = workbook([["名称", "类型"], ["光谷激光", "企业"], [], [4711, "机构"]])
    assert names(read_table(ORGANIZATIONS, made)) == [(2, "光谷激光", ""), (4, "4711", "")]


def test_cells_are_what_whoever_typed_them_reads() -> None:
    day = datetime(2026, 11, 23)  # noqa: DTZ001 -- a spreadsheet knows no zone
    assert [
        shown(one) for one in (None, True, 13800000000.0, 1.5, day, day.replace(hour=9), date(2026, 1, 2), "x")
    ] == [
        "",
        "TRUE",
        "13800000000",
        "1.5",
        "2026-11-23",
        "2026-11-23 09:00:00",
        "2026-01-02",
        "x",
    ]


def test_a_formula_is_text_and_is_not_worked_out() -> None:
    formula = '=HYPERLINK("http://x.example","x")'
    assert names(read_table(ORGANIZATIONS, f"name,kind\n'{formula}',enterprise\n".encode()))[0][0] == 2
    (row,) = read_table(ORGANIZATIONS, workbook([["name", "kind"], [formula, "enterprise"]])).rows
    assert (row.reason, row.column) == (Reason.REQUIRED, "name")  # nobody has worked out its value


def test_the_second_row_of_a_key_is_refused() -> None:
    table = read_table(ORGANIZATIONS, b"name,kind\nWorks,enterprise\nWorks,installer\n")
    assert names(table) == [(2, "Works", ""), (3, "Works", Reason.REPEATED)]


def test_missing_columns_are_named_and_strange_ones_told() -> None:
    assert read_table(ORGANIZATIONS, b"name,colour\nWorks,red\n") == ReadPiece(ignored=["colour"], missing=["kind"])


def lines_of(rows: int) -> bytes:
    return b"name,kind\n" + b"".join(b"Works %d,enterprise\n" % number for number in range(rows))


def test_as_many_rows_as_may_come_are_read_piece_by_piece_and_one_more_is_too_many(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(lines_of(ROWS_MAX + 1))
    rows, widest = 0, 0
    for piece in read_pieces(ORGANIZATIONS, path):  # nothing else of it is held
        rows, widest = rows + len(piece.rows), max(widest, len(piece.rows))
    assert (rows, widest, piece.too_many) == (ROWS_MAX, PIECE_ROWS, True)
    empty = b"name,kind\n" + b"\n" * (LINES_MAX + 1)
    assert read_table(ORGANIZATIONS, empty).too_many


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"name,kind\nWorks\0,enterprise\n",
        b"\xff\xff\xff\xff\x80",
        b"\xff\xfe\x00",
        b"," * COLUMNS_MAX + b"x",
        b'name,kind\n"' + b"x" * 200_000,
        b"PK\x03\x04 and nothing else",
        b"x" * (FILE_MAX_BYTES + 1),
        b"x" * FILE_MAX_BYTES,
    ],
    ids=["nothing", "lines", "NUL", "no-text", "half", "columns", "endless-cell", "no-archive", "large", "one-cell"],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_table(ORGANIZATIONS, content)


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
    return made.getvalue()


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    bomb = repacked(small, {"xl/worksheets/sheet1.xml": b" " * (UNPACKED_MAX_BYTES + 1)})
    assert len(bomb) < 1_000_000
    (tmp_path / "bomb.xlsx").write_bytes(bomb)
    with pytest.raises(Unreadable, match="too much"):
        check_unpacked(tmp_path / "bomb.xlsx")


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_said() -> None:
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    bomb = bytearray(repacked(small, {"xl/worksheets/sheet1.xml": b" " * 50_000_000}))
    begin = 0
    while (begin := bomb.find(struct.pack("<I", 50_000_000), begin)) >= 0:
        bomb[begin : begin + 4] = struct.pack("<I", 100)
    with pytest.raises(Unreadable):
        read_table(ORGANIZATIONS, bytes(bomb))


def test_entities_of_xml_are_not_blown_up() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    hostile = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet>&l11;</worksheet>'
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    with pytest.raises(Unreadable):
        read_table(ORGANIZATIONS, repacked(small, {"xl/worksheets/sheet1.xml": hostile.encode()}))


def test_entities_that_name_files_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Works of nobody")
    entity = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{secret}">]>'
    cell = '<c r="A2" t="inlineStr"><is><t>&f;</t></is></c>'
    hostile = f'<?xml version="1.0"?>{entity}<worksheet><sheetData><row r="2">{cell}</row></sheetData></worksheet>'
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    try:
        table = read_table(ORGANIZATIONS, repacked(small, {"xl/worksheets/sheet1.xml": hostile.encode()}))
    except Unreadable:
        return
    assert "nobody" not in str(table)


def test_a_row_at_the_end_of_the_sheet_does_not_fill_the_memory() -> None:
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml")
    far = page.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="A1048576"')
    assert len(read_table(ORGANIZATIONS, repacked(small, {"xl/worksheets/sheet1.xml": far})).rows) <= 1


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"name,kind\n"]))
def test_no_bytes_do_more_than_to_be_refused(content: bytes, begin: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read_table(ORGANIZATIONS, begin + content)


def test_a_cell_that_fills_a_workbook_is_one_refused_row() -> None:
    cell = b'<c r="A2" t="inlineStr"><is><t>' + b"x" * 20_000_000 + b"</t></is></c>"
    hostile = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    head = b'<c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>kind</t></is></c>'
    hostile += b'<sheetData><row r="1">%s</row><row r="2">%s</row></sheetData></worksheet>' % (head, cell)
    small = workbook([["name", "kind"], ["Works", "enterprise"]])
    (row,) = read_table(ORGANIZATIONS, repacked(small, {"xl/worksheets/sheet1.xml": hostile})).rows
    assert (row.reason, len(row.cells["name"])) == (Reason.TOO_LONG, CELL_MAX_CHARS)


async def read_apart(apart: Apart, path: Path) -> list[ReadPiece]:
    asked = msgspec.msgpack.encode(Sheet(ORGANIZATIONS, str(path)))
    async with contextlib.aclosing(apart.frames(asked)) as frames:
        return [msgspec.msgpack.decode(frame, type=ReadPiece) async for frame in frames]


async def test_it_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    apart = Apart("collab.imports.sheet", waiting_max=2, max_s=120, retry_after_ms=1)
    good, large = tmp_path / "good.csv", tmp_path / "large.csv"
    await asyncio.to_thread(good.write_bytes, TABLE.encode())
    await asyncio.to_thread(large.write_bytes, b"x" * (FILE_MAX_BYTES + 1))
    pieces = await read_apart(apart, good)
    assert [len(piece.rows) for piece in pieces] == [0, 2]
    with pytest.raises(Refusal, match="too large"):
        await read_apart(apart, large)


async def test_who_stops_reading_ends_the_process_and_the_next_has_its_turn(tmp_path: Path) -> None:
    apart = Apart("collab.imports.sheet", waiting_max=1, max_s=120, retry_after_ms=1)
    long, good = tmp_path / "long.csv", tmp_path / "good.csv"
    await asyncio.to_thread(long.write_bytes, lines_of(50_000))
    await asyncio.to_thread(good.write_bytes, TABLE.encode())
    asked = msgspec.msgpack.encode(Sheet(ORGANIZATIONS, str(long)))
    async with contextlib.aclosing(apart.frames(asked)) as frames:
        async for _ in frames:
            with pytest.raises(Refusal, match="too many wait"):
                await read_apart(apart, good)
            break
    assert len(await read_apart(apart, good)) == 2
