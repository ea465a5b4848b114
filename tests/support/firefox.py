"""Debian's Firefox as a participant, driven over WebDriver BiDi by puppeteer-core (firefox.mjs)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any  # what a page evaluates to can be any JSON value

HERE = Path(__file__).parent
FRONT_END = HERE.parents[1] / "static"
REPLY_TIMEOUT_S = 60


class FirefoxError(Exception):
    """What the page or the driver said."""


class Firefox:
    """One browser with one page."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.version = ""

    async def ask(self, name: str, argument: object) -> Any:
        """One command of firefox.mjs; FirefoxError with its words when it fails."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({name: argument}).encode() + b"\n")
        return await self.reply()

    async def reply(self) -> Any:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), REPLY_TIMEOUT_S)
        if not line:
            raise FirefoxError("the driver ended; is firefox-esr installed and `npm ci` done in static/?")
        answer = json.loads(line)
        if "error" in answer:
            raise FirefoxError(answer["error"])
        return answer["value"]


@contextlib.asynccontextmanager
async def open_firefox(command: Sequence[str] = ()) -> AsyncIterator[Firefox]:
    """`command` wraps the start, for instance ("ip", "netns", "exec", "NAME")."""
    executable = shutil.which("firefox-esr")
    if executable is None:
        raise FirefoxError("firefox-esr is missing; `make test` installs it")
    process = await asyncio.create_subprocess_exec(
        *command,
        "node",
        str(HERE / "firefox.mjs"),
        str(FRONT_END),
        executable,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    firefox = Firefox(process)
    try:
        firefox.version = await firefox.reply()
        yield firefox
    finally:
        if process.returncode is None:
            assert process.stdin is not None
            with contextlib.suppress(ConnectionError):
                process.stdin.write(b'{"close": true}\n')
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()
