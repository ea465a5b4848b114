"""Rules on imports that name files rather than packages; the others are import-linter contracts in pyproject.toml."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.suite import ROOT

PACKAGES = ("collab", "rooms", "signaling")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

EDGE_FILES = {
    "app.py",
    "cli.py",
    "http.py",
    "provider_http.py",
    "push_http.py",
    "rtmp_http.py",
    "testguest.py",
    "websocket.py",
    "whip.py",
}
EDGE_FOLDERS = {ROOT / "collab" / "edge"}

# Logic that takes bytes or commands and `now`: it neither waits, nor reads clocks, nor draws random numbers.
SANS_IO = ("signaling/session.py", "signaling/messages.py", "signaling/commands.py")
IMPURE = {"aiohttp", "asyncio", "random", "redis", "secrets", "socket", "ssl", "subprocess", "threading", "time"}


def test_aiohttp_stays_in_the_edge_files() -> None:
    intruders = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "aiohttp" in _imports(path) and path.name not in EDGE_FILES and not EDGE_FOLDERS & set(path.parents)
    ]
    assert intruders == []


@pytest.mark.parametrize("file", SANS_IO)
def test_sans_io_files_import_nothing_that_acts(file: str) -> None:
    assert _imports(ROOT / file) & IMPURE == set()


def test_no_file_has_grown_past_its_noun() -> None:
    """Six hundred lines is where a file must have been split (docs/development.md)."""
    native = sorted((ROOT / "signaling" / "sfu").rglob("*.[ch]")) + sorted((ROOT / "signaling").rglob("*.pyx"))
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*SOURCES, *native]
        if path.name != "_sfu.c" and (lines := len(path.read_text().splitlines())) > 600
    }
    assert long == {}


def _imports(path: Path) -> set[str]:
    """Top-level names of the modules that the file imports outside of `if TYPE_CHECKING`."""
    found: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text())]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            pending.extend(ast.iter_child_nodes(node))
    return found
