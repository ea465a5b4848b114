"""Test guests for `tongxin guest`: so that someone alone can try a meeting."""

from __future__ import annotations

import asyncio

import aiohttp

from collab.config import Settings
from collab.problems import FieldFault, StartFailure, invalid
from signaling.testguest import GuestRefused, TestGuest

GUESTS_MAX = 50


async def send_guests(settings: Settings, room: str, count: int, name: str, url: str) -> None:
    """Until interrupted or the meeting ends.  `room` is a code or a link.  Raises StartFailure."""
    if not 1 <= count <= GUESTS_MAX:
        raise invalid(count=FieldFault.INVALID)
    base, _, code = room.strip().rpartition("/m/")
    base = url or base or settings.public_url or f"http://localhost:{settings.http_port}"
    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, count + 1):
                guest = TestGuest(base, code, name or f"Test guest {number}")
                tasks.create_task(guest.run())
    except ExceptionGroup as group:
        cause = group.exceptions[0]
        if not isinstance(cause, aiohttp.ClientError | OSError | TimeoutError | GuestRefused):
            raise
        raise StartFailure(f"The test guest could not stay in {base}/m/{code} ({cause}).") from group
