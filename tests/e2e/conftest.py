"""What every browser test starts from; the server is the fixture of tests/conftest.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from collab.certificates import self_signed_certificate
from tests.support.chromium import open_chromium

expect.set_options(timeout=60_000)  # a machine that does much else at once is slow, not wrong


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """One Chromium with a small fake camera; a context each for its people."""
    async with open_chromium(tmp_path) as browser:
        yield browser


@pytest.fixture
def pem(tmp_path: Path) -> tuple[Path, Path]:
    """A relay's certificate and key."""
    (tmp_path / "pem").mkdir()
    return self_signed_certificate(tmp_path / "pem")
