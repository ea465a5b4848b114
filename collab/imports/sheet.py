"""A table from outside, read in a process of its own: whatever is in it, no more than that process is lost.

msgpack of Sheet on its stdin -> python -m collab.imports.sheet -> frames of msgpack of ReadPiece on its stdout

CSV in UTF-8, UTF-16 with its mark, or GB18030 (what spreadsheets in China write), apart by comma, semicolon or tab;
XLSX, the first sheet, as values: formulas are not worked out.  Bounded are bytes, rows, columns, cells, what a workbook
unpacks to, memory and time.
"""

from __future__ import annotations

import csv
import hashlib
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from collab.apart import BAD_INPUT, framed

from .columns import Head, head_of, read_row
from .values import COLUMNS_MAX, FILE_MAX_BYTES, PIECE_ROWS, ROWS_MAX, ImportKind, ReadPiece, ReadRow, Reason

LINES_MAX: Final = 2 * ROWS_MAX  # with those that are empty
UNPACKED_MAX_BYTES: Final = 200_000_000
ENTRIES_MAX: Final = 1_000
MEMORY_MAX_BYTES: Final = 1_500_000_000
CPU_MAX_S: Final = 120
DECODED_CHARS: Final = 262_144  # at once
_ZIP: Final = b"PK\x03\x04"


class Sheet(Struct, frozen=True):
    kind: ImportKind
    path: str


class Unreadable(Exception):
    """Not a table, or one that is made to hurt."""


def read_pieces(kind: ImportKind, path: Path) -> Iterator[ReadPiece]:
    """One at least, each held only as long as it is looked at.  Raises Unreadable, also after some of them."""
    if path.stat().st_size > FILE_MAX_BYTES:
        raise Unreadable("too large")
    with path.open("rb") as file:
        lines = workbook_lines(path) if file.read(len(_ZIP)) == _ZIP else csv_lines(path)
    head: Head | None = None
    rows: list[ReadRow] = []
    count = 0
    seen: set[bytes] = set()  # digests of keys, which may be long
    for number, cells in enumerate(lines, start=1):
        if number > LINES_MAX or count > ROWS_MAX:
            yield ReadPiece(too_many=True)
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > COLUMNS_MAX:
            raise Unreadable("too many columns")
        if head is None:
            head = head_of(kind, cells)
            yield ReadPiece(ignored=head.ignored, missing=head.missing)
            if head.missing:
                return
            continue
        row = read_row(kind, head, number, cells)
        key = hashlib.blake2b(row.key.encode(), digest_size=16).digest()
        if not row.reason and key in seen:
            row = msgspec.structs.replace(row, reason=Reason.REPEATED)
        seen.add(key)
        rows.append(row)
        count += 1
        if len(rows) == PIECE_ROWS:
            yield ReadPiece(rows=rows)
            rows = []
    if head is None:
        raise Unreadable("nothing in it")
    if count > ROWS_MAX:
        yield ReadPiece(too_many=True)
    elif rows:
        yield ReadPiece(rows=rows)


# ------------------------------------------------------------ CSV


def csv_lines(path: Path) -> Iterator[list[str]]:
    """The file is read twice: whole, to know in which letters it is written, then line by line."""
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as text:
            first = text.readline()
            text.seek(0)
            apart = max((",", ";", "\t"), key=first.count)
            yield from csv.reader(text, delimiter=apart)
    except (csv.Error, UnicodeError) as error:
        raise Unreadable(str(error)) from None


def encoding_of(path: Path) -> str:
    """UTF-8 when it is; text in GB18030 is hardly ever well-formed UTF-8.  Raises Unreadable."""
    with path.open("rb") as file:
        begin = file.read(2)
    for encoding in ("utf-16",) if begin in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as text:
                while some := text.read(DECODED_CHARS):
                    if "\0" in some:
                        raise Unreadable("not a text")
        except UnicodeError:
            continue
        return encoding
    raise Unreadable("neither UTF-8 nor GB18030")


# ------------------------------------------------------------ XLSX


def workbook_lines(path: Path) -> Iterator[list[str]]:
    """Of its first sheet, from its first row on."""
    import openpyxl  # noqa: PLC0415 -- the server, which imports this file, does not need it

    check_unpacked(path)
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            page = book.worksheets[0]
            page.reset_dimensions()  # what the file says of its own size is not believed
            for cells in page.iter_rows(max_col=COLUMNS_MAX + 1, max_row=LINES_MAX + 1, values_only=True):
                yield shorn([shown(cell) for cell in cells])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- a library that parses what it is given raises whatever comes to hand
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def check_unpacked(path: Path) -> None:
    """The sizes that an archive states are the most that its entries give (zipfile stops there).  Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
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
        for piece in read_pieces(sheet.kind, Path(sheet.path)):
            sys.stdout.buffer.write(framed(msgspec.msgpack.encode(piece)))
            sys.stdout.buffer.flush()
    except (Unreadable, MemoryError) as error:
        sys.stderr.write(str(error)[:500])
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
