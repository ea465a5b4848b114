"""A request laid out as PDF by typst, in a process of its own.

msgpack of PrintOrder on its stdin -> python -m collab.requests.printing -> the PDF on its stdout
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

TEMPLATE: Final = Path(__file__).parent / "print.typ"
PRINT_MAX_S: Final = 30.0
WAITING_MAX: Final = 8
RETRY_AFTER_MS: Final = 5_000


class Line(Struct, frozen=True):
    name: str
    text: str


class DocumentLine(Struct, frozen=True):
    name: str
    files: str
    checked: str


class EventLine(Struct, frozen=True):
    at: str
    action: str
    name: str
    note: str


class CommentLine(Struct, frozen=True):
    at: str
    name: str
    text: str


class Sheet(Struct, frozen=True):
    language: str  # zh or en
    words: dict[str, str]
    number: str
    kind: str
    title: str
    facts: tuple[Line, ...]
    answers: tuple[Line, ...]
    documents: tuple[DocumentLine, ...]
    events: tuple[EventLine, ...]
    comments: tuple[CommentLine, ...]


def pdf_of(sheet: Sheet, made_at_ms: int) -> bytes:
    """Takes about half a second of a core."""
    import typst  # noqa: PLC0415 -- the server, which imports this file, does not need it

    from collab.reports.pictures import FONTS  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="tongxin-print-") as name:
        folder = Path(name)
        shutil.copy(TEMPLATE, folder / "print.typ")
        (folder / "sheet.json").write_bytes(msgspec.json.encode(sheet))
        # Packages would be fetched from elsewhere: an empty folder stands for all that there are.
        compiler = typst.Compiler(
            folder / "print.typ",
            root=folder,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            package_path=folder,
            package_cache_path=folder,
        )
        made = compiler.compile(format="pdf", timestamp=datetime.fromtimestamp(made_at_ms // 1_000, UTC))
    if not isinstance(made, bytes):  # one file a page is for pictures only
        raise TypeError("a PDF is one file")
    return made


class PrintOrder(Struct, frozen=True):
    sheet: Sheet
    made_at_ms: int


def main() -> int:
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=PrintOrder)
    sys.stdout.buffer.write(pdf_of(order.sheet, order.made_at_ms))
    return 0


if __name__ == "__main__":
    sys.exit(main())
