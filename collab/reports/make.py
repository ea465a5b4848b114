"""A report's files: its pictures burned, chained, set as PDF and HTML, sealed.  Pure but for a temporary folder.

It takes a second or two of CPU: call it in a process or thread of its own, never in the event loop.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .chain import chain_of
from .content import Report, ReportFiles
from .page import page_of
from .pdf import pdf_of
from .pictures import burn, drawn_signature
from .seal import sealed
from .sheet import picture_file, sheet_of, signature_file


def make_report(report: Report, language: str, key: Ed25519PrivateKey) -> ReportFiles:
    """`language` is "en" or "zh".  Raises BadPicture."""
    shown = {still.id: burn(still) for still in report.stills}
    chain = chain_of(report, shown)
    sheet = sheet_of(report, chain, language)
    files = {picture_file(number): shown[still.id] for number, still in enumerate(report.stills, 1)}
    for number, signature in enumerate(report.signatures, 1):
        files[signature_file(number)] = drawn_signature(signature)
    end = chain[-1].link
    return ReportFiles(
        pdf=sealed(pdf_of(sheet, chain, files, report.made_at_ms), end, key),
        html=sealed(page_of(sheet, chain, files), end, key),
        chain=end,
    )
