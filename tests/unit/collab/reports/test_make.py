"""The whole report in both languages: what is in it, that it can be read, and that nothing in it runs."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from pypdf import PdfReader

from collab.reports.chain import Entry, first_break
from collab.reports.content import ReportFiles
from collab.reports.keys import public_hex
from collab.reports.make import make_report
from collab.reports.seal import Verdict, verify
from tests.support.reports import AT_MS, full_report

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="module", params=["en", "zh"])
def made(request: pytest.FixtureRequest) -> tuple[str, ReportFiles]:
    return request.param, make_report(full_report(), request.param, KEY)


def test_both_files_are_intact_and_end_the_same_chain(made: tuple[str, ReportFiles]) -> None:
    _, files = made
    for file in (files.pdf, files.html):
        finding = verify(file, frozenset({public_hex(KEY)}))
        assert (finding.verdict, finding.chain) == (Verdict.INTACT, files.chain)


def test_the_pdf_can_be_read_and_carries_its_record(made: tuple[str, ReportFiles]) -> None:
    language, files = made
    reader = PdfReader(io.BytesIO(files.pdf))
    text = "".join(page.extract_text() for page in reader.pages)
    for part in ("R-2026-0001", "LX-3000", "Tighten", "25.3", "hot & <i>loud</i>", "Replace hose", "UTC+0800"):
        assert part in text, part
    assert ("Sign-off" if language == "en" else "签字确认") in text
    record = msgspec.json.decode(reader.attachments["record.json"][0], type=list[Entry])
    assert first_break(record) is None
    assert record[-1].link == files.chain
    assert sum(len(page.images) for page in reader.pages) >= 5


def test_the_page_needs_nothing_and_runs_nothing(made: tuple[str, ReportFiles]) -> None:
    language, files = made
    page = files.html.decode()
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page
    assert "Coolant &lt;script&gt;" in page
    assert re.findall(r"<script(?! type=\"application/json\")", page) == []
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert page.count('src="data:image/jpeg;base64,') == 3
    found = re.search(r'id="record">(.*?)</script>', page)
    assert found is not None
    record = msgspec.json.decode(found[1], type=list[Entry])
    assert first_break(record) is None
    assert record[-1].link == files.chain


def test_the_same_report_is_the_same_file() -> None:
    assert make_report(full_report(1), "en", KEY) == make_report(full_report(1), "en", KEY)


def test_a_report_of_nothing_is_a_report() -> None:
    bare = replace(full_report(0), visits=(), steps=(), open_items=(), signatures=())
    page = make_report(bare, "en", KEY).html.decode()
    assert "Not signed off yet." in page
    assert "Nothing was left open." in page


def test_markup_of_either_kind_stays_text() -> None:
    hostile = '#read("/etc/passwd") $x$ *b* \\ </script><img src=x onerror=alert(1)> @a <l> // /*'
    report = full_report(1)
    step = replace(report.steps[0], title=hostile, note=hostile, done_by=hostile, value=hostile, expected=hostile)
    still = replace(report.stills[0], caption=hostile)
    files = make_report(replace(report, title=hostile, steps=(step,), stills=(still,)), "en", KEY)
    page = files.html.decode()
    assert "<img src=x" not in page
    assert page.count("</script>") == 1
    assert "onerror" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(files.pdf)).pages)


def test_times_are_the_zones() -> None:
    report = replace(full_report(0), time_zone="America/New_York", made_at_ms=AT_MS)
    assert "UTC-0500" in make_report(report, "en", KEY).html.decode()
