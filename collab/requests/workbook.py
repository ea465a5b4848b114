"""A table as XLSX, made in a process of its own; every cell is text, whatever it looks like.

msgpack of Workbook on its stdin -> python -m collab.requests.workbook -> the file on its stdout
"""

from __future__ import annotations

import io
import sys
from typing import Final

import msgspec
from msgspec import Struct

CELL_MAX_CHARS: Final = 32_000  # of a spreadsheet: 32,767

Row = list[str]


class Workbook(Struct, frozen=True):
    title: str
    rows: list[Row]  # the first names the columns


def workbook_of(sheet: Workbook) -> bytes:
    """Takes a second for ten thousand rows.  No cell is read as a formula, a number or a link."""
    import xlsxwriter  # noqa: PLC0415 -- the server, which imports this file, does not need it

    made = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        page = book.add_worksheet(sheet.title[:31])
        head = book.add_format({"bold": True})
        page.freeze_panes(1, 1)
        page.set_column(0, len(sheet.rows[0]) - 1, 20)
        for number, row in enumerate(sheet.rows):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell[:CELL_MAX_CHARS], None if number else head)
        page.autofilter(0, 0, len(sheet.rows) - 1, len(sheet.rows[0]) - 1)
    return made.getvalue()


def main() -> int:
    sheet = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Workbook)
    sys.stdout.buffer.write(workbook_of(sheet))
    return 0


if __name__ == "__main__":
    sys.exit(main())
