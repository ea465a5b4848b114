"""The process that makes films says nothing but reports on its stdout, whatever lies in the folder."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("flags", [(), ("--sound",)])
async def test_what_cannot_be_read_is_left_out(tmp_path: Path, flags: tuple[str, ...]) -> None:
    for name in ("part-001.mp4", "film.mp4"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 40)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "collab.recordings.finishing", *flags, str(tmp_path), "Weekly",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, logged = await process.communicate()
    assert process.returncode == 0, logged
    assert said == b"{}\n"
    assert b"cannot be read" in logged
