"""Time zones by name.  The database of zones is read from disk, so that happens in a thread, once for each zone."""

from __future__ import annotations

import asyncio
import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOME: Final = "Asia/Shanghai"
KEPT_MAX: Final = 700  # there are about 600

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_known: dict[str, ZoneInfo] = {}


async def zone(name: str) -> ZoneInfo | None:
    """None for what is no zone."""
    if (found := _known.get(name)) is not None:
        return found
    if not _NAME.fullmatch(name):
        return None
    try:
        found = await asyncio.to_thread(ZoneInfo, name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None
    if len(_known) < KEPT_MAX:
        _known[name] = found
    return found


async def zone_or_home(name: str) -> ZoneInfo:
    found = await zone(name) or await zone(HOME)
    if found is None:
        raise RuntimeError(f"the time zones lack {HOME}")
    return found
