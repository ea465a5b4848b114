"""A call's chat as a file: on the reader's clock, safe from formulas, and nobody's words look like another's."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collab.calls.chat import Said, as_csv, as_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON_MS = int(datetime(2026, 11, 24, 4, 0, tzinfo=UTC).timestamp()) * 1_000


def test_a_table_is_safe_from_formulas() -> None:
    said = [Said(NOON_MS, "=HYPERLINK(1)", "@SUM(A1)"), Said(NOON_MS, "王芳", 'a "b",\nc')]
    assert list(csv.reader(io.StringIO(as_csv(said, "en", SHANGHAI).decode(), newline=""))) == [
        ["2026-11-24 12:00:00", "'=HYPERLINK(1)", "'@SUM(A1)"],
        ["2026-11-24 12:00:00", "王芳", 'a "b",\nc'],
    ]


def test_further_lines_of_one_are_set_in() -> None:
    said = [Said(NOON_MS, "Lin", "first\n2026-11-24 12:00:01  Wei: I agree\u2028too"), Said(NOON_MS + 1_000, "Wei", "")]
    assert as_text(said, "en", SHANGHAI).decode().split("\r\n") == [
        "2026-11-24 12:00:00  Lin: first",
        "    2026-11-24 12:00:01  Wei: I agree",
        "    too",
        "2026-11-24 12:00:01  Wei: ",
        "",
    ]


def test_files_what_was_deleted_and_what_was_sealed_are_said_so() -> None:
    said = [
        Said(NOON_MS, "Lin", "", file_name="现场.png"),
        Said(NOON_MS, "Lin", "", deleted=True),
        Said(NOON_MS, "Lin", "AAAA", sealed=True),
    ]
    assert [one.words("zh") for one in said] == ["［文件］现场.png", "（已删除）", "（端到端加密，服务器无法读取）"]
    assert [one.words("en")[:7] for one in said] == ["[file] ", "(delete", "(encryp"]
