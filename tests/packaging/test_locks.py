"""The locks say exactly what is installed, and name no place it comes from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.suite import ROOT, STATIC

LOCKS = ROOT / "deploy" / "requirements"
NAMES = ("runtime", "build", "node", "dev")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {"runtime": PROJECT["project"]["dependencies"], **PROJECT["dependency-groups"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    blocks = [block for block in re.split(r"\n(?=[^\s#])", text) if block.strip()]

    assert all(re.search(r"^[^\s]+==\S+", block) and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)  # no option such as an index


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_satisfies_pyproject(name: str) -> None:
    locked = _locked(LOCKS / f"{name}.txt")

    missing = [
        wanted
        for wanted in map(Requirement, WANTED[name])
        if not any(wanted.specifier.contains(version) for version in locked.get(canonicalize_name(wanted.name), ()))
    ]

    assert missing == [], "run `make lock`"


def test_the_locks_agree_with_each_other() -> None:
    chosen: dict[str, set[str]] = {}
    for name in NAMES:
        for package, versions in _locked(LOCKS / f"{name}.txt").items():
            chosen.setdefault(package, set()).add(",".join(sorted(versions)))

    assert {package: versions for package, versions in chosen.items() if len(versions) > 1} == {}


def test_the_npm_lock_has_exact_versions_with_integrity_and_no_address() -> None:
    text = (STATIC / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    named = json.loads((STATIC / "package.json").read_text())

    assert '"resolved"' not in text
    assert all(entry.get("integrity") for path, entry in packages.items() if path)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+\S*", wanted) for wanted in _npm_versions(named))


def _npm_versions(package: dict[str, dict[str, str]]) -> list[str]:
    return [*package.get("dependencies", {}).values(), *package.get("devDependencies", {}).values()]


def _locked(path: Path) -> dict[str, list[str]]:
    """Package name -> versions; a universal lock can hold one version for each Python."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", path.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found
