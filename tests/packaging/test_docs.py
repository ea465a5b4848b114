"""Documents that point at each other and at the code point at things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.suite import ROOT

LEFT_OUT = {".venv", "build", "dist", "node_modules", ".git"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not LEFT_OUT & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert broken == []


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for document in DOCUMENTS for word in re.findall(r"`make ([a-z-]+)", document.read_text())}

    assert named - targets == set()
