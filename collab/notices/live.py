"""The open pages of people, on every node: this one's over its sockets, the others' over the bus.

Best effort: a page that misses a word asks for the truth when it connects again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from rooms.ports import Bus, RemoteRefused, StoreUnavailable
from signaling.desk_messages import DeskMessage, Inbox

from .repository import Count
from .word import Word

METHOD: Final = "collab.tell_pages"
OPEN_METHOD: Final = "collab.open_pages"
CALL_MAX_MS: Final = 3_000
TOLD_AT_ONCE: Final = 500  # people in one call to another node

log = structlog.get_logger("notices")


class Nodes(Protocol):
    """rooms/store/presence.py."""

    async def nodes(self) -> list[str]: ...


class Sockets(Protocol):
    """signaling/websocket.py."""

    def tell_identity(self, identity_id: str, message: DeskMessage) -> int: ...

    def open_identities(self, identity_ids: Collection[str]) -> set[str]: ...


class NoSockets:
    """Of a process that works only."""

    def tell_identity(self, identity_id: str, message: DeskMessage) -> int:
        return 0

    def open_identities(self, identity_ids: Collection[str]) -> set[str]:
        return set()


class PagesOfAllNodes:
    def __init__(self, sockets: Sockets, nodes: Nodes, bus: Bus) -> None:
        self._sockets = sockets
        self._nodes = nodes
        self._bus = bus
        bus.serve(METHOD, self._asked)
        bus.serve(OPEN_METHOD, self._asked_open)

    async def count(self, counts: Sequence[Count]) -> None:
        await self.tell([Word(one.account_id, Inbox(unread=one.unread, newest=one.newest)) for one in counts])

    async def tell(self, words: Sequence[Word]) -> None:
        self._tell_here(words)
        try:
            others = [node for node in await self._nodes.nodes() if node != self._bus.node]
        except StoreUnavailable as error:
            log.warning("pages_not_told", cause=repr(error))
            return
        for start in range(0, len(words) if others else 0, TOLD_AT_ONCE):
            payload = msgspec.msgpack.encode(list(words[start : start + TOLD_AT_ONCE]))
            await asyncio.gather(*(self._call(node, payload) for node in others))

    async def open(self, identities: Collection[str]) -> frozenset[str]:
        """Who of these has a page open on some node.  Of a node that does not answer nobody is told."""
        here = self._sockets.open_identities(identities)
        try:
            others = [node for node in await self._nodes.nodes() if node != self._bus.node]
        except StoreUnavailable as error:
            log.warning("pages_not_asked", cause=repr(error))
            return frozenset(here)
        payload = msgspec.msgpack.encode(list(identities))
        found = await asyncio.gather(*(self._ask(node, payload) for node in others))
        return frozenset(here.union(*found))

    async def _ask(self, node: str, payload: bytes) -> list[str]:
        try:
            answer = await self._bus.call(node, OPEN_METHOD, payload, CALL_MAX_MS)
            return msgspec.msgpack.decode(answer, type=list[str])
        except (TimeoutError, RemoteRefused, StoreUnavailable, msgspec.DecodeError) as error:
            log.warning("pages_not_asked", node=node, cause=repr(error))
            return []

    async def _asked_open(self, payload: bytes) -> bytes:
        asked = msgspec.msgpack.decode(payload, type=list[str])
        return msgspec.msgpack.encode(sorted(self._sockets.open_identities(asked)))

    async def _call(self, node: str, payload: bytes) -> None:
        try:
            await self._bus.call(node, METHOD, payload, CALL_MAX_MS)
        except (TimeoutError, RemoteRefused, StoreUnavailable) as error:
            log.warning("pages_not_told", node=node, cause=repr(error))

    async def _asked(self, payload: bytes) -> bytes:
        self._tell_here(msgspec.msgpack.decode(payload, type=list[Word]))
        return b""

    def _tell_here(self, words: Sequence[Word]) -> None:
        for word in words:
            self._sockets.tell_identity(word.identity, word.message)
