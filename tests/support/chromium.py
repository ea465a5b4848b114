"""Debian's Chromium with a fake camera and microphone, driven by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.support.test_card import write_test_card

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the tests may run as root, where Chromium refuses its sandbox
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
)


@contextlib.asynccontextmanager
async def open_chromium(
    folder: Path, *, flags: Sequence[str] = (), command: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """One browser; give every participant a context of its own (`browser.new_context()`).

    `folder` takes the picture of the fake camera.  `command` wraps the start, for instance
    ("ip", "netns", "exec", "NAME").
    """
    camera = write_test_card(folder / "camera.y4m")
    executable = _executable()
    if command:
        wrapper = folder / "chromium-wrapped"
        wrapper.write_text(f'#!/bin/sh\nexec {" ".join(command)} {executable} "$@"\n')
        wrapper.chmod(0o755)
        executable = str(wrapper)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=[*FLAGS, f"--use-file-for-fake-video-capture={camera}", *flags],
        )
        try:
            yield browser
        finally:
            await browser.close()


def _executable() -> str:
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("chromium is missing; `make test` installs it")
    return found
