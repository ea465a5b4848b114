"""A table from outside, read in a process of its own: whatever is in it, no more than that process is lost.

msgpack of Sheet on its stdin -> python -m collab.imports.sheet -> msgpack of ReadTable on its stdout

CSV in UTF-8, UTF-16 with its mark, or GB18030 (what spreadsheets in China write), apart by comma, semicolon or tab;
XLSX, the first sheet, as values: formulas are not worked out.  Bounded are bytes, rows, columns, cells, what a workbook
unpacks to, memory and time.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec import Struct

from collab.apart import BAD_INPUT

from .columns import Head, head_of, read_row
from .values import COLUMNS_MAX, FILE_MAX_BYTES, ROWS_MAX, ImportKind, ReadRow, ReadTable, Reason

LINES_MAX: Final = 2 * ROWS_MAX  # with those that are empty
UNPACKED_MAX_BYTES: Final = 100_000_000
ENTRIES_MAX: Final = 1_000
MEMORY_MAX_BYTES: Final = 1_500_000_000
CPU_MAX_S: Final = 40
_ZIP: Final = b"PK\x03\x04"


class Sheet(Struct, frozen=True):
    kind: ImportKind
    content: bytes


class Unreadable(Exception):
    """Not a table, or one that is made to hurt."""


def read_table(kind: ImportKind, content: bytes) -> ReadTable:
    """Raises Unreadable."""
    if len(content) > FILE_MAX_BYTES:
        raise Unreadable("too large")
    lines = workbook_lines(content) if content.startswith(_ZIP) else csv_lines(content)
    head: Head | None = None
    rows: list[ReadRow] = []
    seen: set[str] = set()
    for number, cells in enumerate(lines, start=1):
        if number > LINES_MAX:
            return ReadTable(too_many=True)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > COLUMNS_MAX:
            raise Unreadable("too many columns")
        if head is None:
            head = head_of(kind, cells)
            if head.missing:
                return ReadTable(ignored=head.ignored, missing=head.missing)
            continue
        if len(rows) == ROWS_MAX:
            return ReadTable(too_many=True)
        row = read_row(kind, head, number, cells)
        if not row.reason and row.key in seen:
            row = msgspec.structs.replace(row, reason=Reason.REPEATED)
        seen.add(row.key)
        rows.append(row)
    if head is None:
        raise Unreadable("nothing in it")
    return ReadTable(rows=rows, ignored=head.ignored)


# ------------------------------------------------------------ CSV


def csv_lines(content: bytes) -> Iterator[list[str]]:
    text = decoded(content)
    first = text[: text.find("\n") if "\n" in text else len(text)]
    apart = max((",", ";", "\t"), key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=apart)
    except csv.Error as error:
        raise Unreadable(str(error)) from None


def decoded(content: bytes) -> str:
    """UTF-8 when it is; text in GB18030 is hardly ever well-formed UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Unreadable("not a text")
        return text
    raise Unreadable("neither UTF-8 nor GB18030")


# ------------------------------------------------------------ XLSX


def workbook_lines(content: bytes) -> Iterator[list[str]]:
    """Of its first sheet, from its first row on."""
    import openpyxl  # noqa: PLC0415 -- the server, which imports this file, does not need it

    check_unpacked(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        page = book.worksheets[0]
        page.reset_dimensions()  # what the file says of its own size is not believed
        for cells in page.iter_rows(max_col=COLUMNS_MAX + 1, max_row=LINES_MAX + 1, values_only=True):
            yield shorn([shown(cell) for cell in cells])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- a library that parses what it is given raises whatever comes to hand
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def check_unpacked(content: bytes) -> None:
    """The sizes that an archive states are the most that its entries give (zipfile stops there).  Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(str(error)) from None
    if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_MAX_BYTES:
        raise Unreadable("it unpacks to too much")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("encrypted")


def shorn(cells: list[str]) -> list[str]:
    """Without the empty ones behind the last."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def shown(cell: object) -> str:
    """As whoever typed it reads it: a serial number or a telephone number that became a number loses its `.0`."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if not (cell.hour or cell.minute or cell.second):
            return cell.date().isoformat()
        case datetime() | date():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        case _:
            return str(cell)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    sheet = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Sheet)
    try:
        table = read_table(sheet.kind, sheet.content)
    except (Unreadable, MemoryError) as error:
        sys.stderr.write(str(error)[:500])
        return BAD_INPUT
    sys.stdout.buffer.write(msgspec.msgpack.encode(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
