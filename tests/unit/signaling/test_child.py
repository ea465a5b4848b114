"""A process of ours that says nothing: left alone while it waits in reserve, ended when it should speak."""

from __future__ import annotations

import asyncio
import signal

from signaling.child import ChildProcess
from signaling.restream import wire
from tests.support.waiting import until


async def test_one_that_is_silent_is_ended_once_it_is_listened_to() -> None:
    child = await ChildProcess.open("signaling.restream", wire.LINE_MAX_BYTES)  # it waits for its first line
    assert not child.kill_if_silent(-1.0)
    hearing = asyncio.create_task(child.hear(wire.decode_report, lambda _report: None))
    await until(lambda: child.kill_if_silent(0.0))
    assert await hearing == -signal.SIGKILL
