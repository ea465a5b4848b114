"""The wheel is all that a server needs: an empty environment, no Node.js, no compiler, no sources."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.suite import ROOT
from tests.support.server import Tongxin

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]

LOCK = ROOT / "deploy" / "requirements" / "runtime.txt"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tree, so that nothing is compiled over what runs here."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    leave = shutil.ignore_patterns(
        *(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__"),
        *("build", "data", "dist", "node_modules", "*.so", "*.egg-info"),
    )
    shutil.copytree(ROOT, tree, ignore=leave)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(tree)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the locked packages and the wheel, nothing else."""
    folder = tmp_path_factory.mktemp("installation")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True, capture_output=True)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    return folder / "bin"


@pytest.fixture
def server(installation: Path, tmp_path: Path) -> Iterator[Tongxin]:
    """Started where no program but the installation's own is found, and far from the sources."""
    environment = {"PATH": str(installation), "PYTHONPATH": "", "VIRTUAL_ENV": ""}
    with Tongxin(tmp_path / "server", executable=installation / "tongxin", environment=environment) as running:
        yield running


def test_the_wheel_holds_the_page_the_core_and_the_migrations_but_no_sources(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "collab/web/index.html" in names
    assert any(name.startswith("signaling/sfu/_sfu.") and name.endswith(".so") for name in names)
    assert any("migrations/versions/" in name for name in names)
    assert [name for name in names if name.endswith((".c", ".h", ".pxd", ".pyx", ".ts", ".tsx", ".pyc", ".map"))] == []
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"collab", "rooms", "signaling", "tongxin"}


def test_an_installed_server_starts_answers_and_ends_cleanly(server: Tongxin) -> None:
    page = _get(server.url + "/")
    health = _get(server.url + "/healthz")

    assert b'<div id="' in page or b"<script" in page
    assert health
    assert server.setup_link is not None
    assert server.stop() == 0


def test_a_second_start_on_the_same_data_keeps_the_generated_keys(installation: Path, tmp_path: Path) -> None:
    folder, executable = tmp_path / "server", installation / "tongxin"
    with Tongxin(folder, executable=executable, arguments=["--self-signed"]):
        made = {key: key.read_bytes() for key in (folder / "data").glob("*.key")}

    with Tongxin(folder, executable=executable, arguments=["--self-signed"]) as again:
        assert _get(again.url + "/healthz")

    assert made
    assert {key: key.read_bytes() for key in (folder / "data").glob("*.key")} == made
    assert not any(key.stat().st_mode & 0o077 for key in made)


def test_the_core_links_nothing_but_the_system(installation: Path) -> None:
    """A wheel that needs a library of the build machine would start nowhere else."""
    (core,) = installation.parent.glob("lib/python3*/site-packages/signaling/sfu/_sfu.*.so")
    listed = subprocess.run(["ldd", str(core)], check=True, capture_output=True, text=True, env=dict(os.environ)).stdout
    names = {line.split()[0].partition(".so")[0] for line in listed.splitlines() if line.strip()}

    assert "not found" not in listed
    assert names <= {
        "libcrypto",
        "libc",
        "libm",
        "libpthread",
        "linux-vdso",
        "/lib64/ld-linux-x86-64",
        "/lib/ld-linux-aarch64",
    }


def _get(url: str) -> bytes:
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    with urllib.request.urlopen(url, timeout=10, context=anyone) as response:
        assert response.status == 200
        body: bytes = response.read()
        return body
