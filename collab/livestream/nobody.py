"""Hubs where nobody watches: in workers, and in tests of what is beside them."""

from __future__ import annotations


class NoHubs:
    async def changed(self, livestream_id: str) -> None: ...

    async def hand(self, livestream_id: str, viewer_id: str) -> None: ...
