"""Hubs of a node: whoever comes while a hub opens finds what was said meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import msgspec
import pytest

from collab.livestream.hand_repository import HandRepository
from collab.livestream.hub_ops import AnyOp, PutMessage, Told
from collab.livestream.hub_repository import HubRepository
from collab.livestream.hubs import METHOD, HubsOfAllNodes
from collab.livestream.life import LifeState
from collab.livestream.models import MessageState
from collab.livestream.records import Message
from collab.livestream.repository import LivestreamRepository
from collab.livestream.values import ChatSettings, Livestream
from rooms.core.stage_audience import StageForAudience
from rooms.core.stage_model import Layout, StagePhase
from rooms.ports import Bus

pytestmark = pytest.mark.timeout(20)

SAID = Message(id="m", room="", viewer_id="v", name="Li", role="", text="Hello", at_ms=1, state=MessageState.SHOWN)
TAKEN_BACK = msgspec.structs.replace(SAID, state=MessageState.GONE)
REHEARSED = StageForAudience(StagePhase.REHEARSAL, Layout.SOLO)
LIVE = StageForAudience(StagePhase.LIVE, Layout.SOLO, live_at_ms=5)


class Kept:
    """What hubs read from SQL, when the test lets it be read."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.state = LifeState.REHEARSAL

    async def get(self, livestream_id: str) -> Livestream:
        nothing = dict.fromkeys(Livestream.__struct_fields__, "")
        known = {"id": livestream_id, "state": self.state, "chat": ChatSettings(), "groups": (), "trashed_at_ms": 0}
        return Livestream(**nothing | known)  # type: ignore[arg-type]

    async def load(self, _livestream_id: str, _rooms: Sequence[str]) -> list[AnyOp]:
        self.asked.set()
        await self.may_answer.wait()
        return [PutMessage(SAID)]

    async def write(self, *_: object) -> None: ...


class OneNode:
    """A bus without another node, and the list of nodes."""

    node = "a"

    def __init__(self) -> None:
        self.told: Callable[[bytes], Awaitable[bytes]] | None = None

    def serve(self, method: str, handler: Callable[[bytes], Awaitable[bytes]]) -> None:
        assert method == METHOD
        self.told = handler

    async def nodes(self) -> list[str]:
        return [self.node]


async def test_a_hub_hears_while_it_opens() -> None:
    kept, bus = Kept(), OneNode()
    hubs = HubsOfAllNodes(
        cast("LivestreamRepository", kept),
        cast("HubRepository", kept),
        cast("HandRepository", kept),
        bus,
        cast("Bus", bus),
    )

    # given a hub that is being opened during a rehearsal
    await hubs.stage("l", REHEARSED)
    opening = asyncio.create_task(hubs.open("l"))
    await kept.asked.wait()

    # when the livestream begins, and another node says that a message was taken back, before SQL has answered
    kept.state = LifeState.LIVE
    await hubs.stage("l", LIVE)
    assert bus.told is not None
    await bus.told(msgspec.msgpack.encode(Told("l", (PutMessage(TAKEN_BACK),))))
    kept.may_answer.set()
    hub = await opening

    # then it knows of all that
    assert msgspec.json.decode(hub.state.stage, type=StageForAudience) == LIVE
    assert hub.state.phase is LifeState.LIVE
    assert hub.state.messages["m"].state is MessageState.GONE
    await hubs.close()
