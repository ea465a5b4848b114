"""The hubs of this node, and those of the others over the bus.

A hub opens with the first socket and closes some time after the last.  What one node does is told to all: every hub of
the same livestream applies it.  The bus may lose a word while Redis is away: the state then comes from SQL when a hub
opens, and with the next change of the same thing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from collab.clock import now_ms
from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.ports import Bus, RemoteRefused, StoreUnavailable
from rooms.tasks import TaskOwner

from .hand_repository import HandRepository
from .hub import OPS_AT_ONCE, Hub
from .hub_ops import AnyOp, AskStage, PutHand, Reload, SetBan, Spoken, Staged, Told, told_decoder
from .hub_repository import HubRepository
from .models import HandState
from .records import SpokenLine
from .repository import LivestreamRepository
from .values import Livestream

METHOD: Final = "collab.livestream_hub"
CALL_MAX_MS: Final = 3_000
NODES_KEPT_MS: Final = 2_000
EMPTY_KEPT_MS: Final = 30_000
STAGES_KEPT_MAX: Final = 1_000
STAGE_MAX_BYTES: Final = 65_536

log = structlog.get_logger("livestreams")


class Nodes(Protocol):
    """rooms/store/presence.py."""

    async def nodes(self) -> list[str]: ...


class HubsOfAllNodes:
    """Each node is told of a ban and ends its own media of that viewer."""

    def __init__(
        self,
        livestreams: LivestreamRepository,
        repository: HubRepository,
        hands: HandRepository,
        nodes: Nodes,
        bus: Bus,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._livestreams = livestreams
        self._repository = repository
        self._hands = hands
        self._nodes = nodes
        self._bus = bus
        self._clock_ms = clock_ms
        self._hubs: dict[str, Hub] = {}
        self._loading: dict[str, Hub] = {}  # they hear already, so that nothing said meanwhile is missed
        self._opening: dict[str, asyncio.Lock] = {}
        self._stages: dict[str, bytes] = {}  # of rooms of this node
        self._others: tuple[int, list[str]] = (0, [])
        self._tasks = TaskOwner()
        self.cut: Callable[[str, str], Awaitable[None]] | None = None  # (room, viewer): ends their media on this node
        self.send_away: Callable[[str, str], Awaitable[None]] | None = None  # (room, identity): off the stage
        bus.serve(METHOD, self._told)

    async def close(self) -> None:
        for hub in self._hubs.values():
            for seat in list(hub.seats):
                hub.close_seat(seat, Code.MOVED)
        await self._tasks.close()

    @property
    def sockets(self) -> int:
        return sum(len(hub.seats) for hub in self._hubs.values())

    # ------------------------------------------------------------ for sockets

    async def open(self, livestream_id: str) -> Hub:
        """Raises NOT_FOUND."""
        hub = self._hubs.get(livestream_id)
        if hub is not None:
            return hub
        lock = self._opening.setdefault(livestream_id, asyncio.Lock())
        async with lock:
            hub = self._hubs.get(livestream_id)
            if hub is None:
                hub = await self._load(livestream_id)
                self._hubs[livestream_id] = hub
                self._tasks.start(self._run(hub), f"hub {livestream_id}")
        self._opening.pop(livestream_id, None)
        return hub

    async def _load(self, livestream_id: str) -> Hub:
        hub = Hub(
            await self._known(livestream_id),
            self._bus.node,
            self._repository,
            self._hands,
            self._clock_ms,
            self._forward,
            self._cut,
            self._send_away,
        )
        if stage := self._stages.get(livestream_id):
            hub.heard(Staged(stage))
        self._loading[livestream_id] = hub
        try:
            await hub.load()
            hub.settle(await self._known(livestream_id))  # it may have changed before the hub heard anything
        finally:
            del self._loading[livestream_id]
        return hub

    async def _known(self, livestream_id: str) -> Livestream:
        livestream = await self._livestreams.get(livestream_id)
        if livestream is None or livestream.trashed_at_ms:
            raise Refusal(Code.NOT_FOUND, "no such livestream")
        return livestream

    def _cut(self, livestream_id: str, viewer_id: str) -> None:
        self._tasks.start(self._end_media(livestream_id, viewer_id), f"cut {viewer_id}")

    async def _send_away(self, livestream_id: str, identity: str) -> None:
        livestream = await self._livestreams.get(livestream_id)
        if livestream is not None and self.send_away is not None:
            await self.send_away(livestream.room_id, identity)

    async def _end_media(self, livestream_id: str, viewer_id: str) -> None:
        livestream = await self._livestreams.get(livestream_id)
        if livestream is not None and self.cut is not None:
            await self.cut(livestream.room_id, viewer_id)

    async def _run(self, hub: Hub) -> None:
        running = asyncio.create_task(hub.run())
        try:
            while True:
                done, _ = await asyncio.wait([running], timeout=EMPTY_KEPT_MS / 3_000)
                if done:
                    return
                if not hub.seats and self._clock_ms() - hub.empty_since_ms > EMPTY_KEPT_MS:
                    return
        finally:
            self._hubs.pop(hub.livestream.id, None)
            running.cancel()
            await asyncio.wait([running])

    # ------------------------------------------------------------ service.Hubs, watching.Hubs, the broadcaster

    async def changed(self, livestream_id: str) -> None:
        await self._tell(livestream_id, [Reload()])

    async def hand(self, livestream_id: str, viewer_id: str) -> None:
        hand = await self._hands.get(livestream_id, viewer_id)
        if hand is not None:
            await self._tell(livestream_id, [PutHand(hand)])

    async def stage(self, livestream_id: str, stage: msgspec.Struct) -> None:
        """What the audience is told of the stage, on whose room's node this is."""
        encoded = msgspec.json.encode(stage)
        if len(encoded) > STAGE_MAX_BYTES:
            log.error("stage_too_large", livestream=livestream_id, size_bytes=len(encoded))
            return
        self._stages.pop(livestream_id, None)
        self._stages[livestream_id] = encoded
        while len(self._stages) > STAGES_KEPT_MAX:
            del self._stages[next(iter(self._stages))]
        await self._tell(livestream_id, [Staged(encoded)])

    async def spoken(self, livestream_id: str, lines: Sequence[SpokenLine]) -> None:
        """What is said on the stage, on whose room's node this is."""
        await self._tell(livestream_id, [Spoken(tuple(lines))])

    async def all_down(self, livestream_id: str) -> None:
        """The livestream is over: whoever was brought up is in the audience again."""
        for hand in await self._hands.up(livestream_id):
            down = msgspec.structs.replace(hand, state=HandState.DOWN, at_ms=self._clock_ms())
            await self._hands.put(livestream_id, down)
            await self._tell(livestream_id, [PutHand(down)])

    # ------------------------------------------------------------ nodes

    async def _tell(self, livestream_id: str, ops: Sequence[AnyOp]) -> None:
        await self._heard(livestream_id, ops)
        await self._forward(livestream_id, ops)

    async def _heard(self, livestream_id: str, ops: Sequence[AnyOp]) -> None:
        hub = self._hubs.get(livestream_id) or self._loading.get(livestream_id)
        for op in ops:
            if isinstance(op, AskStage):
                if stage := self._stages.get(livestream_id):
                    await self._forward(livestream_id, [Staged(stage)])
            elif hub is None:
                if isinstance(op, SetBan) and op.on:
                    self._cut(livestream_id, op.viewer_id)
            elif isinstance(op, Reload):
                if livestream := await self._livestreams.get(livestream_id):
                    hub.settle(livestream)
            else:
                hub.heard(op)

    async def _forward(self, livestream_id: str, ops: Sequence[AnyOp]) -> None:
        """To every other node, in order; best effort."""
        for node in await self._other_nodes():
            for start in range(0, len(ops), OPS_AT_ONCE):
                told = Told(livestream_id, tuple(ops[start : start + OPS_AT_ONCE]))
                try:
                    await self._bus.call(node, METHOD, msgspec.msgpack.encode(told), CALL_MAX_MS)
                except (TimeoutError, RemoteRefused, StoreUnavailable) as error:
                    log.warning("hub_not_told", livestream=livestream_id, node=node, cause=repr(error))
                    break

    async def _other_nodes(self) -> list[str]:
        at_ms, nodes = self._others
        if self._clock_ms() - at_ms > NODES_KEPT_MS:
            try:
                nodes = [node for node in await self._nodes.nodes() if node != self._bus.node]
            except StoreUnavailable as error:
                log.warning("hub_nodes_unknown", cause=repr(error))
            self._others = (self._clock_ms(), nodes)
        return nodes

    async def _told(self, payload: bytes) -> bytes:
        told = told_decoder.decode(payload)
        await self._heard(told.livestream_id, told.ops)
        return b""
