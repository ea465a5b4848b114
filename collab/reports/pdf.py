"""The report as PDF/A-3u, set by typst: people's words go in as data (sheet.json), never as markup."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import typst

from .chain import Entry
from .pictures import FONTS
from .sheet import Sheet

TEMPLATE: Final = Path(__file__).parent / "report.typ"
STANDARD: Final = "a-3u"  # for archives; may carry the record as an attached file


def pdf_of(sheet: Sheet, chain: Sequence[Entry], files: Mapping[str, bytes], made_at_ms: int) -> bytes:
    """`files`: the pictures by the names that the sheet gives them.  The same input makes the same bytes."""
    with tempfile.TemporaryDirectory(prefix="tongxin-report-") as name:
        folder = Path(name)
        shutil.copy(TEMPLATE, folder / "report.typ")
        (folder / "sheet.json").write_bytes(msgspec.json.encode(sheet))
        (folder / "record.json").write_bytes(msgspec.json.encode(chain))
        for file, content in files.items():
            (folder / file).write_bytes(content)
        # Packages would be fetched from elsewhere: an empty folder stands for all that there are.
        compiler = typst.Compiler(
            folder / "report.typ",
            root=folder,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            package_path=folder,
            package_cache_path=folder,
        )
        made = compiler.compile(
            format="pdf", pdf_standards=[STANDARD], timestamp=datetime.fromtimestamp(made_at_ms // 1_000, UTC)
        )
    if not isinstance(made, bytes):  # one file a page is for pictures only
        raise TypeError("a PDF is one file")
    return made
