"""Ends the live connections of a person on all nodes (ports.Connections)."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import msgspec
import structlog
from msgspec import Struct

from rooms.core.codes import Code
from rooms.ports import Bus, RemoteRefused, StoreUnavailable

from .remembered import RememberedSessions

METHOD: Final = "collab.close_identity"
CALL_MAX_MS = 3_000

log = structlog.get_logger("accounts")


class Nodes(Protocol):
    """rooms/store/presence.py."""

    async def nodes(self) -> list[str]: ...


class LocalConnections(Protocol):
    """signaling/websocket.py and others that hold connections of this node."""

    def close_identity(self, identity_id: str, code: Code, sign_in: str = "") -> int: ...


class Ended(Struct, frozen=True):
    identity: str
    code: Code
    sign_in: str = ""


class ConnectionsOfAllNodes:
    def __init__(self, local: LocalConnections, sessions: RememberedSessions, nodes: Nodes, bus: Bus) -> None:
        self._local = local
        self._sessions = sessions
        self._nodes = nodes
        self._bus = bus
        bus.serve(METHOD, self._asked)

    async def close_identity(self, identity: str, code: Code, sign_in: str = "") -> None:
        """This node's at once; one that cannot be reached is logged."""
        ended = Ended(identity, code, sign_in)
        self._end_here(ended)
        payload = msgspec.msgpack.encode(ended)
        others = [node for node in await self._nodes.nodes() if node != self._bus.node]
        await asyncio.gather(*(self._call(node, payload) for node in others))

    async def _call(self, node: str, payload: bytes) -> None:
        try:
            await self._bus.call(node, METHOD, payload, CALL_MAX_MS)
        except (TimeoutError, RemoteRefused, StoreUnavailable) as error:
            log.warning("connections_not_closed", node=node, cause=repr(error))

    async def _asked(self, payload: bytes) -> bytes:
        ended = msgspec.msgpack.decode(payload, type=Ended)
        self._end_here(ended)
        return b""

    def _end_here(self, ended: Ended) -> None:
        self._sessions.forget(ended.identity)
        self._local.close_identity(ended.identity, ended.code, ended.sign_in)
